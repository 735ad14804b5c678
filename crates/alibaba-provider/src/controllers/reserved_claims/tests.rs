//! Steps for claims and nodes in reservations.

use std::collections::BTreeMap;
use std::time::Duration;

use karpenter_core::api::labels as core;
use karpenter_core::model::node_claim::NodeClaim;
use karpenter_core::state::{Change, ClusterEvent};
use karpenter_core::testing::objects;

use super::*;
use crate::api::labels;
use crate::testing::{at, claim, noon};

const INSTANCE: &str = "cn-hangzhou.i-1";
const MINUTE: Duration = Duration::from_secs(60);

/// A registered claim of this capacity type in reservation crp-1.
fn of_kind(kind: &str) -> NodeClaim {
    let labels = BTreeMap::from([
        (core::CAPACITY_TYPE.into(), kind.into()),
        (labels::CAPACITY_RESERVATION_ID.into(), "crp-1".into()),
    ]);
    NodeClaim {
        labels: Arc::new(labels),
        provider: Some(INSTANCE.into()),
        registered: true,
        ..claim([])
    }
}

/// What is done about `claim` and its node when these reservations end soon and these instances are paid by use.
fn steps(claim: NodeClaim, expiring: &[&str], by_use: &[&str]) -> Vec<ReservedStep> {
    planned(claim, expiring, Some((noon(), by_use))).steps
}

fn planned(
    claim: NodeClaim,
    expiring: &[&str],
    listed: Option<(Timestamp, &[&str])>,
) -> Plan<ReservedStep> {
    let state = ClusterState::default();
    let kind = claim.labels[core::CAPACITY_TYPE].to_string();
    let node = objects::node("node-1", INSTANCE).label(core::CAPACITY_TYPE, &kind);
    let node = if claim.registered { node.label(core::REGISTERED, "true") } else { node };
    state.apply(ClusterEvent::NodeClaim(Change::Upsert(Arc::new(claim))), noon());
    state.apply(ClusterEvent::Node(Change::Upsert(node.build())), noon());
    let listing = listed.map(|(read, ids)| Listing {
        read: Some(read),
        on_demand: ids.iter().map(|id| (*id).into()).collect(),
    });
    let input = Input {
        snapshot: state.snapshot(),
        expiring: expiring.iter().map(ToString::to_string).collect(),
        listing: listing.unwrap_or_default(),
    };
    decide::plan(&input, MINUTE, noon())
}

#[test]
fn claim_goes_when_its_reservation_ends_soon() {
    let expire = ReservedStep::Expire("claim-1".into(), "uid-1".into());
    assert_eq!(steps(of_kind("reserved"), &["crp-1"], &[]), [expire]);
    assert_eq!(steps(of_kind("reserved"), &["crp-2"], &[]), []);
    let deleting = NodeClaim { deleted_at: Some(noon()), ..of_kind("reserved") };
    assert_eq!(steps(deleting, &["crp-1"], &[]), []);
}

// behaviour 05#90
#[test]
fn claim_and_node_that_fell_out_of_a_reservation_are_relabelled() {
    let seen = steps(of_kind("reserved"), &[], &[INSTANCE]);
    let [ReservedStep::DemoteClaim(claim, version), ReservedStep::DemoteNode(node, _)] = &seen[..]
    else {
        panic!("{seen:?}")
    };
    assert_eq!((claim.as_str(), version.as_str(), node.as_str()), ("claim-1", "1", "node-1"));
    assert_eq!(steps(of_kind("reserved"), &[], &["cn-hangzhou.i-2"]), []);
    let unregistered = NodeClaim { registered: false, ..of_kind("reserved") };
    assert_eq!(steps(unregistered, &[], &[INSTANCE]), []);
}

#[test]
fn instances_are_listed_once_a_minute_and_only_while_something_is_reserved() {
    let without = planned(of_kind("on-demand"), &["crp-1"], None);
    assert_eq!((without.steps.len(), without.wake_at), (0, None));
    let first = planned(of_kind("reserved"), &[], None);
    assert_eq!(first.steps, [ReservedStep::List]);
    let recent = planned(of_kind("reserved"), &[], Some((noon(), &[])));
    assert_eq!((recent.steps.len(), recent.wake_at), (0, Some(noon() + MINUTE)));
    let old = planned(of_kind("reserved"), &[], Some((at("2026-08-01T11:59:00Z"), &[])));
    assert_eq!(old.steps, [ReservedStep::List]);
}
