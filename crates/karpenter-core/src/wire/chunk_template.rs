//! PodTemplates, and the templates of workloads with replicas.

use std::sync::Arc;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde::Deserialize;

use super::meta::{name_of, namespace_of, shared_map};
use super::pod_template::{SlimPodSpec, shape};
use crate::api::problem::Problem;
use crate::model::chunk_template::ChunkTemplate;

/// A `v1` PodTemplate with the fields we read.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct SlimPodTemplate {
    metadata: ObjectMeta,
    template: SlimTemplate,
}

/// A Deployment, StatefulSet or ReplicaSet with the fields we read.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct SlimWorkload {
    metadata: ObjectMeta,
    spec: SlimWorkloadSpec,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct SlimWorkloadSpec {
    replicas: Option<i32>,
    template: SlimTemplate,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct SlimTemplate {
    metadata: ObjectMeta,
    spec: SlimPodSpec,
}

impl SlimPodTemplate {
    /// The chunk it describes.
    ///
    /// # Errors
    /// [`Problem`] names the object and the field that cannot be understood.
    pub fn chunk(self) -> Result<ChunkTemplate, Problem> {
        chunk("PodTemplate", &self.metadata, self.template, None)
    }
}

impl SlimWorkload {
    /// The chunk its pods look like.
    ///
    /// # Errors
    /// [`Problem`] names the object, of this `kind`, and the field that cannot be understood.
    pub fn chunk(self, kind: &str) -> Result<ChunkTemplate, Problem> {
        chunk(kind, &self.metadata, self.spec.template, self.spec.replicas)
    }
}

fn chunk(
    kind: &str,
    metadata: &ObjectMeta,
    template: SlimTemplate,
    replicas: Option<i32>,
) -> Result<ChunkTemplate, Problem> {
    let object = format!("{kind} {}/{}", namespace_of(metadata), name_of(metadata));
    let mut spec = template.spec;
    spec.default_requests_from_limits();
    spec.forget_claimed_volumes();
    let requests = spec.resources(&object)?.effective();
    Ok(ChunkTemplate {
        generation: metadata.generation.unwrap_or_default(),
        shape: Arc::new(shape(spec, shared_map(template.metadata.labels))),
        requests: Arc::new(requests),
        replicas,
    })
}
