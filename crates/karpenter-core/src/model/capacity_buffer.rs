//! CapacityBuffers as they are known.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::ids::{NodeClaimName, NodeName, ObjectKey, ResourceVersion, Uid};
use crate::api::v1beta1::capacity_buffer::CapacityBuffer as Object;

/// Room that a user wants to be kept.
///
/// Source: Kubernetes autoscaler API, CapacityBuffer.
#[derive(Debug, Clone, PartialEq)]
pub struct CapacityBuffer {
    /// Namespace and name.
    pub key: ObjectKey,
    /// Uid.
    pub uid: Uid,
    /// Version of the object this was decoded from.
    pub resource_version: ResourceVersion,
    /// The object itself, with its status: what changes are made to a copy of.
    pub object: Arc<Object>,
}

impl CapacityBuffer {
    /// Whether it is on its way out.
    pub fn is_being_deleted(&self) -> bool {
        self.object.metadata.deletion_timestamp.is_some()
    }
}

/// What a round of planning made of the virtual pods of a buffer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Round {
    /// Pods the round saw.
    pub pods: usize,
    /// Pods that need nodes which do not exist yet.
    pub on_new_nodes: usize,
    /// Pods that fit nowhere.
    pub failed: usize,
}

/// What the last round of planning made of all buffers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Room {
    /// What became of the pods of each buffer.
    pub rounds: BTreeMap<ObjectKey, Round>,
    /// Buffers that have room on nodes.
    pub nodes: BTreeMap<NodeName, BTreeSet<ObjectKey>>,
    /// Buffers that will have room on nodes to come.
    pub claims: BTreeMap<NodeClaimName, BTreeSet<ObjectKey>>,
}
