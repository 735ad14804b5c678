//! When a claim becomes consolidatable.

use super::*;
use crate::api::v1::conditions::{CONSOLIDATABLE, HasConditions};
use crate::decide::disruption::consolidatable::plan;
use crate::testing::cluster::{at, pool, text};

fn pool_with(consolidate_after: &str) -> Value {
    json!({ "spec": { "disruption": { "consolidateAfter": consolidate_after } } })
}

/// Whether the condition is written as True; `None` when nothing is written.
fn written(world: &World, now: Timestamp) -> Option<bool> {
    plan(&world.snapshot(), now).steps.pop().map(|step| step.after.is_true(CONSOLIDATABLE))
}

fn with_pod_event(seconds: i64) -> NodeClaim {
    claim("a", json!({ "status": { "lastPodEventTime": text(at(seconds)) } }))
}

// behaviour 03#48, 03#49
#[test]
fn a_node_is_consolidatable_when_its_pods_were_quiet_for_the_time_asked() {
    let world = World::new(at(0)).pool(pool("default", pool_with("30s"))).claim(with_pod_event(0));
    assert_eq!(written(&world, at(10)), None);
    assert_eq!(plan(&world.snapshot(), at(10)).wake_at, Some(at(30)));
    assert_eq!(written(&world, at(30)), Some(true));
}

// behaviour 03#50
#[test]
fn without_pod_event_the_time_runs_from_initialization() {
    let world =
        World::new(at(0)).pool(pool("default", pool_with("2h"))).claim(claim("a", json!({})));
    assert_eq!(written(&world, at(3599)), None);
    assert_eq!(written(&world, at(3600)), Some(true));
}

// behaviour 03#48
#[test]
fn a_new_pod_event_takes_the_condition_away() {
    let mut claim = quiet_claim("a");
    claim.last_pod_event = Some(at(0));
    let world = World::new(at(0)).pool(pool("default", pool_with("30s"))).claim(claim);
    assert_eq!(written(&world, at(1)), Some(false));
}

// behaviour 03#51
#[test]
fn never_and_nodes_that_still_start_take_the_condition_away() {
    let never = World::new(at(0)).pool(pool("default", pool_with("Never"))).claim(quiet_claim("a"));
    assert_eq!(written(&never, at(0)), Some(false));
    for status in ["False", "Unknown"] {
        let conditions = [
            condition("Consolidatable", "True", at(0)),
            condition("Launched", "True", at(0)),
            condition("Registered", "True", at(0)),
            condition("Initialized", status, at(0)),
            condition("Ready", "Unknown", at(0)),
        ];
        let starting = claim("a", json!({ "status": { "conditions": conditions } }));
        let world = World::new(at(0)).pool(pool("default", pool_with("0s"))).claim(starting);
        assert_eq!(written(&world, at(0)), Some(false), "{status}");
    }
}

// behaviour 03#46, 03#52, 03#53
#[test]
fn claims_of_static_or_unknown_pools_are_left_as_they_are() {
    let fixed = pool("default", json!({ "spec": { "replicas": 1 } }));
    assert_eq!(written(&World::new(at(0)).pool(fixed).claim(claim("a", json!({}))), at(0)), None);
    assert_eq!(written(&World::new(at(0)).claim(quiet_claim("a")), at(0)), None);
}
