//! PersistentVolumes: where storage that exists can be reached from.

use std::sync::Arc;

use super::ids::{ResourceVersion, Uid};
use super::pod::NodeSelectorTerm;

/// One PersistentVolume.
///
/// Source: Kubernetes API (`v1`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersistentVolume {
    /// Name; unique in the cluster.
    pub name: Arc<str>,
    /// Uid.
    pub uid: Uid,
    /// Version of the object this was decoded from.
    pub resource_version: ResourceVersion,
    /// It is being deleted.
    pub is_terminating: bool,
    /// Nodes from which it can be reached: one of these must hold; empty means all.
    pub node_affinity: Vec<NodeSelectorTerm>,
    /// What it is made of.
    pub source: VolumeSource,
}

/// What a PersistentVolume is made of, as far as it matters for scheduling.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VolumeSource {
    /// Attached by this CSI driver.
    Csi(Arc<str>),
    /// An in-tree Amazon EBS disk, which its CSI driver attaches.
    AwsElasticBlockStore,
    /// A disk or a directory of one machine (`local`, `hostPath`); a pod that moves leaves it behind.
    OfOneNode,
    /// Anything else; nothing limits how many a node can have.
    Other,
}
