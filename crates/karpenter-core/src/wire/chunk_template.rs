//! PodTemplates, and the templates of workloads with replicas.
//!
//! A template that cannot be understood is a value too: whoever refers to it has to say why it is not used.

use std::sync::Arc;

use k8s_openapi::api::apps::v1 as apps;
use k8s_openapi::api::core::v1 as core;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kube::Resource;
use serde::Deserialize;

use super::meta::{Decoded, Meta, name_of, namespace_of, shared_map};
use super::pod_template::{SlimTemplate, shape};
use crate::api::problem::Problem;
use crate::model::chunk_source::{ChunkSource, ChunkSourceKind};
use crate::model::chunk_template::ChunkTemplate;
use crate::model::ids::ObjectKey;

/// A `v1` PodTemplate with the fields we read.
#[derive(Debug, Clone, Default, Deserialize, Resource)]
#[resource(inherit = core::PodTemplate)]
#[serde(default)]
pub struct SlimPodTemplate {
    /// Metadata.
    pub metadata: ObjectMeta,
    template: SlimTemplate,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct SlimWorkloadSpec {
    replicas: Option<i32>,
    template: SlimTemplate,
}

impl Decoded for SlimPodTemplate {
    type Model = ChunkSource;

    fn key(metadata: &ObjectMeta) -> ObjectKey {
        ObjectKey::new(namespace_of(metadata), name_of(metadata))
    }

    fn decode(self) -> Result<ChunkSource, Problem> {
        let template = SlimWorkloadSpec { replicas: None, template: self.template };
        Ok(source(ChunkSourceKind::PodTemplate, self.metadata, template))
    }
}

macro_rules! workloads {
    ($($slim:ident, $kind:ident;)*) => {$(
        #[doc = concat!("An `apps/v1` ", stringify!($kind), " with the fields we read.")]
        #[derive(Debug, Clone, Default, Deserialize, Resource)]
        #[resource(inherit = apps::$kind)]
        #[serde(default)]
        pub struct $slim {
            /// Metadata.
            pub metadata: ObjectMeta,
            spec: SlimWorkloadSpec,
        }

        impl Decoded for $slim {
            type Model = ChunkSource;

            fn key(metadata: &ObjectMeta) -> ObjectKey {
                ObjectKey::new(namespace_of(metadata), name_of(metadata))
            }

            fn decode(self) -> Result<ChunkSource, Problem> {
                Ok(source(ChunkSourceKind::$kind, self.metadata, self.spec))
            }
        }
    )*};
}

workloads! {
    SlimDeployment, Deployment;
    SlimStatefulSet, StatefulSet;
    SlimReplicaSet, ReplicaSet;
}

fn source(kind: ChunkSourceKind, metadata: ObjectMeta, spec: SlimWorkloadSpec) -> ChunkSource {
    let (meta, rest) = Meta::of(metadata);
    let key = ObjectKey::new(meta.namespace, meta.name);
    let object = format!("{} {key}", kind.as_str());
    let chunk = chunk(&object, spec);
    ChunkSource {
        key,
        uid: meta.uid,
        resource_version: meta.resource_version,
        chunk: chunk.map(|chunk| ChunkTemplate { generation: rest.generation, ..chunk }),
    }
}

/// The pod of `object`, without the generation of the object.
fn chunk(object: &str, of: SlimWorkloadSpec) -> Result<ChunkTemplate, Problem> {
    let mut spec = of.template.spec;
    spec.default_requests_from_limits();
    let requests = spec.resources(object)?.effective();
    Ok(ChunkTemplate {
        generation: 0,
        shape: Arc::new(shape(spec, shared_map(of.template.metadata.labels))),
        requests: Arc::new(requests),
        replicas: of.replicas,
    })
}
