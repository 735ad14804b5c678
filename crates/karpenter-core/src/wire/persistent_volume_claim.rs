//! PersistentVolumeClaims.

use k8s_openapi::api::core::v1 as core;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kube::Resource;
use serde::Deserialize;

use super::meta::{Decoded, Meta, name_of, namespace_of};
use crate::api::problem::Problem;
use crate::model::ids::{ObjectKey, Uid};
use crate::model::persistent_volume_claim::{BIND_COMPLETED, PersistentVolumeClaim};

/// A PersistentVolumeClaim with the fields we read.
#[derive(Debug, Clone, Default, Deserialize, Resource)]
#[resource(inherit = core::PersistentVolumeClaim)]
pub struct SlimPersistentVolumeClaim {
    /// Metadata.
    pub metadata: ObjectMeta,
    #[serde(default)]
    spec: SlimClaimSpec,
    #[serde(default)]
    status: SlimClaimStatus,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct SlimClaimSpec {
    volume_name: Option<String>,
    storage_class_name: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct SlimClaimStatus {
    phase: Option<String>,
}

impl Decoded for SlimPersistentVolumeClaim {
    type Model = PersistentVolumeClaim;

    fn key(metadata: &ObjectMeta) -> ObjectKey {
        ObjectKey::new(namespace_of(metadata), name_of(metadata))
    }

    fn decode(self) -> Result<PersistentVolumeClaim, Problem> {
        let (meta, rest) = Meta::of(self.metadata);
        let controller = rest.owners.iter().find(|owner| owner.controller == Some(true));
        let text = |text: Option<String>| text.filter(|text| !text.is_empty()).map(Into::into);
        Ok(PersistentVolumeClaim {
            key: ObjectKey::new(meta.namespace, meta.name),
            uid: meta.uid,
            resource_version: meta.resource_version,
            controller: controller.map(|owner| Uid::from(owner.uid.as_str())),
            is_terminating: meta.deleted_at.is_some(),
            is_lost: self.status.phase.as_deref() == Some("Lost"),
            bind_completed: meta.annotations.contains_key(BIND_COMPLETED),
            volume_name: text(self.spec.volume_name),
            storage_class: text(self.spec.storage_class_name),
        })
    }
}
