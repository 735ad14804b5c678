//! CSINodes: how many volumes a node can have.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::ids::{NodeName, ResourceVersion, Uid};

/// One CSINode.
///
/// Source: Kubernetes API (`storage.k8s.io/v1`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CsiNode {
    /// Name of the node.
    pub name: NodeName,
    /// Uid.
    pub uid: Uid,
    /// Version of the object this was decoded from.
    pub resource_version: ResourceVersion,
    /// Per driver how many volumes it can attach at most; drivers without limit are left out.
    pub limits: BTreeMap<Arc<str>, usize>,
}
