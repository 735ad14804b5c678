//! What to do about reserved claims and nodes now.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use karpenter_core::api::labels as core;
use karpenter_core::decide::plan::Plan;
use karpenter_core::model::ids::ProviderId;
use karpenter_core::model::label_selector::Labels;
use karpenter_core::model::node::Node;
use karpenter_core::model::node_claim::NodeClaim;

use super::{Input, ReservedStep};
use crate::api::labels;

/// Steps for claims, then for nodes, each by name; a new listing when the last is older than `age` and somebody needs
/// it.
pub(super) fn plan(input: &Input, age: Duration, now: Timestamp) -> Plan<ReservedStep> {
    let mut plan = Plan::default();
    let claims = input.snapshot.claims.values().filter(|claim| is_reserved(&claim.labels));
    let nodes = input.snapshot.nodes.values().filter(|node| is_reserved(&node.labels));
    let claims: Vec<_> = claims.filter(|claim| claim.deleted_at.is_none()).collect();
    let is_settled =
        |node: &&Arc<Node>| node.deleted_at.is_none() && node.label(core::REGISTERED).is_some();
    let nodes: Vec<_> = nodes.filter(is_settled).collect();
    if claims.is_empty() && nodes.is_empty() {
        return plan;
    }
    plan.steps.extend(claims.iter().filter_map(|claim| of_claim(claim, input)));
    let demoted = nodes.iter().filter(|node| has_fallen_out(node.provider_id.as_ref(), input));
    plan.steps
        .extend(demoted.map(|node| {
            ReservedStep::DemoteNode(node.name.clone(), node.resource_version.clone())
        }));
    match input.listing.read.filter(|read| now < *read + age) {
        Some(read) => plan.wake(read + age),
        None => plan.steps.push(ReservedStep::List),
    }
    plan
}

fn of_claim(claim: &NodeClaim, input: &Input) -> Option<ReservedStep> {
    let reservation = claim.labels.get(labels::CAPACITY_RESERVATION_ID);
    if reservation.is_some_and(|id| input.expiring.contains(&**id)) {
        return Some(ReservedStep::Expire(claim.name.clone(), claim.uid.clone()));
    }
    let is_demoted = claim.registered && has_fallen_out(claim.provider_id(), input);
    is_demoted
        .then(|| ReservedStep::DemoteClaim(claim.name.clone(), claim.resource_version.clone()))
}

/// Whether the cloud says that the instance is paid by use.
fn has_fallen_out(instance: Option<&ProviderId>, input: &Input) -> bool {
    instance.is_some_and(|id| input.listing.on_demand.contains(id))
}

fn is_reserved(labels: &Labels) -> bool {
    labels.get(core::CAPACITY_TYPE).is_some_and(|kind| **kind == *core::CAPACITY_TYPE_RESERVED)
}
