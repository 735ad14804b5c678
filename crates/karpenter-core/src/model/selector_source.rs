//! Objects that select pods: what says which pods belong together when a pod does not say so itself.

use super::ids::{ObjectKey, ResourceVersion, Uid};
use super::label_selector::LabelSelector;

/// Kinds of objects that select pods.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SelectorSourceKind {
    /// `v1` Service.
    Service,
    /// `v1` ReplicationController.
    ReplicationController,
    /// `apps/v1` ReplicaSet.
    ReplicaSet,
    /// `apps/v1` StatefulSet.
    StatefulSet,
}

impl SelectorSourceKind {
    /// Every kind, in declaration order.
    pub const ALL: [Self; 4] =
        [Self::Service, Self::ReplicationController, Self::ReplicaSet, Self::StatefulSet];

    /// The kind as objects spell it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Service => "Service",
            Self::ReplicationController => "ReplicationController",
            Self::ReplicaSet => "ReplicaSet",
            Self::StatefulSet => "StatefulSet",
        }
    }
}

/// One object that selects pods of its namespace; its kind is known from where it is kept.
///
/// Source: Kubernetes API.
#[derive(Debug, Clone, PartialEq)]
pub struct SelectorSource {
    /// Namespace and name.
    pub key: ObjectKey,
    /// Uid.
    pub uid: Uid,
    /// Version of the object this was decoded from.
    pub resource_version: ResourceVersion,
    /// What it selects; a Service without selector has `None`, and one with an empty selector selects all pods.
    pub selector: Option<LabelSelector>,
}
