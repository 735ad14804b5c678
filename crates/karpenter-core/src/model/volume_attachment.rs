//! VolumeAttachments: volumes that are still attached to a node.

use std::sync::Arc;

use super::ids::{NodeName, ResourceVersion, Uid};

/// One VolumeAttachment.
///
/// Source: Kubernetes API (`storage.k8s.io/v1`).
#[derive(Debug, Clone, PartialEq)]
pub struct VolumeAttachment {
    /// Name; unique in the cluster.
    pub name: Arc<str>,
    /// Uid.
    pub uid: Uid,
    /// Version of the object this was decoded from.
    pub resource_version: ResourceVersion,
    /// Node the volume is attached to.
    pub node_name: NodeName,
    /// PersistentVolume; `None` for inline volumes.
    pub persistent_volume: Option<Arc<str>>,
}
