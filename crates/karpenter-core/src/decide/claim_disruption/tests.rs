use jiff::Timestamp;
use serde_json::json;

use super::plan;
use crate::api::v1::conditions::{CONSOLIDATABLE, HasConditions};
use crate::decide::plan::Plan;
use crate::model::node_class::Readiness;
use crate::model::pod::Pod;
use crate::state::{Change, ClusterEvent};
use crate::testing::objects::{
    ClaimBuilder, PoolBuilder, World, at, bound_pod, node, node_claim, node_class, node_pool,
};

fn initialized() -> ClaimBuilder {
    node_claim("a").launched("p-1", 1).registered(2).initialized(100)
}

fn pool(consolidate_after: &str) -> PoolBuilder {
    node_pool("general").set("/spec/disruption/consolidateAfter", consolidate_after)
}

fn world(claim: ClaimBuilder, pool: PoolBuilder) -> World {
    let class = node_class(1, Readiness::Ready);
    World::new().pool(pool.build()).class(class).claim(claim.build())
}

fn decide(world: &World, seconds: i64) -> Plan<super::ConditionWrite> {
    plan(&world.snapshot(), at(seconds))
}

/// Whether the claim is consolidatable after the decision, and when it is looked at again.
fn consolidatable(claim: ClaimBuilder, pool: PoolBuilder, now: i64) -> (bool, Option<Timestamp>) {
    let before = claim.clone().build();
    let plan = decide(&world(claim, pool), now);
    let is_true = match &*plan.steps {
        [] => before.object.is_true(CONSOLIDATABLE),
        [write] => write.after.is_true(CONSOLIDATABLE),
        more => panic!("one write at most, not {more:?}"),
    };
    (is_true, plan.wake_at)
}

fn quiet_since(seconds: i64) -> ClaimBuilder {
    initialized().set("/status/lastPodEventTime", at(seconds).to_string())
}

// behaviour 03#48
// behaviour 03#49
// behaviour 03#50
#[test]
fn a_node_is_consolidatable_once_it_was_quiet_long_enough() {
    assert_eq!(consolidatable(quiet_since(200), pool("30s"), 210), (false, Some(at(230))));
    assert_eq!(consolidatable(quiet_since(200), pool("30s"), 230), (true, None));
    assert_eq!(consolidatable(initialized(), pool("30s"), 129), (false, Some(at(130))));
    assert_eq!(consolidatable(initialized(), pool("30s"), 130), (true, None));
    assert_eq!(consolidatable(quiet_since(200), pool("0s"), 200), (true, None));
}

// behaviour 01#190
#[test]
fn a_pod_event_before_initialization_counts() {
    // Initialized at 100, the last pod event at 40.
    assert_eq!(consolidatable(quiet_since(40), pool("10m"), 639), (false, Some(at(640))));
    assert_eq!(consolidatable(quiet_since(40), pool("10m"), 640), (true, None));
}

// behaviour 03#51
// behaviour 03#52
#[test]
fn the_condition_is_cleared_where_consolidation_is_off() {
    let was = |claim: ClaimBuilder| claim.condition(CONSOLIDATABLE, "True", CONSOLIDATABLE, 150);
    let cleared =
        |claim: ClaimBuilder, pool| consolidatable(was(claim), pool, 500) == (false, None);
    assert!(cleared(initialized(), pool("Never")));
    assert!(cleared(initialized().condition("Initialized", "False", "X", 3), pool("0s")));
    assert!(cleared(initialized().condition("Initialized", "Unknown", "X", 3), pool("0s")));
    let fixed = pool("0s").set("/spec/replicas", 1);
    assert_eq!(consolidatable(initialized(), fixed, 500), (false, None));
}

// behaviour 03#46
#[test]
fn a_claim_without_pool_keeps_its_condition() {
    let claim = initialized().condition(CONSOLIDATABLE, "True", CONSOLIDATABLE, 150);
    assert!(decide(&World::new().claim(claim.build()), 500).steps.is_empty());
}

/// The last pod event that is written, if one is.
fn last_pod_event(claim: ClaimBuilder, pod: std::sync::Arc<Pod>) -> Option<Timestamp> {
    let before = claim.clone().build().last_pod_event;
    let world = world(claim, pool("Never")).node(node("n1", "p-1").build()).pod(pod);
    let plan = decide(&world, 500);
    let after = plan.steps.first()?.after.status.as_ref()?.last_pod_event_time.as_ref()?.0;
    (Some(after) != before).then_some(after)
}

// behaviour 03#54
// behaviour 04#171
// behaviour 03#55
// behaviour 04#173
// behaviour 03#57
#[test]
fn a_bound_pod_moves_the_time_by_ten_seconds_or_not_at_all() {
    let bound = |second| bound_pod("x", "n1", second, &[]);
    assert_eq!(last_pod_event(initialized(), bound(200)), Some(at(200)));
    assert_eq!(last_pod_event(quiet_since(200), bound(209)), None);
    assert_eq!(last_pod_event(quiet_since(200), bound(210)), Some(at(210)));
    assert_eq!(last_pod_event(quiet_since(200), bound(50)), None);
}

// behaviour 04#172
// behaviour 03#56
#[test]
fn pods_of_daemon_sets_unbound_pods_and_other_nodes_do_not_count() {
    let owner = json!([{
        "apiVersion": "apps/v1", "kind": "DaemonSet", "name": "d", "uid": "d", "controller": true,
    }]);
    let daemon = bound_pod("x", "n1", 200, &[("/metadata/ownerReferences", owner)]);
    assert_eq!(last_pod_event(initialized(), daemon), None);
    let unbound = bound_pod("x", "n1", 200, &[("/spec/nodeName", json!(null))]);
    assert_eq!(last_pod_event(initialized(), unbound), None);
    assert_eq!(last_pod_event(initialized(), bound_pod("x", "n2", 200, &[])), None);
}

// behaviour 04#172
#[test]
fn a_changed_pod_label_is_no_event() {
    let world = world(quiet_since(200), pool("Never"))
        .node(node("n1", "p-1").build())
        .pod(bound_pod("x", "n1", 200, &[]));
    let state = world.state();
    let labelled = bound_pod("x", "n1", 200, &[("/metadata/labels/a", json!("b"))]);
    state.apply(ClusterEvent::Pod(Change::Upsert(labelled)), at(400));
    assert!(plan(&state.snapshot(), at(500)).steps.is_empty());
}

// behaviour 04#172
#[test]
fn two_claims_of_one_instance_are_both_left_alone() {
    let twin = node_claim("b").launched("p-1", 1).registered(2).initialized(100);
    let world = world(initialized(), pool("Never"))
        .claim(twin.build())
        .node(node("n1", "p-1").build())
        .pod(bound_pod("x", "n1", 200, &[]));
    assert!(decide(&world, 500).steps.is_empty());
}
