//! Which empty nodes go.

use super::*;
use crate::api::v1beta1::capacity_buffer::CapacityBuffer as Buffer;
use crate::decide::disruption::emptiness::propose;
use crate::model::capacity_buffer::Room;
use crate::state::{Change, ClusterEvent, Intent};
use crate::testing::cluster::{at, pod, pool, text};
use crate::wire::Decoded;

const TEN: [&str; 10] = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"];

fn pool_with(name: &str, nodes: &str) -> crate::model::node_pool::NodePool {
    pool(name, json!({ "spec": { "disruption": { "budgets": [{ "nodes": nodes }] } } }))
}

fn proposed(world: &World) -> Vec<Command> {
    propose(&input(world, at(0)), &mut DisruptionReport::default())
}

fn one() -> World {
    with_empty_nodes(World::new(at(0)).pool(pool("default", json!({}))), &["a"])
}

// behaviour 03#122, 03#124
#[test]
fn one_command_takes_as_many_empty_nodes_as_the_budget_lets_go() {
    let of = |nodes| with_empty_nodes(World::new(at(0)).pool(pool_with("default", nodes)), &TEN);
    let commands = proposed(&of("3"));
    assert_eq!(commands.len(), 1);
    assert_eq!(taken(&commands), ["a", "b", "c"]);
    assert!(proposed(&of("0")).is_empty());
}

// behaviour 03#123
#[test]
fn budgets_of_pools_are_apart() {
    let mut world = World::new(at(0));
    for pool in ["p", "q", "r"] {
        world = world.pool(pool_with(pool, "2"));
        for number in 0..3 {
            let name = format!("{pool}{number}");
            let labels = json!({ "metadata": { "labels": { "karpenter.sh/nodepool": pool } } });
            world = world.node(node(&name, labels)).claim(quiet_claim(&name));
        }
    }
    let commands = proposed(&world);
    assert_eq!(commands.len(), 1);
    assert_eq!(taken(&commands).len(), 6);
}

// behaviour 03#125, 03#131
#[test]
fn pods_that_need_another_place_make_a_node_not_empty() {
    let ending = |kind| {
        let mut changes = owned_by(kind);
        changes["metadata"]["deletionTimestamp"] = json!(text(at(0)));
        changes
    };
    let worthless = json!({ "spec": { "priority": -2_000_000_000 } });
    let cases = [
        (owned_by("DaemonSet"), true),
        (ending("ReplicaSet"), true),
        (ending("StatefulSet"), false),
        (json!({}), false),
        (worthless, false),
    ];
    for (changes, is_taken) in cases {
        let world = one().pod(pod("p", "a", changes.clone()));
        assert_eq!(!proposed(&world).is_empty(), is_taken, "{changes}");
    }
}

// behaviour 03#128, 03#64
#[test]
fn only_consolidatable_claims_of_consolidating_dynamic_pools_are_taken() {
    assert_eq!(taken(&proposed(&one())), ["a"]);
    assert!(proposed(&one().claim(claim("a", json!({})))).is_empty());
    let no = with_conditions(&[condition("Consolidatable", "False", at(0))]);
    assert!(proposed(&one().claim(claim("a", no))).is_empty());
    let fixed = pool("default", json!({ "spec": { "replicas": 1 } }));
    assert!(proposed(&one().pool(fixed)).is_empty());

    let never = json!({ "spec": { "disruption": { "consolidateAfter": "Never" } } });
    let world = one().pool(pool("default", never));
    let mut report = DisruptionReport::default();
    assert!(propose(&input(&world, at(0)), &mut report).is_empty());
    let why = &report.skipped[0].why;
    assert_eq!(why.to_string(), "NodePool \"default\" has consolidation disabled");
    assert!(why.is_unconsolidatable());
}

// behaviour 03#129, 03#130
#[test]
fn protected_and_awaited_nodes_are_kept() {
    assert!(proposed(&one().node(node("a", annotated("true")))).is_empty());
    assert_eq!(taken(&proposed(&one().node(node("a", annotated("false"))))), ["a"]);
    let nomination = Intent::NominateNode { node: "a".into(), until: at(1) };
    assert!(proposed(&one().with(ClusterEvent::Intent(nomination))).is_empty());
}

// behaviour 03#69
#[test]
fn a_claim_without_instance_in_one_pool_does_not_stop_the_others() {
    let labels = json!({ "karpenter.sh/nodepool": "other" });
    let status = json!({ "providerID": null, "conditions": null });
    let starting = claim("x", json!({ "metadata": { "labels": labels }, "status": status }));
    let world = one().pool(pool("other", json!({}))).claim(starting);
    assert_eq!(taken(&proposed(&world)), ["a"]);
}

// behaviour 02#247
#[test]
fn a_node_with_room_for_a_buffer_is_not_empty() {
    let buffer = json!({
        "apiVersion": "autoscaling.x-k8s.io/v1beta1", "kind": "CapacityBuffer",
        "metadata": { "name": "b", "namespace": "default", "uid": "b" },
        "spec": { "podTemplateRef": { "name": "t" }, "replicas": 1 },
    });
    let buffer: Buffer = serde_json::from_value(buffer).expect("a buffer");
    let buffer = Arc::new(buffer.decode().expect("a buffer"));
    let (key, node) = (buffer.key.clone(), one().snapshot().nodes.values().next().unwrap().clone());
    let room =
        Room { nodes: [(node.name.clone(), [key.clone()].into())].into(), ..Room::default() };
    let kept = one().with(ClusterEvent::Intent(Intent::KeepRoom(Arc::new(room))));
    let kept = kept.with(ClusterEvent::CapacityBuffer(Change::Upsert(buffer)));
    assert!(proposed(&kept).is_empty());
    let gone = kept.with(ClusterEvent::CapacityBuffer(Change::Delete(key)));
    assert_eq!(taken(&proposed(&gone)), ["a"]);
}
