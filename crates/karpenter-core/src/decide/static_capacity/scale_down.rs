//! Which claims of a static pool go first when there are too many.

use std::sync::Arc;

use jiff::Timestamp;

use crate::decide::disruption::cost::{eviction_cost, lifetime_remaining};
use crate::model::node_claim::NodeClaim;
use crate::model::pod::Pod;
use crate::state::StateNode;

/// How dispensable a claim is; the first goes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    /// There is no instance yet.
    Unlaunched,
    /// Nothing runs there but what runs everywhere.
    Empty,
    /// Its pods may be moved.
    Movable,
    /// Some pod asks not to be disrupted.
    Protected,
}

/// The first `n` of `active` in the order they can be done without: by stage, then the cheapest to move, then by name.
///
/// Source: Karpenter behaviour, static deprovisioning. Differs: ties are broken by name.
pub(super) fn dispensable(
    active: Vec<&StateNode>,
    n: usize,
    now: Timestamp,
) -> Vec<Arc<NodeClaim>> {
    let ranked = active.into_iter().filter_map(|node| {
        let claim = node.claim.as_ref()?;
        Some((stage(node, claim, now), cost(node, claim, now), claim))
    });
    let mut ranked: Vec<_> = ranked.collect();
    ranked.sort_by(|a, b| {
        let by_cost = a.0.cmp(&b.0).then_with(|| a.1.total_cmp(&b.1));
        by_cost.then_with(|| a.2.name.cmp(&b.2.name))
    });
    ranked.into_iter().take(n).map(|(_, _, claim)| claim.clone()).collect()
}

fn stage(node: &StateNode, claim: &NodeClaim, now: Timestamp) -> Stage {
    let is_everywhere = |pod: &Arc<Pod>| pod.owners.daemonset || pod.owners.node;
    let objects = |pod: &Arc<Pod>| pod.is_active() && pod.blocks_disruption(now);
    let pods = || node.usage.pods.values();
    match (claim.provider_id(), pods().any(objects)) {
        (None, _) => Stage::Unlaunched,
        (Some(_), true) => Stage::Protected,
        (Some(_), false) if pods().all(is_everywhere) => Stage::Empty,
        (Some(_), false) => Stage::Movable,
    }
}

/// What it costs to move the pods of a node, the less the sooner it would expire anyway.
fn cost(node: &StateNode, claim: &NodeClaim, now: Timestamp) -> f64 {
    let pods = node.usage.pods.values();
    pods.map(|pod| eviction_cost(pod)).sum::<f64>() * lifetime_remaining(claim, now)
}
