//! VolumeAttachments.

use std::sync::Arc;

use k8s_openapi::api::storage::v1 as storage;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kube::Resource;
use serde::Deserialize;

use super::meta::{Decoded, Meta, name_of};
use crate::api::problem::Problem;
use crate::model::ids::NodeName;
use crate::model::volume_attachment::VolumeAttachment;

/// A VolumeAttachment with the fields we read.
#[derive(Debug, Clone, Default, Deserialize, Resource)]
#[resource(inherit = storage::VolumeAttachment)]
pub struct SlimVolumeAttachment {
    /// Metadata.
    pub metadata: ObjectMeta,
    #[serde(default)]
    spec: SlimAttachmentSpec,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct SlimAttachmentSpec {
    node_name: String,
    source: SlimSource,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct SlimSource {
    persistent_volume_name: Option<String>,
}

impl Decoded for SlimVolumeAttachment {
    type Model = VolumeAttachment;

    fn key(metadata: &ObjectMeta) -> Arc<str> {
        Arc::from(name_of(metadata))
    }

    fn decode(self) -> Result<VolumeAttachment, Problem> {
        let (meta, _) = Meta::of(self.metadata);
        Ok(VolumeAttachment {
            name: meta.name.into(),
            uid: meta.uid,
            resource_version: meta.resource_version,
            node_name: NodeName::from(self.spec.node_name),
            persistent_volume: self.spec.source.persistent_volume_name.map(Into::into),
        })
    }
}
