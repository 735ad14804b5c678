//! Asking the cloud for the images of selector terms.

use alibaba_sdk::cs::{CsApi, DescribeKubernetesVersionMetadata};
use alibaba_sdk::ecs::{self, DescribeImageFromFamily, DescribeImages, EcsApi};
use alibaba_sdk::error::{ErrorKind, SdkError};

use super::select::{self, AliasError};
use crate::api::conditions::{IMAGES_READY, Verdict};
use crate::api::selectors::{ImageSelectorTerm, is_placeholder};
use crate::api::status::ImageStatus;
use crate::cluster::ClusterFacts;
use crate::network::discover::{no_match, placeholder, tag_filters};
use crate::network::select::note;

/// What a person can do about terms without an image.
const FIX: &str = "correct the terms to name Linux images that exist in the region and are visible to the account";

/// Who is asked, and about which cluster.
#[derive(Clone, Copy)]
pub struct Registry<'a> {
    /// Images.
    pub ecs: &'a dyn EcsApi,
    /// Images made for clusters.
    pub cs: &'a dyn CsApi,
    /// Cluster nodes join.
    pub cluster: &'a ClusterFacts,
    /// Region.
    pub region: &'a str,
}

/// Images of a class and what to say about them.
#[derive(Debug, Clone, PartialEq)]
pub struct Resolved {
    /// Images in order of preference.
    pub images: Vec<ImageStatus>,
    /// Condition to set.
    pub verdict: Verdict,
}

/// Resolves all `terms`, in order.
///
/// # Errors
/// The first call that failed.
///
/// Source: Alibaba actions DescribeImages, DescribeImageFromFamily, DescribeKubernetesVersionMetadata.
pub async fn images(
    registry: Registry<'_>,
    terms: &[ImageSelectorTerm],
) -> Result<Resolved, SdkError> {
    let (mut found, mut notes, mut bad_alias) = (vec![], vec![], None);
    for (position, term) in terms.iter().enumerate() {
        let name = format!("imageSelectorTerms[{position}]");
        match term_images(registry, &name, term).await {
            Ok(images) if images.is_empty() => {
                notes.push(no_match(&name, &named(term), term.tags.as_ref()));
            }
            Ok(images) => found.push(images),
            Err(Missing::Placeholder(text)) => notes.push(text),
            Err(Missing::Alias(error)) => {
                notes.push(format!("{name}: {error}"));
                bad_alias.get_or_insert(error);
            }
            Err(Missing::Call(error)) => return Err(error),
        }
    }
    let images = select::join(found);
    let verdict = judge(&images, &notes, bad_alias.as_ref());
    Ok(Resolved { images, verdict })
}

fn judge(images: &[ImageStatus], notes: &[String], bad_alias: Option<&AliasError>) -> Verdict {
    match (images.is_empty(), bad_alias) {
        (false, _) => Verdict::ok(IMAGES_READY, note(notes)),
        (true, Some(AliasError::Unsupported(_))) => {
            Verdict::failed(IMAGES_READY, "UnsupportedAlias", note(notes))
        }
        (true, Some(AliasError::NoSuchVersion(_))) => {
            Verdict::failed(IMAGES_READY, "ImageVersionNotFound", note(notes))
        }
        (true, None) => Verdict::failed(
            IMAGES_READY,
            "ImagesNotFound",
            format!("no image matches the selector terms; {}; {FIX}", note(notes)),
        ),
    }
}

/// What a term asks for by name.
fn named(term: &ImageSelectorTerm) -> [(&str, Option<&str>); 5] {
    [
        ("id", term.id.as_deref()),
        ("imageFamily", term.image_family.as_deref()),
        ("name", term.name.as_deref()),
        ("imageOwnerAlias", term.image_owner_alias.map(|owner| owner.as_str())),
        ("imageOwnerID", term.image_owner_id.as_deref()),
    ]
}

/// Why a term has no images.
enum Missing {
    Placeholder(String),
    Alias(AliasError),
    Call(SdkError),
}

async fn term_images(
    registry: Registry<'_>,
    name: &str,
    term: &ImageSelectorTerm,
) -> Result<Vec<ImageStatus>, Missing> {
    if let Some(alias) = &term.alias {
        return of_alias(registry, alias).await;
    }
    if let Some(id) = term.id.as_deref().filter(|id| is_placeholder(id)) {
        return Err(Missing::Placeholder(placeholder(name, id)));
    }
    let is_family_alone =
        term.name.is_none() && term.image_owner_alias.is_none() && term.image_owner_id.is_none();
    let matches = match &term.image_family {
        Some(family) if is_family_alone && term.tags.is_none() => {
            let request = DescribeImageFromFamily { image_family: family.clone() };
            let answer = registry.ecs.describe_image_from_family(&request).await;
            answer.map(|answer| answer.image.into_iter().collect())
        }
        _ => ecs::images(registry.ecs, &request(term)).await,
    };
    matches.map(|matches| select::best_per_arch(&matches)).or_else(|error| match error.kind {
        ErrorKind::MissingReference | ErrorKind::NotFound => Ok(vec![]),
        _ => Err(Missing::Call(error)),
    })
}

fn request(term: &ImageSelectorTerm) -> DescribeImages {
    DescribeImages {
        image_id: term.id.iter().cloned().collect(),
        image_name: term.name.clone(),
        image_family: term.image_family.clone(),
        image_owner_alias: term.image_owner_alias.map(|owner| owner.as_str().to_owned()),
        image_owner_id: term.image_owner_id.clone(),
        os_type: Some("linux".to_owned()),
        tag: tag_filters(term.tags.as_ref()),
        ..DescribeImages::default()
    }
}

async fn of_alias(registry: Registry<'_>, alias: &str) -> Result<Vec<ImageStatus>, Missing> {
    let request = DescribeKubernetesVersionMetadata {
        region: registry.region.to_owned(),
        cluster_type: registry.cluster.cluster_type.clone(),
        kubernetes_version: Some(registry.cluster.version.clone()).filter(|v| !v.is_empty()),
        ..DescribeKubernetesVersionMetadata::default()
    };
    let versions = registry.cs.describe_kubernetes_version_metadata(&request).await;
    let versions = versions.map_err(Missing::Call)?;
    let offered = versions.first().map(|version| version.images.as_slice()).unwrap_or_default();
    select::of_alias(alias, offered).map_err(Missing::Alias)
}
