//! Room kept by CapacityBuffers end to end: it is made before anybody needs it, taken by whoever comes first, made again,
//! and given back with the buffer.

use std::time::Duration;

use anyhow::{Result, ensure};
use scenarios::manifests::{deployment, two_core_pool};
use scenarios::steps::LIMIT;
use scenarios::world::{World, run};
use serde_json::{Value, json};

const BUFFERS: &str = "/apis/autoscaling.x-k8s.io/v1beta1/namespaces/default/capacitybuffers";

/// A world of machines that hold one pod each, in which a buffer of three such pods is kept.
async fn world(seed: u64) -> Result<World> {
    let mut world = World::new(seed);
    world.options.feature_gates.gates.capacity_buffer = true;
    world.apply_yaml(scenarios::manifests::USER_NODE_CLASS).await?;
    world.apply(&two_core_pool()?).await?;
    let template = deployment("t", 1, "1", "1536Mi")["spec"]["template"].take();
    let template = json!({
        "apiVersion": "v1", "kind": "PodTemplate",
        "metadata": { "name": "t", "namespace": "default" }, "template": template,
    });
    world.apply(&template).await?;
    let spec = json!({ "podTemplateRef": { "name": "t" }, "replicas": 3 });
    let buffer = json!({
        "apiVersion": "autoscaling.x-k8s.io/v1beta1", "kind": "CapacityBuffer",
        "metadata": { "name": "b", "namespace": "default" }, "spec": spec,
    });
    world.apply(&buffer).await?;
    world.start_controller()?;
    Ok(world)
}

/// Waits until the buffer says so of its room.
async fn until_provisioning(world: &World, reason: &str) -> Result<()> {
    let deadline = world.clock.now() + LIMIT;
    loop {
        let buffer: Value = world.read(&format!("{BUFFERS}/b")).await?;
        let all = buffer["status"]["conditions"].as_array().cloned().unwrap_or_default();
        let said = all.iter().find(|condition| condition["type"] == "Provisioning");
        if said.is_some_and(|condition| condition["reason"] == reason) {
            return Ok(());
        }
        ensure!(world.clock.now() < deadline, "never {reason}: {all:?}");
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

// behaviour 02#244
// behaviour 02#245
// behaviour 02#246
// behaviour 02#247
#[test]
fn room_is_made_taken_made_again_and_given_back() -> Result<()> {
    run(async {
        let mut world = world(171).await?;
        until_provisioning(&world, "RequiresNewCapacity").await?;
        until_provisioning(&world, "FitsExistingCapacity").await?;
        let seen = world.at_rest().await?;
        ensure!(seen.claims.len() == 3 && seen.pods.is_empty(), "{} claims", seen.claims.len());
        // Nobody but the buffer needs the nodes, and they stay, also under a new process.
        world.pass(Duration::from_secs(30 * 60)).await?;
        world.restart_controller().await?;
        world.pass(Duration::from_secs(10 * 60)).await?;
        ensure!(world.at_rest().await?.claims.len() == 3, "nodes with room went as empty");
        world.deploy("web", 2).await?;
        let waited = world.until_running(2).await?;
        ensure!(waited < Duration::from_secs(10), "pods waited {waited:?} for room that was there");
        until_provisioning(&world, "RequiresNewCapacity").await?;
        until_provisioning(&world, "FitsExistingCapacity").await?;
        ensure!(world.at_rest().await?.claims.len() == 5, "room was not made again");
        let about_buffers = |event: &k8s_openapi::api::core::v1::Event| {
            let name = event.involved_object.name.as_deref().unwrap_or_default();
            name.starts_with("capacity-buffer")
        };
        let events = world.events().await?;
        ensure!(!events.iter().any(about_buffers), "virtual pods have no events");
        world.delete(&format!("{BUFFERS}/b")).await?;
        world.until("only needed nodes are left", LIMIT, |seen| seen.claims.len() == 2).await?;
        world.wind_down("web").await
    })
}
