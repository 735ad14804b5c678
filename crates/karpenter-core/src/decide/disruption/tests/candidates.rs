//! Who may be disrupted, and what the others are told.

use super::*;
use crate::decide::disruption::candidate::{Class, SkipReason, candidates};
use crate::state::{ClusterEvent, Intent};
use crate::testing::cluster::{at, pod, pod_budget, pool, text};

fn one(world: World) -> World {
    with_empty_nodes(world.pool(pool("default", json!({}))), &["a"])
}

fn fresh() -> World {
    one(World::new(at(0)))
}

/// Why node or claim `a` is no candidate; `None` when it is one.
fn why_not(world: &World, class: Class) -> Option<SkipReason> {
    let mut report = DisruptionReport::default();
    let found = candidates(&input(world, at(0)), class, &mut report);
    assert_eq!(found.len() + report.skipped.len(), 1);
    report.skipped.pop().map(|skipped| skipped.why)
}

// behaviour 03#70
#[test]
fn every_reason_to_leave_a_node_alone_has_its_own_words() {
    let label = |key: &str, value: Value| json!({ "metadata": { "labels": { key: value } } });
    let cases = [
        (
            World::new(at(0)).claim(claim("a", json!({}))),
            "Nodeclaim does not have an associated node",
        ),
        (
            fresh().node(node("a", label("karpenter.sh/initialized", json!(null)))),
            "Node isn't initialized",
        ),
        (
            fresh().with(ClusterEvent::Intent(Intent::MarkForDeletion("a".into()))),
            "Node is deleting or marked for deletion",
        ),
        (
            fresh().with(ClusterEvent::Intent(Intent::NominateNode {
                node: "a".into(),
                until: at(1),
            })),
            "Node is nominated for a pending pod",
        ),
        (
            fresh().node(node("a", annotated("true"))),
            "Disruption is blocked through the \"karpenter.sh/do-not-disrupt\" annotation",
        ),
        (
            fresh().node(node("a", label("karpenter.sh/nodepool", json!(null)))),
            "Node doesn't have required label (label=karpenter.sh/nodepool)",
        ),
        (
            fresh().node(node("a", label("karpenter.sh/nodepool", json!("gone")))),
            "NodePool not found (NodePool=gone)",
        ),
        (
            fresh().pod(pod("p", "a", annotated("true"))),
            "Pod has \"karpenter.sh/do-not-disrupt\" annotation (Pod=default/p)",
        ),
        (
            fresh().pod(pod("p", "a", json!({}))).pod_budget(pod_budget("b", 0, json!({}))),
            "Pdb prevents pod evictions (PodDisruptionBudget=[default/b])",
        ),
        (
            fresh()
                .pod(pod("p", "a", json!({})))
                .pod_budget(pod_budget("b", 1, json!({})))
                .pod_budget(pod_budget("c", 1, json!({}))),
            "Eviction does not support multiple PDBs (PodDisruptionBudget(s)=[default/b default/c])",
        ),
    ];
    for (world, message) in cases {
        let why = why_not(&world, Class::Graceful).expect(message);
        assert_eq!(why.to_string(), message);
        assert!(why.is_told());
    }
    assert_eq!(why_not(&fresh(), Class::Graceful), None);
}

// behaviour 03#70, 03#78
#[test]
fn nodes_of_others_and_of_commands_are_left_alone_in_silence() {
    let foreign = World::new(at(0)).node(node("a", json!({})));
    let why = why_not(&foreign, Class::Graceful).expect("no candidate");
    assert_eq!(why, SkipReason::Unmanaged);
    assert!(!why.is_told());

    let mut input = input(&fresh(), at(0));
    input.reserved.insert("a".into());
    let mut report = DisruptionReport::default();
    assert!(candidates(&input, Class::Graceful, &mut report).is_empty());
    assert_eq!(report.skipped[0].why, SkipReason::InCommand);
    assert!(!report.skipped[0].why.is_told());
}

fn with_bound(bounded: bool) -> World {
    let mut claim = quiet_claim("a");
    claim.termination_grace_period = bounded.then_some(std::time::Duration::ZERO);
    fresh().claim(claim)
}

// behaviour 03#72, 03#73, 03#74
#[test]
fn a_bounded_drain_lets_eventual_methods_disregard_pods() {
    let protected = |bounded| with_bound(bounded).pod(pod("p", "a", annotated("true")));
    let budgeted = |bounded| {
        with_bound(bounded).pod(pod("p", "a", json!({}))).pod_budget(pod_budget("b", 0, json!({})))
    };
    for world in [protected as fn(bool) -> World, budgeted] {
        assert_eq!(why_not(&world(true), Class::Eventual), None);
        assert!(why_not(&world(true), Class::Graceful).is_some());
        assert!(why_not(&world(false), Class::Eventual).is_some());
    }
}

// behaviour 03#75
#[test]
fn the_annotation_of_a_node_forbids_with_true_and_for_a_time() {
    let is_kept = |value: &str| {
        let world = fresh().node(node("a", annotated(value)));
        why_not(&world, Class::Graceful) == Some(SkipReason::NodeAnnotation)
    };
    assert!(is_kept("true"));
    assert!(!is_kept("false"));
    assert!(is_kept("3h"), "the node is two hours old");
    assert!(!is_kept("1h"));
}

// behaviour 03#76
#[test]
fn protected_pods_that_stay_with_the_node_block_and_ended_ones_do_not() {
    let blocks = |more: Value| {
        let mut changes = more;
        changes["metadata"]["annotations"] = annotated("true")["metadata"]["annotations"].clone();
        why_not(&fresh().pod(pod("p", "a", changes)), Class::Graceful).is_some()
    };
    assert!(blocks(owned_by("Node")));
    assert!(blocks(owned_by("DaemonSet")));
    assert!(!blocks(json!({ "metadata": {}, "status": { "phase": "Failed" } })));
    assert!(!blocks(json!({ "metadata": { "deletionTimestamp": text(at(0)) } })));
}

// behaviour 03#77
#[test]
fn a_nomination_protects_until_its_end() {
    let until = at(1);
    let nomination = Intent::NominateNode { node: "a".into(), until };
    let world = fresh().with(ClusterEvent::Intent(nomination));
    let n_candidates = |now| {
        let mut report = DisruptionReport::default();
        candidates(&input(&world, now), Class::Graceful, &mut report).len()
    };
    assert_eq!(n_candidates(at(0)), 0);
    assert_eq!(n_candidates(at(1)), 1);
}

// behaviour 03#79
#[test]
fn a_pool_without_supply_has_no_candidates_and_the_others_have() {
    let other = json!({ "metadata": { "labels": { "karpenter.sh/nodepool": "other" } } });
    let world =
        fresh().pool(pool("other", json!({}))).node(node("b", other)).claim(quiet_claim("b"));
    let mut input = input(&world, at(0));
    input.catalogs.remove("default");
    let mut report = DisruptionReport::default();
    let found = candidates(&input, Class::Graceful, &mut report);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].claim.name.as_str(), "b");
    assert_eq!(report.skipped[0].why, SkipReason::NoPool("default".into()));
}

// behaviour 03#71
#[test]
fn a_node_of_unknown_type_is_a_candidate_without_price() {
    let mut report = DisruptionReport::default();
    let found = candidates(&input(&fresh(), at(0)), Class::Eventual, &mut report);
    assert_eq!(found[0].price, Price::ZERO);
}
