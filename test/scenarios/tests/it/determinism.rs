//! The same seed tells the same story, byte for byte.

use std::time::Duration;

use anyhow::Result;
use kube::ResourceExt;
use scenarios::steps::CLAIMS;
use scenarios::weather::Storm;
use scenarios::world::{World, run};

// behaviour 04#248
#[test]
fn equal_seeds_give_equal_histories() -> Result<()> {
    let (first, second) = (history(7)?, history(7)?);
    same(&first.0, &second.0);
    same(&first.1, &second.1);
    Ok(())
}

#[test]
fn different_seeds_give_different_histories() -> Result<()> {
    let (first, second) = (history(7)?, history(8)?);
    assert_ne!(first.0, second.0);
    assert_ne!(first.1, second.1);
    Ok(())
}

/// Fails at the first line that differs.
fn same(first: &str, second: &str) {
    for (n, (a, b)) in first.lines().zip(second.lines()).enumerate() {
        assert_eq!(a, b, "line {n}");
    }
    assert_eq!(first.lines().count(), second.lines().count());
}

/// Writes to the API and calls of the cloud in a life with a burst, bad weather, a crash and a deletion.
fn history(seed: u64) -> Result<(String, String)> {
    run(async {
        let mut world = World::elastic(seed).await?;
        world.weather.set(Storm { refused: 50, lost: 20, ..Storm::default() });
        world.deploy("web", 120).await?;
        tokio::time::sleep(Duration::from_secs(15)).await;
        world.crash_controller();
        world.start_controller()?;
        world.until_running(120).await?;
        world.weather.break_watches();
        let seen = world.at_rest().await?;
        world.delete(&format!("{CLAIMS}/{}", seen.claims[0].name_any())).await?;
        world.until_running(120).await?;
        world.at_rest().await?;
        world.wind_down("web").await?;
        let calls = world.cloud.calls().into_iter().map(|call| format!("{call:?}\n"));
        Ok((world.api.write_log().to_text(), calls.collect()))
    })
}
