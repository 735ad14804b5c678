//! Who is told that a pod has a node, and how long the node is kept for it.

use std::time::Duration;

use super::*;
use crate::decide::scheduling::plan::Placement;
use crate::model::ids::{NodeClaimName, NodeName};
use crate::testing::cluster;

/// The plan that puts pod `name` on node `n`.
fn placed(name: &str) -> Provision {
    let plan = solve(&scenario::cluster());
    let pods = vec![PodKey::new("default", name)];
    let placements = vec![Placement { target: Target::Node("n".into()), pods }];
    SchedulingPlan { placements, ..plan }.into()
}

/// A world with node `n`, its claim and pod `real`; what is published while pod `name` is put on the node, and until
/// when the node is kept.
async fn nominate(
    name: &str,
    batch: u64,
) -> (Vec<(&'static str, String)>, Option<jiff::Timestamp>) {
    let world = World::new(at(0))
        .node(cluster::node("n", json!({})))
        .claim(cluster::claim("n", json!({ "metadata": { "name": "c" } })))
        .pod(cluster::pod("real", "", json!({})));
    let (clients, mut published) = clients(&Server::new(500, json!({})), idle_cloud(), &world);
    let mut provisioner = provisioner(clients);
    provisioner.options.batch_max_duration = Duration::from_secs(batch);
    assert!(provisioner.act(placed(name)).await.is_ok());
    let until = world.snapshot().intents.node_nominated_until(&NodeName::from("n"));
    (published.messages(), until)
}

// behaviour 02#227
#[tokio::test(start_paused = true)]
async fn pod_placed_on_a_node_is_told_and_the_node_is_kept_for_it() {
    let (messages, until) = nominate("real", 10).await;
    let text = "Pod should schedule on: nodeclaim/c, node/n".to_owned();
    assert_eq!(messages, [("Nominated", text)]);
    assert_eq!(until, Some(at(20)));
    let (_, short) = nominate("real", 1).await;
    assert_eq!(short, Some(at(10)));
}

// behaviour 02#227
#[tokio::test(start_paused = true)]
async fn virtual_pods_keep_no_node_and_are_told_nothing() {
    assert_eq!(nominate("capacity-buffer-b-1", 10).await, (vec![], None));
}

#[test]
fn claim_whose_node_has_come_meanwhile_is_named_with_it() {
    let world = World::new(at(0))
        .node(cluster::node("n", json!({})))
        .claim(cluster::claim("n", json!({ "metadata": { "name": "c" } })));
    let target = Target::Claim(NodeClaimName::from("c"));
    assert_eq!(target_text(&target, &world.snapshot()), "nodeclaim/c, node/n");
    assert_eq!(target_text(&target, &World::new(at(0)).snapshot()), "nodeclaim/c");
}

// behaviour 02#95, 02#96, 02#97
#[test]
fn pools_that_rule_out_every_type_are_told_and_pools_without_a_catalogue_are_not() {
    let zone = "topology.kubernetes.io/zone";
    let input = scenario::cluster()
        .with_pool(node_pool("elsewhere").require(zone, "In", ["nowhere"]), types())
        .with_pool(node_pool("picky").require_min(2, zone, "Exists", []), types())
        .with_pool(node_pool("unknown"), Catalog::default())
        .with_pool(node_pool("usable"), types());
    let world = ["elsewhere", "picky", "unknown", "usable"]
        .into_iter()
        .fold(World::new(at(0)), |world, name| world.pool(cluster::pool(name, json!({}))));
    let told = unusable_pools(&solve(&input).report, &world.snapshot());
    let text = "NodePool requirements filtered out all compatible available instance types";
    let texts: Vec<_> = told.iter().map(|event| (&*event.about.name, &*event.message)).collect();
    let because = format!("{text} due to minValues incompatibility");
    assert_eq!(texts, [("picky", &*because), ("elsewhere", text)]);
    assert!(told.iter().all(|event| event.reason == "NoCompatibleInstanceTypes"));
}
