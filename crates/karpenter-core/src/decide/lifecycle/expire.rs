//! Expiration: a claim is deleted when it is old enough, whatever budgets say; its pods are still drained politely.

use std::sync::Arc;

use jiff::Timestamp;

use super::Deletion;
use super::liveness::deadline;
use crate::decide::announcement::{Announcement, disruption};
use crate::model::node_claim::NodeClaim;
use crate::observe::metrics::{Sample, reason};
use crate::state::ClusterSnapshot;

/// When the age of `claim` is over; `None` for never.
pub fn expires_at(claim: &NodeClaim) -> Option<Timestamp> {
    Some(deadline(claim.created, claim.expire_after?)).filter(|at| *at < Timestamp::MAX)
}

/// The deletion of `claim` if its age is over.
///
/// Source: Karpenter behaviour, expiration. Differs: expirations do not wait for each other.
pub(super) fn look(
    snapshot: &ClusterSnapshot,
    claim: &Arc<NodeClaim>,
    now: Timestamp,
) -> Option<Deletion> {
    let expired = expires_at(claim).is_some_and(|at| at <= now);
    expired.then(|| {
        let labels = disruption(claim, reason::EXPIRED);
        let pods = reschedulable_pods(snapshot, claim);
        Deletion {
            claim: claim.clone(),
            reason: reason::EXPIRED,
            outcome: None,
            announcement: Announcement::samples([
                Sample::ClaimDisrupted(labels.clone()),
                Sample::PodsDisrupted(labels, pods),
            ]),
        }
    })
}

/// Pods on the node of `claim` that will need another place.
pub fn reschedulable_pods(snapshot: &ClusterSnapshot, claim: &NodeClaim) -> u64 {
    let nodes = claim.provider_id().map(|id| snapshot.nodes_of(id)).unwrap_or_default();
    let usages = nodes.iter().map(|node| snapshot.usage(&node.name));
    let pods = usages.map(|usage| usage.pods.values().filter(|pod| pod.is_reschedulable()).count());
    pods.sum::<usize>().try_into().unwrap_or(u64::MAX)
}
