//! Which pods are asked to leave now.

use jiff::Timestamp;
use serde_json::json;

use super::*;
use crate::decide::termination::evict::{EvictionStep, PodNotice, Removal, plan};
use crate::testing::cluster::{pod, pod_budget};

fn steps(world: &World, now: Timestamp) -> Vec<EvictionStep> {
    plan(&input(world), now).steps
}

fn evicted(world: &World, now: Timestamp) -> Vec<String> {
    let evictions = steps(world, now).into_iter().filter(|step| step.removal == Removal::Evict);
    evictions.map(|step| step.pod.key.name.to_string()).collect()
}

fn notices(world: &World, now: Timestamp) -> Vec<PodNotice> {
    let notices = steps(world, now).into_iter().filter_map(|step| match step.removal {
        Removal::Report(notice) => Some(notice),
        Removal::Evict | Removal::Delete { .. } => None,
    });
    notices.collect()
}

fn annotated(value: &str) -> Value {
    json!({ "metadata": { "annotations": { labels::DO_NOT_DISRUPT: value } } })
}

fn drained_with(changes: Value) -> World {
    World::new(at(0))
        .node(draining_node("a"))
        .claim(draining_claim("a", &[]))
        .pod(pod("p", "a", changes))
}

// behaviour 04#139, 03#274
#[test]
fn a_protected_pod_stays_until_the_annotation_goes() {
    assert!(evicted(&drained_with(annotated("true")), at(1_000_000)).is_empty());
    assert_eq!(evicted(&drained_with(json!({})), at(0)), ["p"]);
}

// behaviour 04#139, 03#267
#[test]
fn the_deadline_ends_every_protection() {
    let mut changes = annotated("true");
    changes["spec"] = json!({ "terminationGracePeriodSeconds": 300 });
    let world = World::new(at(0))
        .node(draining_node("a"))
        .claim(ending_claim("a", &text(at(300)), &[]))
        .pod(pod("p", "a", changes));
    let forced = &steps(&world, at(1))[0];
    let grace = Duration::from_secs(299);
    assert_eq!(forced.removal, Removal::Delete { grace, deadline: at(300) });
}

// behaviour 04#140, 03#274
#[test]
fn a_duration_protects_from_the_start_of_the_pod_and_people_are_told() {
    let started = |seconds: i64| {
        let mut changes = annotated("10m");
        changes["status"] = json!({ "startTime": text(at(-seconds)) });
        drained_with(changes)
    };
    let young = started(9 * 60);
    assert!(evicted(&young, at(0)).is_empty());
    assert_eq!(notices(&young, at(0)), [PodNotice::ProtectedUntil(at(60))]);
    assert_eq!(plan(&input(&young), at(0)).wake_at, Some(at(60)));
    let old = started(11 * 60);
    assert_eq!(evicted(&old, at(0)), ["p"]);
    assert_eq!(notices(&old, at(0)), [PodNotice::Elapsed]);

    let mut never_started = annotated("10m");
    never_started["status"] = json!({ "startTime": null });
    assert!(evicted(&drained_with(never_started), at(0)).is_empty());
}

// behaviour 04#140, 02#28
#[test]
fn an_annotation_that_says_nothing_is_ignored_and_told() {
    for value in ["abc", "-5m", "0s", "0"] {
        let world = drained_with(annotated(value));
        assert_eq!(evicted(&world, at(0)), ["p"], "{value}");
        assert_eq!(notices(&world, at(0)), [PodNotice::Invalid(value.into())]);
    }
}

// behaviour 04#146, 03#271
#[test]
fn the_deadline_is_the_one_of_the_claim_at_every_pass() {
    let removal = |claim: NodeClaim| {
        let pod = pod("p", "a", json!({ "spec": { "terminationGracePeriodSeconds": 30 } }));
        let world = World::new(at(0)).node(draining_node("a")).claim(claim).pod(pod);
        steps(&world, at(100))[0].removal.clone()
    };
    assert_eq!(removal(draining_claim("a", &[])), Removal::Evict);
    assert_eq!(removal(ending_claim("a", &text(at(500)), &[])), Removal::Evict);
    let grace = Duration::from_secs(20);
    let forced = removal(ending_claim("a", &text(at(120)), &[]));
    assert_eq!(forced, Removal::Delete { grace, deadline: at(120) });
}

// behaviour 04#148, 04#151, 03#266
#[test]
fn a_step_is_about_one_pod_and_not_about_its_name() {
    let world = drained_with(json!({}));
    let before = crate::decide::plan::Step::object(&steps(&world, at(0))[0]);
    let world = world.pod(pod("p", "b", json!({ "metadata": { "uid": "another" } })));
    assert!(steps(&world, at(0)).is_empty(), "the successor runs on another node");
    assert_eq!(before, "pod/default/p/uid-p");
}

// behaviour 04#150, 03#282
#[test]
fn the_reason_is_that_of_the_disruption() {
    let reason =
        |world: World| steps(&world.pod(pod("p", "a", json!({}))), at(0))[0].reason.clone();
    let world = || World::new(at(0)).node(draining_node("a"));
    let mut disrupted = condition(conditions::DISRUPTION_REASON, "True", at(0));
    disrupted["reason"] = json!("Underutilized");
    assert_eq!(reason(world().claim(draining_claim("a", &[disrupted]))), "Underutilized");
    assert_eq!(reason(world().claim(draining_claim("a", &[]))), "Forceful Termination");
    assert_eq!(reason(world()), "");
}

// behaviour 04#152
#[test]
fn twelve_thousand_pods_are_planned_in_one_pass() {
    let world = (0..12_000).fold(World::new(at(0)).node(draining_node("a")), |world, number| {
        world.pod(pod(&format!("p{number}"), "a", json!({})))
    });
    assert_eq!(evicted(&world, at(0)).len(), 12_000);
}

#[test]
fn a_budget_lets_no_more_pods_go_than_it_has_disruptions_left() {
    let world = |allowed| {
        let names = ["p1", "p2", "p3"];
        let world = World::new(at(0)).node(draining_node("a"));
        let world = names.iter().fold(world, |world, name| world.pod(pod(name, "a", json!({}))));
        world.pod_budget(pod_budget("b", allowed, json!({})))
    };
    assert_eq!(evicted(&world(2), at(0)), ["p1", "p2"]);
    assert_eq!(
        evicted(&world(0), at(0)),
        ["p1"],
        "one pod probes whether the budget is still used up"
    );
}

#[test]
fn nothing_is_evicted_before_the_node_carries_the_taint() {
    let world = World::new(at(0)).node(node("a", deleting())).pod(pod("p", "a", json!({})));
    assert!(steps(&world, at(0)).is_empty());
}
