//! Nodes as decisions see them.

use std::sync::Arc;

use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::OwnerReference;

use super::ids::{NodeName, ProviderId, ResourceVersion, Uid};
use super::label_selector::Labels;
use super::resources::Resources;
use super::taints::Taint;

/// One Node object.
///
/// Source: Kubernetes API (`v1.Node`).
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// Name.
    pub name: NodeName,
    /// Uid.
    pub uid: Uid,
    /// Version of the object this was decoded from.
    pub resource_version: ResourceVersion,
    /// Labels.
    pub labels: Labels,
    /// Annotations.
    pub annotations: Labels,
    /// `spec.taints` in the order written.
    pub taints: Vec<Taint>,
    /// `spec.providerID`; `None` when absent or empty.
    pub provider_id: Option<ProviderId>,
    /// `spec.unschedulable` (cordoned).
    pub unschedulable: bool,
    /// `status.capacity`.
    pub capacity: Resources,
    /// `status.allocatable`.
    pub allocatable: Resources,
    /// Condition `Ready`.
    pub ready: ReadyState,
    /// Finalizers in order.
    pub finalizers: Vec<Arc<str>>,
    /// Owners in order.
    pub owner_references: Vec<OwnerReference>,
    /// Creation time.
    pub created: Timestamp,
    /// Deletion time, set while the object is being deleted.
    pub deleted_at: Option<Timestamp>,
}

/// Condition `Ready` of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ReadyState {
    /// The kubelet is fine.
    True,
    /// The kubelet says it is not ready.
    False,
    /// Absent or `Unknown`.
    #[default]
    Unknown,
}

impl Node {
    /// Condition `Ready` is `True`.
    pub fn is_ready(&self) -> bool {
        self.ready == ReadyState::True
    }

    /// Value of a label.
    pub fn label(&self, key: &str) -> Option<&str> {
        self.labels.get(key).map(AsRef::as_ref)
    }

    /// Whether the node carries a taint with the key and effect of `taint`.
    pub fn has_taint(&self, taint: &Taint) -> bool {
        self.taints.iter().any(|own| own.matches(taint))
    }

    /// Whether `finalizer` is on the object.
    pub fn has_finalizer(&self, finalizer: &str) -> bool {
        self.finalizers.iter().any(|own| &**own == finalizer)
    }
}
