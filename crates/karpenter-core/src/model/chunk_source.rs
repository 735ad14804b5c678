//! Objects whose pods a CapacityBuffer can keep room for.

use super::chunk_template::ChunkTemplate;
use super::ids::{ObjectKey, ResourceVersion, Uid};
use crate::api::problem::Problem;

/// Kinds of objects that hold the template of a pod.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ChunkSourceKind {
    /// `v1` PodTemplate.
    PodTemplate,
    /// `apps/v1` Deployment.
    Deployment,
    /// `apps/v1` StatefulSet.
    StatefulSet,
    /// `apps/v1` ReplicaSet.
    ReplicaSet,
}

impl ChunkSourceKind {
    /// Every kind, in declaration order.
    pub const ALL: [Self; 4] =
        [Self::PodTemplate, Self::Deployment, Self::StatefulSet, Self::ReplicaSet];

    /// Kinds that run replicas of their pod, which a percentage can be taken of.
    pub const WORKLOADS: [Self; 3] = [Self::Deployment, Self::StatefulSet, Self::ReplicaSet];

    /// The kind as objects spell it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PodTemplate => "PodTemplate",
            Self::Deployment => "Deployment",
            Self::StatefulSet => "StatefulSet",
            Self::ReplicaSet => "ReplicaSet",
        }
    }
}

/// One object that holds the template of a pod; its kind is known from where it is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct ChunkSource {
    /// Namespace and name.
    pub key: ObjectKey,
    /// Uid.
    pub uid: Uid,
    /// Version of the object this was decoded from.
    pub resource_version: ResourceVersion,
    /// The pod; what cannot be read in it is kept, because the condition of a buffer has to name it.
    pub chunk: Result<ChunkTemplate, Problem>,
}
