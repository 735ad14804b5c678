//! Which pods need a plan at this moment: pending pods nobody has planned for yet, and pods of nodes that go away.
//!
//! A claim that has been created but not launched has no known size, so nothing can be placed on it. Its pods
//! are remembered instead and left out until it launches, fails or is deleted; all other pods go on. When one of them
//! has found a place elsewhere or is gone, a pending pod of its kind inherits the place. Only a claim
//! whose pods are not known, because another process created it, holds planning back, until it launches or its
//! launch times out.
//!
//! Source: Karpenter behaviour, provisioning loop. Differs: one claim that does not launch does not stall the
//! cluster.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;

use crate::model::ids::{NodeClaimName, Uid};
use crate::model::node::Node;
use crate::model::node_claim::NodeClaim;
use crate::model::pod::Pod;
use crate::model::taints::Taint;
use crate::state::{ClusterSnapshot, StateNode};

pub mod input;
pub mod limits;
#[cfg(test)]
mod tests;

/// Pods to plan for, and nodes to plan onto.
#[derive(Debug, Clone, Default)]
pub struct Demand {
    /// Pending pods in key order.
    pub pending: Vec<Arc<Pod>>,
    /// Pods of nodes marked for deletion, in node and key order.
    pub reschedule: Vec<Arc<Pod>>,
    /// Nodes that stay, in name order.
    pub nodes: Vec<StateNode>,
    /// Nodes marked for deletion, in name order.
    pub leaving: Vec<StateNode>,
    /// Uids of the CapacityBuffers that want to be planned for.
    pub buffers: Vec<Uid>,
    /// Nodes that carry the taint of nodes to be disrupted, in name order.
    pub drained: Vec<Uid>,
    /// Claims being launched whose pods are not known; while there is one, nothing is planned.
    pub blocked_by: Vec<NodeClaimName>,
}

impl Demand {
    /// Uids whose arrival opens or extends a batch: pods that wait, nodes that are being drained, and buffers, whose room
    /// is looked after as long as they are there.
    pub fn triggers(&self) -> impl Iterator<Item = &Uid> {
        let pods = self.pending.iter().chain(&self.reschedule).map(|pod| &pod.uid);
        pods.chain(&self.drained).chain(&self.buffers)
    }

    /// Whether no pod needs a place; buffers may still want room.
    pub fn is_empty(&self) -> bool {
        self.pending.is_empty() && self.reschedule.is_empty()
    }
}

/// Reads what has to be planned at `now` out of the snapshot.
pub fn demand(snapshot: &ClusterSnapshot, now: Timestamp) -> Demand {
    let mut planned: BTreeSet<&Uid> = BTreeSet::new();
    let (mut vacancies, mut blocked_by) = (Vacancies::default(), vec![]);
    for claim in snapshot.claims.values().filter(|claim| is_launching(claim)) {
        let Some(pods) = snapshot.intents.pods_planned_for(&claim.name) else {
            blocked_by.push(claim.name.clone());
            continue;
        };
        planned.extend(pods.keys());
        pods.values().filter(|pod| !still_waits(snapshot, pod)).for_each(|pod| vacancies.add(pod));
    }
    let pending = snapshot
        .pending
        .values()
        .filter(|pending| !planned.contains(&pending.pod.uid) && !vacancies.take(&pending.pod))
        .map(|pending| pending.pod.clone())
        .collect();
    let (leaving, nodes): (Vec<_>, Vec<_>) =
        snapshot.state_nodes().into_iter().partition(StateNode::is_marked_for_deletion);
    let reschedule = leaving.iter().flat_map(|node| movable_pods(snapshot, node, now));
    let reschedule = reschedule.filter(|pod| !planned.contains(&pod.uid)).cloned().collect();
    let disrupted = Taint::disrupted();
    let is_drained = |node: &&Arc<Node>| node.taints.iter().any(|own| own.matches(&disrupted));
    let drained = snapshot.nodes.values().filter(is_drained);
    let drained = drained.map(|node| node.uid.clone()).collect();
    let buffers = snapshot.buffers.values().map(|buffer| buffer.uid.clone()).collect();
    Demand { pending, reschedule, nodes, leaving, drained, buffers, blocked_by }
}

/// Pods of `node` that need another place when it goes: neither they nor budgets object for good. In key order.
///
/// Source: Karpenter behaviour (pods currently reschedulable).
pub fn movable_pods<'n>(
    snapshot: &'n ClusterSnapshot,
    node: &'n StateNode,
    now: Timestamp,
) -> impl Iterator<Item = &'n Arc<Pod>> {
    let pods = node.usage.pods.values();
    pods.filter(move |pod| pod.is_reschedulable() && !pod.blocks_disruption(now))
        .filter(|pod| !is_blocked_by_budget(snapshot, pod))
}

/// Places on claims being launched that the pods they were made for do not need any more, by kind of pod.
#[derive(Default)]
struct Vacancies<'a>(Vec<(&'a Arc<Pod>, usize)>);

impl<'a> Vacancies<'a> {
    fn add(&mut self, pod: &'a Arc<Pod>) {
        match self.0.iter_mut().find(|(kind, _)| are_alike(kind, pod)) {
            Some((_, count)) => *count += 1,
            None => self.0.push((pod, 1)),
        }
    }

    /// Gives a place to `pod`; false when there is none for its kind.
    fn take(&mut self, pod: &Pod) -> bool {
        let mut free = self.0.iter_mut().filter(|(_, count)| *count > 0);
        let found = free.find(|(kind, _)| are_alike(kind, pod));
        found.map(|(_, count)| *count -= 1).is_some()
    }
}

/// Whether what fits the one fits the other.
fn are_alike(a: &Pod, b: &Pod) -> bool {
    a.key.namespace == b.key.namespace
        && a.shape == b.shape
        && a.requests == b.requests
        && a.volume_claims == b.volume_claims
}

/// Whether `planned` is still where it was when a claim was made for it.
fn still_waits(snapshot: &ClusterSnapshot, planned: &Pod) -> bool {
    snapshot.pods.get(&planned.key).is_some_and(|now| {
        now.uid == planned.uid && now.node_name == planned.node_name && now.is_active()
    })
}

/// Created, not deleted, and the instance not known yet.
pub(super) fn is_launching(claim: &NodeClaim) -> bool {
    claim.provider_id().is_none() && claim.deleted_at.is_none()
}

/// Whether budgets forbid for good that the pod is evicted.
fn is_blocked_by_budget(snapshot: &ClusterSnapshot, pod: &Pod) -> bool {
    if !pod.is_active() {
        return false;
    }
    let mut budgets = snapshot.disruption_budgets.values().filter(|budget| budget.covers(pod));
    match (budgets.next(), budgets.next()) {
        (None, _) => false,
        (Some(_), Some(_)) => true,
        (Some(only), None) => only.blocks_everything && (pod.ready || !only.always_allow_unhealthy),
    }
}
