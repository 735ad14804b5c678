//! A day of a cluster whose load comes and goes.

use std::time::Duration;

use anyhow::Result;
use scenarios::world::{World, run};

const HOUR: Duration = Duration::from_secs(3600);

/// Replicas wanted in each hour.
const LOAD: [u32; 24] =
    [5, 2, 0, 0, 1, 3, 10, 30, 60, 80, 75, 60, 50, 70, 85, 80, 60, 40, 30, 25, 20, 15, 10, 5];

#[test]
fn day_of_changing_load_ends_with_nothing_left() -> Result<()> {
    run(async {
        let world = World::elastic(11).await?;
        world.deploy("web", 0).await?;
        for replicas in LOAD {
            let hour = world.clock.now() + HOUR;
            world.scale("web", replicas).await?;
            world.until_running(usize::try_from(replicas)?).await?;
            let seen = world.at_rest().await?;
            assert_eq!(seen.claims.is_empty(), replicas == 0);
            world.clock.sleep_until(hour).await;
        }
        world.wind_down("web").await?;
        assert!(world.weather.n_requests() < 20_000, "{} requests", world.weather.n_requests());
        Ok(())
    })
}
