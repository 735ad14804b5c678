//! Machines that boot and never join the cluster.

use std::time::Duration;

use anyhow::Result;
use scenarios::steps::LIMIT;
use scenarios::world::{World, run};

/// Time a claim has to register.
const REGISTRATION: Duration = Duration::from_secs(15 * 60);

// behaviour 04#104
#[test]
fn claim_that_never_registers_is_replaced_after_fifteen_minutes() -> Result<()> {
    run(async {
        let world = World::elastic(3).await?;
        world.mishaps.lock().never_join.push("*".to_owned());
        world.deploy("web", 3).await?;
        world.until("it has launched", LIMIT, |seen| seen.instances.len() == 1).await?;
        let first = world.observe().await?;
        let (claim, instances) = (first.claims[0].metadata.name.clone(), first.instances.clone());
        world.pass(REGISTRATION - Duration::from_secs(30)).await?;
        let waiting = world.observe().await?;
        assert_eq!(waiting.claims.len(), 1);
        assert_eq!(waiting.claims[0].metadata.name, claim);
        world.mishaps.lock().never_join.clear();
        world.mishaps.lock().lost.extend(instances_of(&world));
        world
            .until("the claim is replaced", Duration::from_secs(120), |seen| {
                seen.instances.is_disjoint(&instances) && seen.n_running() == 3
            })
            .await?;
        let seen = world.at_rest().await?;
        assert!(seen.claims.iter().all(|other| other.metadata.name != claim));
        world.wind_down("web").await
    })
}

fn instances_of(world: &World) -> Vec<String> {
    world.cloud.instances().into_iter().map(|instance| instance.id).collect()
}
