//! Which pool takes a pod, and when none does.

use std::time::Duration;

use anyhow::Result;
use karpenter_core::api::labels::NODEPOOL;
use karpenter_core::api::v1::conditions::HasConditions;
use scenarios::audit::Observation;
use scenarios::manifests::node_pool;
use scenarios::steps::{LIMIT, POOLS, label};
use scenarios::world::{World, run};
use serde_json::json;

#[test]
fn limit_of_a_pool_holds_and_more_fits_when_it_is_raised() -> Result<()> {
    run(async {
        let small = node_pool("small", &json!({ "limits": { "cpu": "16" } }))?;
        let world = World::with_pools(91, &[small]).await?;
        world.deploy("web", 40).await?;
        world.until("the pool is full", LIMIT, |seen| seen.n_running() >= 8).await?;
        world.pass(Duration::from_secs(10 * 60)).await?;
        let seen = world.at_rest().await?;
        assert!(seen.n_running() < 16, "{} pods of one cpu on 16 cpus", seen.n_running());
        let more = json!({ "spec": { "limits": { "cpu": "160" } } });
        world.merge(&format!("{POOLS}/small"), &more).await?;
        world.until_running(40).await?;
        world.at_rest().await?;
        world.wind_down("web").await
    })
}

#[test]
fn pool_that_is_not_ready_is_passed_over() -> Result<()> {
    run(async {
        let world = World::elastic(92).await?;
        let mut broken = node_pool("broken", &json!({ "weight": 100 }))?;
        broken["spec"]["template"]["spec"]["nodeClassRef"]["name"] = json!("missing");
        world.apply(&broken).await?;
        let judged = |seen: &Observation| {
            seen.pools.iter().any(|pool| {
                pool.condition("Ready").is_some_and(|ready| ready.status.as_str() == "False")
            })
        };
        world.until("the pool is judged", LIMIT, judged).await?;
        world.deploy("web", 10).await?;
        world.until_running(10).await?;
        let seen = world.at_rest().await?;
        assert!(seen.claims.iter().all(|claim| label(claim, NODEPOOL) == "elastic"));
        world.wind_down("web").await
    })
}

// behaviour 04#182
#[test]
fn pool_of_greater_weight_is_filled_first() -> Result<()> {
    run(async {
        let heavy = node_pool("heavy", &json!({ "weight": 50, "limits": { "cpu": "16" } }))?;
        let light = node_pool("light", &json!({ "weight": 1 }))?;
        let world = World::with_pools(93, &[heavy, light]).await?;
        world.deploy("few", 4).await?;
        world.until_running(4).await?;
        let seen = world.at_rest().await?;
        assert!(seen.claims.iter().all(|claim| label(claim, NODEPOOL) == "heavy"));
        world.deploy("many", 40).await?;
        world.until_running(44).await?;
        let seen = world.at_rest().await?;
        assert!(seen.claims.iter().any(|claim| label(claim, NODEPOOL) == "light"));
        world.scale("few", 0).await?;
        world.wind_down("many").await
    })
}
