//! How many claims static pools get, and which ones they lose first.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::report::{StaticReport, Verdict};
use super::*;
use crate::api::labels;
use crate::decide::scheduling::input::PoolSupply;
use crate::decide::scheduling::plan::Target;
use crate::decide::scheduling::solve::solve;
use crate::model::label_rules::{LabelNormalization, WellKnownLabels};
use crate::state::{ClusterEvent, Intent};
use crate::testing::cluster::{World, at, claim, node, pod, pool, text};
use crate::testing::instance_types::{catalog, instance_type};
use crate::testing::node_pools::node_pool;
use crate::testing::nodes::state_node;
use crate::testing::scenario::cluster;

fn decided(world: &World, now: Timestamp) -> (Plan<StaticStep>, StaticReport) {
    let (well_known, normalization) = (WellKnownLabels::core(), LabelNormalization::core());
    let (well_known, normalization) = (&well_known, &normalization);
    let rules = ClaimRules { seed: 7, well_known, normalization, default_grace: None };
    plan(&world.snapshot(), rules, now)
}

/// A world with pool `default` of so many replicas, ready.
fn world(replicas: u32, changes: &Value) -> World {
    let mut pool = pool("default", json!({ "spec": { "replicas": replicas } }));
    pool.ready = changes["ready"].as_bool().unwrap_or(true);
    pool.deleted_at = changes["deleting"].as_bool().map(|_| at(0));
    if let Some(nodes) = changes["nodes"].as_str() {
        let limits = json!({ "nodes": nodes });
        let limits = serde_json::from_value(limits).expect("quantities");
        let limits = crate::model::resources::Resources::from_api(&limits);
        pool.limits = Some(limits.expect("quantities"));
    }
    World::new(at(0)).pool(pool)
}

fn with_claims(world: World, names: &[&str]) -> World {
    names.iter().fold(world, |world, name| world.claim(claim(name, json!({}))))
}

/// Claims created and names deleted by the only step.
fn changes(world: &World) -> (usize, Vec<String>) {
    let (plan, report) = decided(world, at(0));
    let [step] = &plan.steps[..] else { panic!("{report}") };
    (step.create.len(), step.delete.iter().map(|claim| claim.name.to_string()).collect())
}

fn is_at_rest(world: &World) -> bool {
    decided(world, at(0)).0.steps.is_empty()
}

// behaviour 02#248
#[test]
fn missing_claims_come_straight_from_the_template() {
    let (plan, report) = decided(&world(3, &json!({})), at(0));
    let [step] = &plan.steps[..] else { panic!("{report}") };
    assert_eq!(step.create.len(), 3);
    let mut names: Vec<_> = step.create.iter().map(|claim| claim.metadata.name.clone()).collect();
    names.dedup();
    assert_eq!(names.len(), 3);
    let keys = step.create[0].spec.requirements.iter().map(|entry| entry.key.as_str());
    assert_eq!(keys.collect::<Vec<_>>(), [labels::NODEPOOL, "karpenter.test/testnodeclass"]);
    let labels = step.create[0].metadata.labels.clone().unwrap_or_default();
    assert_eq!(labels.get(labels::NODEPOOL).map(String::as_str), Some("default"));
    let text = "nodepool default: 0 of 3 nodes, 0 about to be replaced, 0 being deleted: 3 missing";
    assert_eq!((step.why.as_str(), report.pools.len()), (text, 1));
}

// behaviour 02#248
#[test]
fn pods_never_make_a_static_pool_grow_but_may_use_its_nodes() {
    let types = catalog([instance_type("t").cpu("4").offering("z1", "spot", 1.0).build()]);
    let mut input = cluster().with_pool(node_pool("dynamic"), types.clone());
    let pool = node_pool("static").replicas(1).build();
    input.pools.push(PoolSupply { pool, catalog: types });
    input = input.with_node(state_node("n").managed("static").capacity("cpu", "4"));
    let pods = ["a", "b"].map(|name| crate::testing::pods::pod(name).cpu("3"));
    let plan = solve(&input.with_pods(pods));
    assert_eq!(plan.placements[0].target, Target::Node("n".into()));
    assert_eq!(plan.claims[0].pool.as_str(), "dynamic");
}

// behaviour 02#249
#[test]
fn the_limit_on_nodes_is_reached_exactly() {
    let limited = || world(8, &json!({ "nodes": "5" }));
    assert_eq!(changes(&limited()).0, 5);
    let leaving = json!({ "metadata": { "deletionTimestamp": text(at(0)) } });
    let with_leaving = with_claims(limited(), &["a", "b"]).claim(claim("c", leaving));
    assert_eq!(changes(&with_leaving).0, 2, "nodes that are being deleted still count");
    let full = with_claims(limited(), &["a", "b", "c", "d", "e"]);
    let (plan, report) = decided(&full, at(0));
    assert!(plan.steps.is_empty());
    assert_eq!(report.pools[0].verdict, Verdict::Grows { wanted: 3, granted: 0 });
    assert!(report.to_string().contains("3 missing, the limit on nodes allows 0"), "{report}");
}

// behaviour 02#249
// behaviour 02#269
#[test]
fn a_repeated_step_asks_for_claims_of_the_same_names_and_another_for_others() {
    let names = |world: &World| {
        let (plan, _) = decided(world, at(0));
        let created = plan.steps.into_iter().flat_map(|step| step.create);
        created.filter_map(|claim| claim.metadata.name).collect::<Vec<_>>()
    };
    let first = names(&world(2, &json!({})));
    assert_eq!(names(&world(2, &json!({}))), first);
    let later = names(&with_claims(world(3, &json!({})), &["a"]));
    assert!(later.iter().all(|name| !first.contains(name)), "{first:?} {later:?}");
    // Nothing is reserved for a pool that may be gone when an answer comes: its claims are simply not asked for.
    assert!(is_at_rest(&World::new(at(0))) && is_at_rest(&world(2, &json!({ "deleting": true }))));
}

// behaviour 02#250
#[test]
fn nodes_that_are_about_to_be_replaced_count() {
    let marked = |replicas| {
        let world = with_claims(world(replicas, &json!({})), &["a", "b", "c"]);
        world.with(ClusterEvent::Intent(Intent::MarkForDeletion("c".into())))
    };
    assert!(is_at_rest(&marked(3)));
    assert_eq!(changes(&marked(4)).0, 1);
}

#[test]
fn a_pool_that_is_not_ready_does_not_grow_but_shrinks() {
    let unready = |replicas| world(replicas, &json!({ "ready": false }));
    assert!(is_at_rest(&unready(3)));
    assert_eq!(changes(&with_claims(unready(0), &["a"])).1, ["a"]);
}

#[test]
fn a_pool_without_replicas_and_claims_of_other_pools_are_left_alone() {
    let dynamic = World::new(at(0)).pool(pool("default", json!({})));
    assert!(is_at_rest(&with_claims(dynamic, &["a", "b"])));
    let labels = json!({ "metadata": { "labels": { "karpenter.sh/nodepool": "other" } } });
    let foreign = world(0, &json!({})).claim(claim("a", labels));
    assert!(is_at_rest(&foreign));
}

#[test]
fn huge_numbers_are_worked_off_in_portions() {
    assert_eq!(changes(&world(u32::MAX, &json!({}))).0, MOST_AT_ONCE);
}

// behaviour 02#251
#[test]
fn the_least_useful_claims_go_first() {
    let protected =
        json!({ "metadata": { "annotations": { "karpenter.sh/do-not-disrupt": "true" } } });
    let precious = json!({ "spec": { "priority": 1_000_000_000 } });
    let daemon = json!({ "metadata": { "ownerReferences": [
        { "apiVersion": "apps/v1", "kind": "DaemonSet", "name": "d", "uid": "d" },
    ] } });
    let ordered = |n_left: u32| {
        let mut world = world(n_left, &json!({}));
        for name in ["a-protected", "b-precious", "c-cheap", "d-daemon", "e-empty"] {
            world = world.node(node(name, json!({}))).claim(claim(name, json!({})));
        }
        let unlaunched = json!({ "status": { "providerID": "" } });
        let world = world
            .claim(claim("f-unlaunched", unlaunched))
            .pod(pod("p1", "a-protected", protected.clone()))
            .pod(pod("p2", "b-precious", precious.clone()))
            .pod(pod("p3", "c-cheap", json!({})))
            .pod(pod("p4", "d-daemon", daemon.clone()));
        changes(&world).1
    };
    let all = ordered(0);
    assert_eq!(all[0], "f-unlaunched");
    assert_eq!(all[3..], ["c-cheap", "b-precious", "a-protected"]);
    assert_eq!(ordered(5), ["f-unlaunched"]);
    assert_eq!(ordered(2), all[..4]);
}

// behaviour 02#251
#[test]
fn a_node_that_soon_expires_costs_less() {
    let aged = |name: &str, age: i64| {
        let created = json!({
            "metadata": { "creationTimestamp": text(at(-age)) },
            "spec": { "expireAfter": "1h" },
        });
        claim(name, created)
    };
    let world = world(1, &json!({}))
        .node(node("old", json!({})))
        .node(node("new", json!({})))
        .claim(aged("old", 3000))
        .claim(aged("new", 60))
        .pod(pod("p1", "old", json!({})))
        .pod(pod("p2", "new", json!({})));
    assert_eq!(changes(&world).1, ["old"]);
}
