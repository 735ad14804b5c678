//! Nodes, claims and instances that somebody takes away.

use std::time::Duration;

use anyhow::Result;
use karpenter_core::api::v1::conditions::HasConditions;
use kube::ResourceExt;
use scenarios::audit::Observation;
use scenarios::steps::{CLAIMS, LIMIT, NODES, instance_id};
use scenarios::world::{World, run};
use serde_json::json;

/// From the death of an instance to the replacement of its claim: kubelet lost, sweep, new node.
const NOTICED: Duration = Duration::from_secs(10 * 60);

// behaviour 03#250
#[test]
fn node_deleted_by_a_user_is_drained_terminated_and_replaced() -> Result<()> {
    run(async {
        let (world, before) = three_pods(81).await?;
        let node = before.nodes[0].name_any();
        world.delete(&format!("{NODES}/{node}")).await?;
        replaced(&world, &before).await?;
        world.wind_down("web").await
    })
}

#[test]
fn claim_deleted_by_a_user_takes_its_node_and_instance_along() -> Result<()> {
    run(async {
        let (world, before) = three_pods(82).await?;
        world.delete(&format!("{CLAIMS}/{}", before.claims[0].name_any())).await?;
        replaced(&world, &before).await?;
        world.wind_down("web").await
    })
}

#[test]
fn claims_of_a_deleted_pool_go_with_it() -> Result<()> {
    run(async {
        let (world, _) = three_pods(83).await?;
        world.delete("/apis/karpenter.sh/v1/nodepools/elastic").await?;
        world.until_empty().await?;
        let seen = world.at_rest().await?;
        assert_eq!(seen.n_bound(), 0);
        Ok(())
    })
}

// behaviour 04#160
#[test]
fn claim_whose_instance_vanished_is_collected_and_its_pods_run_elsewhere() -> Result<()> {
    run(async {
        let (world, before) = three_pods(84).await?;
        assert!(world.cloud.vanish(instance_id(&before.claims[0])));
        replaced(&world, &before).await?;
        world.wind_down("web").await
    })
}

// behaviour 05#80
#[test]
fn instance_whose_claim_is_gone_is_reaped_after_two_sweeps() -> Result<()> {
    run(async {
        let (mut world, before) = three_pods(85).await?;
        world.crash_controller();
        let (claim, node) = (before.claims[0].name_any(), before.nodes[0].name_any());
        let bare = json!({ "metadata": { "finalizers": null } });
        world.merge(&format!("{CLAIMS}/{claim}"), &bare).await?;
        world.merge(&format!("{NODES}/{node}"), &bare).await?;
        world.delete(&format!("{CLAIMS}/{claim}")).await?;
        world.start_controller()?;
        let orphan = before.instances.clone();
        let reaped = |seen: &Observation| seen.instances.is_disjoint(&orphan);
        let waited = world.until("the orphan is gone", NOTICED, reaped).await?;
        assert!(waited > Duration::from_secs(60), "one sweep is not enough: {waited:?}");
        world.until_running(3).await?;
        world.at_rest().await?;
        world.wind_down("web").await
    })
}

/// A world with three pods on one node, at rest.
async fn three_pods(seed: u64) -> Result<(World, Observation)> {
    let world = World::elastic(seed).await?;
    world.deploy("web", 3).await?;
    world.until_running(3).await?;
    let seen = world.at_rest().await?;
    assert_eq!(seen.claims.len(), 1, "three small pods share a node");
    assert!(seen.claims[0].is_true("Initialized"));
    Ok((world, seen))
}

/// Waits until nothing of `before` is left and its pods run somewhere else.
async fn replaced(world: &World, before: &Observation) -> Result<()> {
    let old = before.claims[0].name_any();
    let done = |seen: &Observation| {
        seen.instances.is_disjoint(&before.instances)
            && seen.claims.iter().all(|claim| claim.name_any() != old)
            && seen.n_running() == 3
            && seen.pods.len() == 3
    };
    world.until("the node is replaced", NOTICED.max(LIMIT), done).await?;
    let seen = world.at_rest().await?;
    // Its address, and so its name, may be in use again.
    let gone = before.nodes[0].uid();
    assert!(seen.nodes.iter().all(|node| node.uid() != gone));
    Ok(())
}
