//! Taking nodes away in good order: taint, drain, volumes, instance, finalizer.
//!
//! | module | decides |
//! |---|---|
//! | [`finalize`] | the next step of each node that is being deleted |
//! | [`order`] | which pods of a node go next |
//! | [`evict`] | which of them are evicted or deleted now |
//! | [`grace`] | what the deadline of a node means for a pod |
//! | [`volumes`] | which attachments have to go first |

pub mod evict;
pub mod finalize;
pub mod grace;
pub mod order;
pub mod volumes;

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use crate::api::labels;
use crate::api::v1::conditions::{self, HasConditions};
use crate::model::node::Node;
use crate::model::node_claim::NodeClaim;
use crate::state::ClusterSnapshot;
use volumes::BoundVolumes;

/// Everything the termination of nodes depends on.
#[derive(Debug, Clone)]
pub struct TerminationInput {
    /// The cluster.
    pub cluster: ClusterSnapshot,
    /// A node belongs to us when it has one of these labels.
    pub node_class_labels: Vec<String>,
    /// Volumes of pods that stay on the nodes.
    pub bound_volumes: BoundVolumes,
    /// Waits.
    pub settings: TerminationSettings,
}

/// How long the termination of a node waits for what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TerminationSettings {
    /// A drain lasts at least this long, so that pods bound by a scheduler that had not seen the taint are caught.
    /// Default 5 s.
    pub min_drain: Duration,
    /// Pods that are still there this long after the deadline of their node are abandoned. Default 60 s.
    ///
    /// Source: ours; Karpenter waits until the last pod counts as stuck.
    pub abandon_after: Duration,
}

impl Default for TerminationSettings {
    fn default() -> Self {
        Self { min_drain: Duration::from_secs(5), abandon_after: Duration::from_secs(60) }
    }
}

impl TerminationInput {
    /// Nodes of ours that are being deleted and wait for our finalizer, in name order.
    pub fn leaving_nodes(&self) -> impl Iterator<Item = &Arc<Node>> {
        leaving_nodes(&self.cluster, &self.node_class_labels)
    }
}

/// Nodes of ours that are being deleted and wait for our finalizer, in name order.
pub fn leaving_nodes<'a>(
    cluster: &'a ClusterSnapshot,
    node_class_labels: &'a [String],
) -> impl Iterator<Item = &'a Arc<Node>> {
    cluster.nodes.values().filter(move |node| {
        node.deleted_at.is_some()
            && node.has_finalizer(labels::TERMINATION_FINALIZER)
            && node_class_labels.iter().any(|key| node.labels.contains_key(key.as_str()))
    })
}

/// Why pods leave a node whose claim nobody disrupts.
pub const FORCEFUL: &str = "Forceful Termination";

/// Why the pods of `claim`'s node leave: the reason of its disruption, else [`FORCEFUL`]; empty without a claim.
///
/// Source: Karpenter behaviour (`karpenter_pods_drained_total`).
pub fn drain_reason(claim: Option<&NodeClaim>) -> String {
    let Some(claim) = claim else { return String::new() };
    if !claim.object.is_true(conditions::DISRUPTION_REASON) {
        return FORCEFUL.to_owned();
    }
    let condition = claim.object.condition(conditions::DISRUPTION_REASON);
    condition.map(|condition| condition.reason.clone()).unwrap_or_default()
}
