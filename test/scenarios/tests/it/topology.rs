//! Pods that ask for each other's neighbourhood or distance get nodes where the scheduler then puts them.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use scenarios::manifests;
use scenarios::world::{World, run};
use serde_json::{Value, json};

const ZONE: &str = "topology.kubernetes.io/zone";
const HOST: &str = "kubernetes.io/hostname";

/// Deploys pods that carry `members` in their `spec` and waits until all run; pods per value of the node label `key`.
async fn placed(replicas: u32, key: &str, members: &Value) -> Result<BTreeMap<String, usize>> {
    let world = World::elastic(1).await?;
    let mut deployment = manifests::deployment("inflate", replicas, "500m", "512Mi");
    let spec = &mut deployment["spec"]["template"]["spec"];
    for (name, value) in members.as_object().context("members of a pod")? {
        spec[name] = value.clone();
    }
    world.apply(&deployment).await?;
    world.until_running(usize::try_from(replicas)?).await?;
    let counts = pods_by(&world, key).await?;
    world.wind_down("inflate").await?;
    Ok(counts)
}

async fn pods_by(world: &World, key: &str) -> Result<BTreeMap<String, usize>> {
    let nodes = items(world, "/api/v1/nodes").await?;
    let value_of = |name: &Value| {
        let node = nodes.iter().find(|node| node["metadata"]["name"] == *name);
        node.and_then(|node| node["metadata"]["labels"][key].as_str()).map(str::to_owned)
    };
    let mut counts = BTreeMap::new();
    for pod in items(world, "/api/v1/namespaces/default/pods").await? {
        let value = value_of(&pod["spec"]["nodeName"]).context("a node with the label")?;
        *counts.entry(value).or_default() += 1;
    }
    Ok(counts)
}

async fn items(world: &World, path: &str) -> Result<Vec<Value>> {
    let list = world.read(path).await?;
    Ok(list["items"].as_array().context("a list")?.clone())
}

fn own_pods() -> Value {
    json!({ "matchLabels": { "app": "inflate" } })
}

fn required(kind: &str, key: &str) -> Value {
    let term = json!({ "labelSelector": own_pods(), "topologyKey": key });
    json!({ "affinity": { kind: {
        "requiredDuringSchedulingIgnoredDuringExecution": [term],
    } } })
}

#[test]
fn pods_spread_over_zones_run_with_no_zone_two_ahead() -> Result<()> {
    run(async {
        let spread = json!({ "topologySpreadConstraints": [{
            "maxSkew": 1, "topologyKey": ZONE, "whenUnsatisfiable": "DoNotSchedule",
            "labelSelector": own_pods(),
        }] });
        let counts = placed(9, ZONE, &spread).await?;
        let (least, most) = (counts.values().min(), counts.values().max());
        assert!(counts.len() > 1, "{counts:?}");
        assert!(most.context("a zone")? - least.context("a zone")? <= 1, "{counts:?}");
        Ok(())
    })
}

#[test]
fn pods_that_repel_each_other_get_a_node_each() -> Result<()> {
    run(async {
        let counts = placed(5, HOST, &required("podAntiAffinity", HOST)).await?;
        assert_eq!(counts.len(), 5, "{counts:?}");
        Ok(())
    })
}

#[test]
fn pods_that_want_each_others_zone_share_it() -> Result<()> {
    run(async {
        let counts = placed(6, ZONE, &required("podAffinity", ZONE)).await?;
        assert_eq!(counts.len(), 1, "{counts:?}");
        Ok(())
    })
}
