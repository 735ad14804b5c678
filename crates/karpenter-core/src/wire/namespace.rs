//! Namespaces.

use k8s_openapi::api::core::v1 as core;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kube::Resource;
use serde::Deserialize;

use super::meta::{Decoded, Meta, name_of};
use crate::api::problem::Problem;
use crate::model::ids;
use crate::model::namespace::Namespace;

/// A Namespace with the fields we read.
#[derive(Debug, Clone, Default, Deserialize, Resource)]
#[resource(inherit = core::Namespace)]
pub struct SlimNamespace {
    /// Metadata.
    pub metadata: ObjectMeta,
}

impl Decoded for SlimNamespace {
    type Model = Namespace;

    fn key(metadata: &ObjectMeta) -> ids::Namespace {
        name_of(metadata).into()
    }

    fn decode(self) -> Result<Namespace, Problem> {
        let (meta, _) = Meta::of(self.metadata);
        Ok(Namespace {
            name: meta.name.into(),
            uid: meta.uid,
            resource_version: meta.resource_version,
            labels: meta.labels,
        })
    }
}
