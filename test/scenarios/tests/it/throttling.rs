//! Services that say no because there is too much going on.

use anyhow::Result;
use fake_cloud::{Outcome, RateLimit};
use scenarios::manifests::two_core_pool;
use scenarios::weather::Storm;
use scenarios::world::{World, run};

#[test]
fn throttled_cloud_is_asked_at_its_own_pace_and_everything_runs() -> Result<()> {
    run(async {
        let world = World::with_pools(41, &[two_core_pool()?]).await?;
        world.cloud.throttle("RunInstances", RateLimit::per_minute(5));
        world.cloud.throttle("DescribeInstances", RateLimit::per_minute(5).with_retry_after());
        world.cloud.throttle("DeleteInstances", RateLimit::per_minute(5));
        world.cloud.forget_calls();
        world.deploy("web", 20).await?;
        world.until_running(20).await?;
        world.at_rest().await?;
        assert_eq!(world.cloud.instances_ever_created(), 20);
        for action in ["RunInstances", "DescribeInstances"] {
            let calls = world.cloud.calls_of(action);
            let (n_served, n_calls) =
                (calls.iter().filter(|call| call.outcome == Outcome::Ok).count(), calls.len());
            assert!(n_calls <= 3 * n_served + 20, "{action}: {n_calls} calls, {n_served} served");
        }
        world.wind_down("web").await
    })
}

#[test]
fn api_that_refuses_and_loses_answers_leaves_no_trace() -> Result<()> {
    run(async {
        let world = World::with_pools(42, &[two_core_pool()?]).await?;
        world.weather.set(Storm { refused: 150, lost: 50, ..Storm::default() });
        world.deploy("web", 20).await?;
        world.until_running(20).await?;
        let seen = world.at_rest().await?;
        assert_eq!(seen.claims.len(), 20);
        world.wind_down("web").await?;
        let (n_requests, n_harmed) = (world.weather.n_requests(), world.weather.n_harmed());
        assert!(n_harmed > 50, "{n_harmed} of {n_requests} harmed");
        assert!(n_requests < 3000, "{n_requests} requests for 20 nodes");
        Ok(())
    })
}
