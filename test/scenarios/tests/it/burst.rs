//! Many pods at once, then none.

use anyhow::Result;
use scenarios::world::{World, run};

#[test]
fn five_hundred_pods_run_and_everything_goes_when_they_go() -> Result<()> {
    run(async {
        let world = World::elastic(1).await?;
        world.deploy("inflate", 500).await?;
        world.until_running(500).await?;
        let seen = world.at_rest().await?;
        assert_eq!(seen.claims.len(), seen.nodes.len());
        world.one_instance_per_claim(&seen)?;
        world.wind_down("inflate").await
    })
}
