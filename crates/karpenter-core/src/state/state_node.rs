//! A Node and its NodeClaim seen as one.

use std::sync::Arc;

use jiff::Timestamp;

use super::derived::NodeUsage;
use crate::api::labels;
use crate::model::ids::{NodePoolName, ProviderId};
use crate::model::label_selector::Labels;
use crate::model::node::Node;
use crate::model::node_claim::NodeClaim;
use crate::model::quantity::Quantity;
use crate::model::resources::{ResourceName, Resources};
use crate::model::taints::Taint;

#[cfg(test)]
mod tests;

/// A Node joined with its NodeClaim by provider id; at least one of the two is there.
///
/// Until the node has registered, the claim speaks for it; afterwards the node does.
///
/// Source: Karpenter behaviour (StateNode).
#[derive(Debug, Clone)]
pub struct StateNode {
    /// The Node, once the kubelet has registered.
    pub node: Option<Arc<Node>>,
    /// The NodeClaim; absent for nodes that are not ours.
    pub claim: Option<Arc<NodeClaim>>,
    /// Pods bound to the node.
    pub usage: Arc<NodeUsage>,
    /// Until when pods are expected here.
    pub nominated_until: Option<Timestamp>,
    /// A disruption command is about to delete it.
    pub marked: bool,
}

impl StateNode {
    /// Whether a NodeClaim stands behind the node.
    pub fn has_claim(&self) -> bool {
        self.claim.is_some()
    }

    /// The node has registered; always so for nodes that are not ours.
    pub fn is_registered(&self) -> bool {
        self.claim.is_none() || self.node_label(labels::REGISTERED) == Some("true")
    }

    /// The node is ready for use; always so for nodes that are not ours.
    pub fn is_initialized(&self) -> bool {
        self.claim.is_none() || self.node_label(labels::INITIALIZED) == Some("true")
    }

    /// Name shown to users: the claim's until the node has registered.
    pub fn name(&self) -> &str {
        match (&self.node, &self.claim) {
            (Some(node), _) if self.is_registered() => node.name.as_str(),
            (_, Some(claim)) => claim.name.as_str(),
            (Some(node), None) => node.name.as_str(),
            (None, None) => "",
        }
    }

    /// Labels of whichever object speaks for the node.
    pub fn labels(&self) -> &Labels {
        match (&self.node, &self.claim) {
            (Some(node), _) if self.is_registered() => &node.labels,
            (_, Some(claim)) => &claim.labels,
            (Some(node), None) => &node.labels,
            (None, None) => unreachable_labels(),
        }
    }

    /// Value of a label in [`StateNode::labels`].
    pub fn label(&self, key: &str) -> Option<&str> {
        self.labels().get(key).map(AsRef::as_ref)
    }

    /// NodePool the node was made from.
    pub fn pool(&self) -> Option<NodePoolName> {
        self.label(labels::NODEPOOL).map(NodePoolName::from)
    }

    /// Value of `kubernetes.io/hostname`, else the name.
    pub fn hostname(&self) -> &str {
        self.label(labels::HOSTNAME).filter(|text| !text.is_empty()).unwrap_or(self.name())
    }

    /// Provider id of the node, else of the claim.
    pub fn provider_id(&self) -> Option<&ProviderId> {
        let node = self.node.as_ref().and_then(|node| node.provider_id.as_ref());
        node.or_else(|| self.claim.as_ref().and_then(|claim| claim.provider_id()))
    }

    /// Taints that pods planned onto the node have to tolerate.
    ///
    /// While the node is not initialized, taints that will go away by themselves are left out.
    pub fn taints(&self) -> Vec<Taint> {
        let own = match (&self.node, &self.claim) {
            (Some(node), None) => &node.taints,
            (Some(node), Some(_)) if self.is_registered() => &node.taints,
            (_, Some(claim)) => &claim.taints,
            (None, None) => return vec![],
        };
        let Some(claim) = self.claim.as_ref().filter(|_| !self.is_initialized()) else {
            return own.clone();
        };
        let passing = |taint: &Taint| {
            taint.is_known_ephemeral()
                || claim.startup_taints.iter().any(|startup| startup.matches(taint))
        };
        own.iter().filter(|taint| !passing(taint)).cloned().collect()
    }

    /// Full capacity, with `nodes: 1`; the claim fills what an uninitialized node does not report.
    pub fn capacity(&self) -> Resources {
        let reported = self.node.as_ref().map(|node| &node.capacity);
        let expected = self.claim.as_ref().map(|claim| &claim.capacity);
        let mut capacity = self.reported_or_expected(reported, expected);
        capacity.insert(ResourceName::nodes(), Quantity::from_units(1));
        capacity
    }

    /// What pods can have; the claim fills what an uninitialized node does not report.
    pub fn allocatable(&self) -> Resources {
        let reported = self.node.as_ref().map(|node| &node.allocatable);
        let expected = self.claim.as_ref().map(|claim| &claim.allocatable);
        self.reported_or_expected(reported, expected)
    }

    /// Allocatable less what bound pods ask for; entries may be negative.
    pub fn available(&self) -> Resources {
        self.allocatable().subtract(&self.usage.requested)
    }

    /// The instance is going away: its claim or node is being deleted.
    pub fn is_deleting(&self) -> bool {
        match (&self.claim, &self.node) {
            (Some(claim), _) => claim.deleted_at.is_some() || claim.instance_terminating,
            (None, Some(node)) => node.deleted_at.is_some(),
            (None, None) => false,
        }
    }

    /// Its pods have to be planned elsewhere.
    pub fn is_marked_for_deletion(&self) -> bool {
        self.marked || self.is_deleting()
    }

    /// Pods are expected here at `now`.
    pub fn is_nominated(&self, now: Timestamp) -> bool {
        self.nominated_until.is_some_and(|until| until > now)
    }

    fn node_label(&self, key: &str) -> Option<&str> {
        self.node.as_ref().and_then(|node| node.label(key))
    }

    fn reported_or_expected(
        &self,
        reported: Option<&Resources>,
        expected: Option<&Resources>,
    ) -> Resources {
        match (reported, expected) {
            (Some(reported), Some(expected)) if !self.is_initialized() => {
                let mut filled = reported.clone();
                for (name, quantity) in expected.iter() {
                    if filled.get_or_zero(name.as_str()).is_zero() {
                        filled.insert(name.clone(), quantity);
                    }
                }
                filled
            }
            (Some(reported), _) => reported.clone(),
            (None, Some(expected)) => expected.clone(),
            (None, None) => Resources::default(),
        }
    }
}

fn unreachable_labels() -> &'static Labels {
    static NONE: std::sync::OnceLock<Labels> = std::sync::OnceLock::new();
    NONE.get_or_init(Labels::default)
}
