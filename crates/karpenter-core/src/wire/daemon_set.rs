//! DaemonSets.

use std::sync::Arc;

use k8s_openapi::api::apps::v1 as apps;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kube::Resource;
use serde::Deserialize;

use super::meta::{Decoded, Meta, name_of, namespace_of, shared_map};
use super::pod_template::{SlimTemplate, shape};
use crate::api::problem::Problem;
use crate::model::daemon_set::DaemonSet;
use crate::model::ids::ObjectKey;

/// A DaemonSet with the fields we read.
#[derive(Debug, Clone, Default, Deserialize, Resource)]
#[resource(inherit = apps::DaemonSet)]
pub struct SlimDaemonSet {
    /// Metadata.
    pub metadata: ObjectMeta,
    #[serde(default)]
    spec: SlimDaemonSetSpec,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct SlimDaemonSetSpec {
    template: SlimTemplate,
}

impl Decoded for SlimDaemonSet {
    type Model = DaemonSet;

    fn key(metadata: &ObjectMeta) -> ObjectKey {
        ObjectKey::new(namespace_of(metadata), name_of(metadata))
    }

    fn decode(self) -> Result<DaemonSet, Problem> {
        let (meta, _) = Meta::of(self.metadata);
        let key = ObjectKey::new(meta.namespace, meta.name);
        let mut spec = self.spec.template.spec;
        spec.default_requests_from_limits();
        let requests = spec.resources(&format!("DaemonSet {key}"))?.effective();
        Ok(DaemonSet {
            uid: meta.uid,
            resource_version: meta.resource_version,
            shape: Arc::new(shape(spec, shared_map(self.spec.template.metadata.labels))),
            requests: Arc::new(requests),
            key,
        })
    }
}
