//! Choosing among images, without I/O.

use alibaba_sdk::cs::VersionImage;
use alibaba_sdk::ecs::Image;

use crate::api::status::ImageStatus;
use crate::time::to_jiff;

/// Families an alias may name, with the image types of the cluster service they stand for.
const ALIAS_FAMILIES: [(&str, &str); 2] =
    [("AlibabaCloudLinux3", "AliyunLinux3"), ("ContainerOS", "ContainerOS")];

/// The first image, in order of preference, that boots on `arch`; an image that does not say boots everywhere.
pub fn for_arch<'a>(images: &'a [ImageStatus], arch: &str) -> Option<&'a ImageStatus> {
    images.iter().find(|image| image.architecture.as_deref().is_none_or(|own| own == arch))
}

/// Value of `kubernetes.io/arch` for an architecture of the image service; `None` for those without nodes.
pub fn arch(architecture: &str) -> Option<&'static str> {
    match architecture {
        "x86_64" => Some("amd64"),
        "arm64" => Some("arm64"),
        _ => None,
    }
}

/// The best image of each architecture among the matches of one term, the best first.
///
/// Available images come before deprecated ones, then later before earlier, then by name descending.
pub fn best_per_arch(matches: &[Image]) -> Vec<ImageStatus> {
    let mut ranked: Vec<&Image> =
        matches.iter().filter(|i| arch(&i.architecture).is_some()).collect();
    ranked.sort_by(|a, b| {
        let available = |image: &Image| image.status == "Available";
        available(b)
            .cmp(&available(a))
            .then_with(|| b.creation_time.cmp(&a.creation_time))
            .then_with(|| b.image_name.cmp(&a.image_name))
            .then_with(|| a.image_id.cmp(&b.image_id))
    });
    let mut best: Vec<ImageStatus> = vec![];
    for image in ranked {
        let status = status_of(image);
        if !best.iter().any(|kept| kept.architecture == status.architecture) {
            best.push(status);
        }
    }
    best
}

fn status_of(image: &Image) -> ImageStatus {
    ImageStatus {
        id: image.image_id.clone(),
        name: Some(image.image_name.clone()).filter(|name| !name.is_empty()),
        architecture: arch(&image.architecture).map(str::to_owned),
        creation_time: image.creation_time.map(|at| to_jiff(at).to_string()),
    }
}

/// Joins the images of all terms in order, each image once.
pub fn join(terms: impl IntoIterator<Item = Vec<ImageStatus>>) -> Vec<ImageStatus> {
    let mut joined: Vec<ImageStatus> = vec![];
    for image in terms.into_iter().flatten() {
        if !joined.iter().any(|known| known.id == image.id) {
            joined.push(image);
        }
    }
    joined
}

/// Why an alias names no image.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AliasError {
    /// Nobody knows the family.
    #[error("alias {0:?} is not one of AlibabaCloudLinux3 or ContainerOS")]
    Unsupported(String),
    /// The family has no such version.
    #[error("alias {0:?} names a version that this cluster's Kubernetes version does not offer")]
    NoSuchVersion(String),
}

/// Images of `alias`, the newest of each architecture, among those the cluster service offers.
///
/// # Errors
/// [`AliasError`]; an empty list is [`AliasError::NoSuchVersion`].
///
/// Source: Alibaba action DescribeKubernetesVersionMetadata.
pub fn of_alias(alias: &str, offered: &[VersionImage]) -> Result<Vec<ImageStatus>, AliasError> {
    let (family, version) = alias.split_once('@').unwrap_or((alias, "latest"));
    let (_, image_type) = ALIAS_FAMILIES
        .into_iter()
        .find(|(name, _)| *name == family)
        .ok_or_else(|| AliasError::Unsupported(alias.to_owned()))?;
    let mut matches: Vec<&VersionImage> = offered
        .iter()
        .filter(|image| image.image_type.starts_with(image_type))
        .filter(|image| version == "latest" || release(&image.image_id) == Some(version))
        .collect();
    matches.sort_by(|a, b| {
        release(&b.image_id).cmp(&release(&a.image_id)).then_with(|| a.image_id.cmp(&b.image_id))
    });
    let mut images: Vec<ImageStatus> = vec![];
    for image in matches {
        let status = ImageStatus {
            id: image.image_id.clone(),
            name: Some(image.image_name.clone()).filter(|name| !name.is_empty()),
            architecture: Some(offered_arch(image).to_owned()),
            creation_time: None,
        };
        if !images.iter().any(|kept| kept.architecture == status.architecture) {
            images.push(status);
        }
    }
    if images.is_empty() { Err(AliasError::NoSuchVersion(alias.to_owned())) } else { Ok(images) }
}

/// The release in an id such as `aliyun_3_x64_20G_alibase_20240528.vhd`: its last run of eight digits.
fn release(id: &str) -> Option<&str> {
    id.split(|c: char| !c.is_ascii_digit()).rfind(|digits| digits.len() == 8)
}

fn offered_arch(image: &VersionImage) -> &'static str {
    let from_id = if image.image_id.contains("arm64") { "arm64" } else { "amd64" };
    arch(&image.architecture).unwrap_or(from_id)
}
