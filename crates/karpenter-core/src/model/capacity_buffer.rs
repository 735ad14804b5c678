//! CapacityBuffers as they are known.

use std::sync::Arc;

use super::ids::{ObjectKey, ResourceVersion, Uid};
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
