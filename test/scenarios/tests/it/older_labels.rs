//! Pods that select nodes by the labels of the older provider get such nodes, and run on them.

use anyhow::{Context, Result};
use scenarios::manifests;
use scenarios::steps::{LIMIT, NODES};
use scenarios::world::{World, run};
use serde_json::{Value, json};

const OLDER: &str = "karpenter.k8s.alibabacloud";
const OURS: &str = "karpenter.alibabacloud.com";

/// Runs one pod that selects `key: value` in a world with the older labels; the labels of its node.
async fn node_of_a_pod_that_selects(key: &str, value: &str) -> Result<Value> {
    let mut world = World::new(66);
    world.options.alibaba.legacy_labels = true;
    world.start_controller()?;
    world.apply_yaml(manifests::USER_NODE_CLASS).await?;
    world.apply_yaml(manifests::WIDE_NODE_POOL).await?;
    let mut deployment = manifests::deployment("web", 1, "1", "1Gi");
    deployment["spec"]["template"]["spec"]["nodeSelector"] = json!({ key: value });
    world.apply(&deployment).await?;
    world.until_running(1).await?;
    let is_one = |seen: &scenarios::audit::Observation| seen.nodes.len() == 1;
    world.until("there is one node", LIMIT, is_one).await?;
    let nodes = world.read(NODES).await?;
    let labels = nodes["items"][0]["metadata"]["labels"].clone();
    world.wind_down("web").await?;
    Ok(labels)
}

// behaviour 01#163
#[test]
fn maker_of_the_processor_can_be_selected_by_its_older_name() -> Result<()> {
    run(async {
        let older = format!("{OLDER}/instance-cpu-model");
        let labels = node_of_a_pod_that_selects(&older, "intel").await?;
        assert_eq!(labels[&format!("{OURS}/instance-cpu-manufacturer")], "intel");
        assert_eq!(labels[&older], "intel");
        Ok(())
    })
}

// behaviour 01#195
#[test]
fn memory_of_a_gpu_can_be_selected_in_gib_by_its_older_name_and_in_mib_by_ours() -> Result<()> {
    run(async {
        for (group, value) in [(OLDER, "16"), (OURS, "16384")] {
            let key = format!("{group}/instance-gpu-memory");
            let labels = node_of_a_pod_that_selects(&key, value).await?;
            let kind = labels["node.kubernetes.io/instance-type"].as_str().context("a type")?;
            assert!(kind.starts_with("ecs.gn6i-"), "T4s have 16 GiB: {kind}");
            assert_eq!(labels[&format!("{OLDER}/instance-gpu-memory")], "16");
            assert_eq!(labels[&format!("{OURS}/instance-gpu-memory")], "16384");
        }
        Ok(())
    })
}
