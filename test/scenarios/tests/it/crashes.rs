//! The controller dies at the worst moments; the next one finishes the work.

use std::time::Duration;

use anyhow::Result;
use fake_cloud::{FaultAnswer, FaultSpec};
use http::Method;
use kube::ResourceExt;
use scenarios::audit::Observation;
use scenarios::steps::{CLAIMS, LIMIT};
use scenarios::tripwire::Trip;
use scenarios::world::{World, run};

const CREATE_CLAIM: Trip = Trip { method: Method::POST, path: "/nodeclaims", ending: "" };
const PATCH_CLAIM: Trip = Trip { method: Method::PATCH, path: "/nodeclaims/", ending: "" };
const PATCH_STATUS: Trip = Trip { method: Method::PATCH, path: "/nodeclaims/", ending: "/status" };
const EVICT: Trip = Trip { method: Method::POST, path: "/pods/", ending: "/eviction" };

#[test]
fn crash_before_the_claim_is_created() -> Result<()> {
    run(async {
        let mut world = World::elastic(51).await?;
        world.tripwire.arm(CREATE_CLAIM, world.power_switch());
        world.deploy("web", 3).await?;
        tripped(&world).await?;
        assert_eq!(world.observe().await?.claims.len(), 0);
        world.start_controller()?;
        one_instance(&world).await
    })
}

#[test]
fn crash_between_the_creation_of_a_claim_and_anything_else() -> Result<()> {
    run(async {
        let mut world = World::elastic(52).await?;
        world.tripwire.arm(PATCH_CLAIM, world.power_switch());
        world.deploy("web", 3).await?;
        tripped(&world).await?;
        let seen = world.observe().await?;
        assert_eq!((seen.claims.len(), seen.instances.len()), (1, 0));
        world.start_controller()?;
        one_instance(&world).await
    })
}

// behaviour 05#56
#[test]
fn crash_between_the_launch_and_the_status_write() -> Result<()> {
    run(async {
        let mut world = World::elastic(53).await?;
        let cloud = world.cloud.clone();
        let launched = move || !cloud.instances().is_empty();
        world.tripwire.arm_when(PATCH_STATUS, launched, world.power_switch());
        world.deploy("web", 3).await?;
        tripped(&world).await?;
        let seen = world.observe().await?;
        assert_eq!((seen.claims.len(), seen.instances.len()), (1, 1));
        assert!(!seen.leaks().is_empty(), "the claim does not know its instance yet");
        world.start_controller()?;
        one_instance(&world).await
    })
}

// behaviour 05#56
#[test]
fn launch_whose_answer_is_lost_is_found_again() -> Result<()> {
    run(async {
        let world = World::elastic(54).await?;
        world.cloud.fail("RunInstances", FaultSpec::response_lost());
        world.deploy("web", 3).await?;
        one_instance(&world).await
    })
}

#[test]
fn crash_while_the_cloud_is_still_answering_a_launch_it_has_done() -> Result<()> {
    run(async {
        let mut world = World::elastic(55).await?;
        world.cloud.fail("RunInstances", FaultSpec::once(FaultAnswer::Hang).after_effect());
        world.deploy("web", 3).await?;
        world.until("it has launched", LIMIT, |seen| seen.instances.len() == 1).await?;
        world.crash_controller();
        world.start_controller()?;
        one_instance(&world).await
    })
}

// behaviour 04#165
#[test]
fn claim_deleted_by_force_while_its_launch_was_forgotten_leaves_no_instance() -> Result<()> {
    run(async {
        let mut world = World::elastic(56).await?;
        let cloud = world.cloud.clone();
        let launched = move || !cloud.instances().is_empty();
        world.tripwire.arm_when(PATCH_STATUS, launched, world.power_switch());
        world.deploy("web", 3).await?;
        tripped(&world).await?;
        let seen = world.observe().await?;
        let path = format!("{CLAIMS}/{}", seen.claims[0].name_any());
        let bare = serde_json::json!({ "metadata": { "finalizers": null } });
        world.merge(&path, &bare).await?;
        world.delete(&path).await?;
        world.start_controller()?;
        let orphan = seen.instances.clone();
        let reaped = |seen: &Observation| seen.instances.is_disjoint(&orphan);
        world.until("the orphan is gone", LIMIT, reaped).await?;
        world.until_running(3).await?;
        world.at_rest().await?;
        world.wind_down("web").await
    })
}

#[test]
fn crash_while_a_node_drains() -> Result<()> {
    run(async {
        let mut world = World::elastic(57).await?;
        world.deploy("web", 3).await?;
        world.until_running(3).await?;
        let before = world.at_rest().await?;
        world.tripwire.arm(EVICT, world.power_switch());
        world.delete(&format!("{CLAIMS}/{}", before.claims[0].name_any())).await?;
        tripped(&world).await?;
        world.start_controller()?;
        let replaced = |seen: &Observation| {
            seen.instances.is_disjoint(&before.instances)
                && seen.pods.len() == 3
                && seen.n_running() == 3
        };
        world.until("the node is replaced", LIMIT, replaced).await?;
        world.at_rest().await?;
        world.wind_down("web").await
    })
}

#[test]
fn twenty_crashes_during_one_burst() -> Result<()> {
    run(async {
        let mut world = World::elastic(58).await?;
        world.deploy("web", 100).await?;
        for n in 0..20_u64 {
            tokio::time::sleep(Duration::from_millis(700 + 137 * n)).await;
            world.crash_controller();
            world.start_controller()?;
        }
        world.until_running(100).await?;
        world.at_rest().await?;
        world.wind_down("web").await
    })
}

/// Waits until the wire has been tripped.
async fn tripped(world: &World) -> Result<()> {
    let wire = world.tripwire.clone();
    world.until("the wire is tripped", LIMIT, |_| !wire.is_armed()).await?;
    Ok(())
}

/// The three pods of `web` run on the only instance there ever was.
async fn one_instance(world: &World) -> Result<()> {
    world.until_running(3).await?;
    let seen = world.at_rest().await?;
    assert_eq!(seen.claims.len(), 1);
    assert_eq!(world.cloud.instances_ever_created(), 1);
    world.wind_down("web").await
}
