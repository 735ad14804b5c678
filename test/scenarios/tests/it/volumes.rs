//! Pods with disks get nodes in the zones of their disks.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use scenarios::manifests::{DISK_ZONE, disk_class, stateful_set};
use scenarios::world::{World, run};
use serde_json::{Value, json};

const SET: &str = "/apis/apps/v1/namespaces/default/statefulsets/db";
const PODS: &str = "/api/v1/namespaces/default/pods";
const VOLUMES: &str = "/api/v1/persistentvolumes";

async fn items(world: &World, path: &str) -> Result<Vec<Value>> {
    let list = world.read(path).await?;
    Ok(list["items"].as_array().context("a list")?.clone())
}

fn text(object: &Value, pointer: &str) -> String {
    object.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// Zones of the disks, by claim.
async fn zones_of_disks(world: &World) -> Result<BTreeMap<String, String>> {
    let term = "/spec/nodeAffinity/required/nodeSelectorTerms/0/matchExpressions/0";
    let mut zones = BTreeMap::new();
    for volume in items(world, VOLUMES).await? {
        assert_eq!(text(&volume, &format!("{term}/key")), DISK_ZONE);
        zones.insert(
            text(&volume, "/spec/claimRef/name"),
            text(&volume, &format!("{term}/values/0")),
        );
    }
    Ok(zones)
}

/// Zones of the nodes of pods, by claim.
async fn zones_of_pods(world: &World) -> Result<BTreeMap<String, String>> {
    let nodes = items(world, "/api/v1/nodes").await?;
    let mut zones = BTreeMap::new();
    for pod in items(world, PODS).await? {
        let node = nodes.iter().find(|node| node["metadata"]["name"] == pod["spec"]["nodeName"]);
        let labels = &node.context("a node")?["metadata"]["labels"];
        let zone = labels["topology.kubernetes.io/zone"].as_str().context("a zone")?;
        zones.insert(format!("data-{}", text(&pod, "/metadata/name")), zone.to_owned());
    }
    Ok(zones)
}

async fn scale(world: &World, replicas: usize) -> Result<()> {
    world.patch(SET, &json!({ "spec": { "replicas": replicas } })).await?;
    Ok(())
}

async fn wind_down(world: &World) -> Result<()> {
    scale(world, 0).await?;
    world.until_empty().await?;
    world.at_rest().await?;
    world.nothing_is_left().await
}

// behaviour 01#165
#[test]
fn pods_of_a_stateful_set_run_in_the_zones_of_their_disks() -> Result<()> {
    run(async {
        let world = World::elastic(21).await?;
        let zones = ["cn-hangzhou-h", "cn-hangzhou-i", "cn-hangzhou-j"];
        world.apply(&disk_class("disk", "Immediate", &zones)).await?;
        world.apply(&stateful_set("db", 6, "disk")).await?;
        world.until_running(6).await?;
        let (disks, pods) = (zones_of_disks(&world).await?, zones_of_pods(&world).await?);
        assert_eq!(disks, pods);
        let distinct: std::collections::BTreeSet<&String> = disks.values().collect();
        assert!(distinct.len() > 1, "{disks:?}");
        wind_down(&world).await
    })
}

#[test]
fn pods_come_back_to_the_zone_where_their_disks_were_made() -> Result<()> {
    run(async {
        let world = World::elastic(22).await?;
        world.apply(&disk_class("late", "WaitForFirstConsumer", &["cn-hangzhou-i"])).await?;
        world.apply(&stateful_set("db", 3, "late")).await?;
        world.until_running(3).await?;
        let first = zones_of_pods(&world).await?;
        assert!(first.values().all(|zone| zone == "cn-hangzhou-i"), "{first:?}");
        wind_down(&world).await?;
        scale(&world, 3).await?;
        world.until_running(3).await?;
        assert_eq!(zones_of_pods(&world).await?, zones_of_disks(&world).await?);
        wind_down(&world).await
    })
}
