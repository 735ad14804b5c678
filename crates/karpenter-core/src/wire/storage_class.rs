//! StorageClasses.

use std::sync::Arc;

use k8s_openapi::api::core::v1 as core;
use k8s_openapi::api::storage::v1 as storage;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kube::Resource;
use serde::Deserialize;

use super::meta::{Decoded, Meta, name_of, shared_texts};
use crate::api::problem::Problem;
use crate::model::storage_class::{StorageClass, TopologyTerm};

/// A StorageClass with the fields we read.
#[derive(Debug, Clone, Default, Deserialize, Resource)]
#[resource(inherit = storage::StorageClass)]
#[serde(rename_all = "camelCase", default)]
pub struct SlimStorageClass {
    /// Metadata.
    pub metadata: ObjectMeta,
    provisioner: String,
    volume_binding_mode: Option<String>,
    allowed_topologies: Option<Vec<core::TopologySelectorTerm>>,
}

impl Decoded for SlimStorageClass {
    type Model = StorageClass;

    fn key(metadata: &ObjectMeta) -> Arc<str> {
        Arc::from(name_of(metadata))
    }

    fn decode(self) -> Result<StorageClass, Problem> {
        let (meta, _) = Meta::of(self.metadata);
        let allowed = self.allowed_topologies.unwrap_or_default();
        Ok(StorageClass {
            name: meta.name.into(),
            uid: meta.uid,
            resource_version: meta.resource_version,
            provisioner: self.provisioner.into(),
            binds_immediately: self.volume_binding_mode.as_deref() == Some("Immediate"),
            allowed_topologies: allowed.into_iter().map(topology_term).collect(),
        })
    }
}

fn topology_term(wire: core::TopologySelectorTerm) -> TopologyTerm {
    let expressions = wire.match_label_expressions.unwrap_or_default().into_iter();
    expressions.map(|one| (one.key.into(), shared_texts(one.values))).collect()
}
