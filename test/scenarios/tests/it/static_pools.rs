//! Static pools end to end: they have the nodes they are to have, whatever happens to them and whoever uses them.

use std::time::Duration;

use anyhow::{Result, ensure};
use scenarios::manifests::{USER_NODE_CLASS, deployment, two_core_pool};
use scenarios::steps::{CLAIMS, LIMIT, POOLS};
use scenarios::world::{World, run};
use serde_json::{Value, json};

/// Pool `small` with a fixed number of nodes.
fn pool(replicas: u32, limit: Option<u32>) -> Result<Value> {
    let mut pool = two_core_pool()?;
    let Some(spec) = pool["spec"].as_object_mut() else { anyhow::bail!("a pool has a spec") };
    spec.insert("replicas".to_owned(), json!(replicas));
    spec.remove("weight");
    spec.remove("limits");
    if let Some(limit) = limit {
        spec.insert("limits".to_owned(), json!({ "nodes": limit.to_string() }));
    }
    Ok(pool)
}

async fn world(seed: u64, pool: &Value, is_open: bool) -> Result<World> {
    let mut world = World::new(seed);
    world.options.feature_gates.gates.static_capacity = is_open;
    world.apply_yaml(USER_NODE_CLASS).await?;
    world.apply(pool).await?;
    world.start_controller()?;
    Ok(world)
}

async fn until_nodes(world: &World, n: usize) -> Result<()> {
    let ready = |seen: &scenarios::audit::Observation| {
        seen.nodes.len() == n && seen.claims.len() == n && seen.instances.len() == n
    };
    world.until(&format!("there are {n} nodes"), LIMIT, ready).await?;
    Ok(())
}

async fn scale(world: &World, replicas: u32) -> Result<()> {
    let spec = json!({ "spec": { "replicas": replicas } });
    world.patch(&format!("{POOLS}/small"), &spec).await?;
    Ok(())
}

// behaviour 02#248
#[test]
fn a_pool_keeps_its_number_of_nodes() -> Result<()> {
    run(async {
        let mut world = world(181, &pool(3, None)?, true).await?;
        until_nodes(&world, 3).await?;
        let seen = world.at_rest().await?;
        world.one_instance_per_claim(&seen)?;
        let keys = seen.claims.iter().flat_map(|claim| &claim.spec.requirements);
        ensure!(
            keys.into_iter().all(|entry| entry.key != "node.kubernetes.io/instance-type"),
            "the provider chooses the type"
        );
        // Empty nodes stay; pods use them and never make the pool grow.
        world.pass(Duration::from_secs(15 * 60)).await?;
        world.apply(&deployment("web", 4, "1", "256Mi")).await?;
        world.until("three pods run", LIMIT, |seen| seen.n_running() == 3).await?;
        world.pass(Duration::from_secs(5 * 60)).await?;
        ensure!(world.at_rest().await?.claims.len() == 3, "pods made a static pool grow");
        // A node that is lost is replaced, also after a restart.
        let lost = seen.claims[0].metadata.name.clone().unwrap_or_default();
        world.delete(&format!("{CLAIMS}/{lost}")).await?;
        world.restart_controller().await?;
        let is_gone = |seen: &scenarios::audit::Observation| {
            seen.claims.iter().all(|claim| claim.metadata.name.as_ref() != Some(&lost))
        };
        world.until("the lost node is gone", LIMIT, is_gone).await?;
        until_nodes(&world, 3).await?;
        scale(&world, 4).await?;
        world.until("all pods run", LIMIT, |seen| seen.n_running() == 4).await?;
        world.scale("web", 0).await?;
        scale(&world, 0).await?;
        world.until_empty().await?;
        world.at_rest().await?;
        Ok(())
    })
}

// behaviour 02#249
#[test]
fn the_limit_on_nodes_holds_and_a_smaller_pool_keeps_its_busy_node() -> Result<()> {
    run(async {
        let world = world(182, &pool(4, Some(2))?, true).await?;
        until_nodes(&world, 2).await?;
        world.pass(Duration::from_secs(5 * 60)).await?;
        let seen = world.at_rest().await?;
        ensure!(seen.claims.len() == 2, "{} claims", seen.claims.len());
        world.one_instance_per_claim(&seen)?;
        world.apply(&deployment("web", 1, "1", "256Mi")).await?;
        world.until_running(1).await?;
        scale(&world, 1).await?;
        until_nodes(&world, 1).await?;
        ensure!(world.at_rest().await?.n_running() == 1, "the node with the pod went");
        Ok(())
    })
}

#[test]
fn without_the_gate_static_pools_make_no_nodes() -> Result<()> {
    run(async {
        let world = world(183, &pool(3, None)?, false).await?;
        world.apply(&deployment("web", 1, "1", "256Mi")).await?;
        world.pass(Duration::from_secs(5 * 60)).await?;
        ensure!(world.at_rest().await?.claims.is_empty(), "the gate is closed");
        Ok(())
    })
}
