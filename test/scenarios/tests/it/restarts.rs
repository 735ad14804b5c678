//! Watches that break and controllers that are replaced while there is work.

use std::time::Duration;

use anyhow::Result;
use scenarios::weather::Storm;
use scenarios::world::{World, run};

#[test]
fn watches_that_break_during_a_burst_cost_nothing_but_time() -> Result<()> {
    run(async {
        let world = World::elastic(61).await?;
        world.deploy("web", 100).await?;
        for _ in 0..30 {
            tokio::time::sleep(Duration::from_secs(2)).await;
            world.weather.break_watches();
        }
        world.until_running(100).await?;
        let seen = world.at_rest().await?;
        world.one_instance_per_claim(&seen)?;
        world.wind_down("web").await
    })
}

#[test]
fn minute_without_watches_is_made_up_for() -> Result<()> {
    run(async {
        let world = World::elastic(62).await?;
        world.deploy("web", 20).await?;
        world.until_running(20).await?;
        world.at_rest().await?;
        world.weather.set(Storm { no_watches: true, ..Storm::default() });
        world.weather.break_watches();
        world.scale("web", 60).await?;
        tokio::time::sleep(Duration::from_secs(60)).await;
        assert!(world.observe().await?.n_running() < 60);
        world.weather.set(Storm::default());
        world.until_running(60).await?;
        world.at_rest().await?;
        world.wind_down("web").await
    })
}

#[test]
fn controller_replaced_in_order_during_a_burst_hands_over_its_work() -> Result<()> {
    run(async {
        let mut world = World::elastic(63).await?;
        world.deploy("web", 100).await?;
        for _ in 0..5 {
            tokio::time::sleep(Duration::from_secs(4)).await;
            world.restart_controller().await?;
        }
        world.until_running(100).await?;
        let seen = world.at_rest().await?;
        world.one_instance_per_claim(&seen)?;
        world.wind_down("web").await
    })
}

#[test]
fn new_controller_changes_nothing_in_a_world_at_rest() -> Result<()> {
    run(async {
        let mut world = World::elastic(64).await?;
        world.deploy("web", 20).await?;
        world.until_running(20).await?;
        world.at_rest().await?;
        let before = world.controller_writes();
        world.restart_controller().await?;
        world.pass(Duration::from_secs(10 * 60)).await?;
        assert_eq!(world.controller_writes(), before);
        world.at_rest().await?;
        world.wind_down("web").await
    })
}
