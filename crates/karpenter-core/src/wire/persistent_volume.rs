//! PersistentVolumes.

use std::sync::Arc;

use k8s_openapi::api::core::v1 as core;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kube::Resource;
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::meta::{Decoded, Meta, name_of};
use super::pod_template::term;
use crate::api::problem::Problem;
use crate::model::persistent_volume::{PersistentVolume, VolumeSource};

/// A PersistentVolume with the fields we read.
#[derive(Debug, Clone, Default, Deserialize, Resource)]
#[resource(inherit = core::PersistentVolume)]
pub struct SlimPersistentVolume {
    /// Metadata.
    pub metadata: ObjectMeta,
    #[serde(default)]
    spec: SlimVolumeSpec,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct SlimVolumeSpec {
    csi: Option<SlimCsiSource>,
    aws_elastic_block_store: Option<IgnoredAny>,
    local: Option<IgnoredAny>,
    host_path: Option<IgnoredAny>,
    node_affinity: Option<SlimVolumeAffinity>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct SlimCsiSource {
    driver: String,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct SlimVolumeAffinity {
    required: Option<core::NodeSelector>,
}

impl Decoded for SlimPersistentVolume {
    type Model = PersistentVolume;

    fn key(metadata: &ObjectMeta) -> Arc<str> {
        Arc::from(name_of(metadata))
    }

    fn decode(self) -> Result<PersistentVolume, Problem> {
        let (meta, _) = Meta::of(self.metadata);
        let spec = self.spec;
        let source = match &spec {
            SlimVolumeSpec { csi: Some(csi), .. } => VolumeSource::Csi(csi.driver.as_str().into()),
            SlimVolumeSpec { aws_elastic_block_store: Some(_), .. } => {
                VolumeSource::AwsElasticBlockStore
            }
            SlimVolumeSpec { local: Some(_), .. } | SlimVolumeSpec { host_path: Some(_), .. } => {
                VolumeSource::OfOneNode
            }
            SlimVolumeSpec { .. } => VolumeSource::Other,
        };
        let required = spec.node_affinity.and_then(|affinity| affinity.required);
        let required = required.map(|required| required.node_selector_terms);
        Ok(PersistentVolume {
            name: meta.name.into(),
            uid: meta.uid,
            resource_version: meta.resource_version,
            is_terminating: meta.deleted_at.is_some(),
            node_affinity: required.unwrap_or_default().into_iter().map(term).collect(),
            source,
        })
    }
}
