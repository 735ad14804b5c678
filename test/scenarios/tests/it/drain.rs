//! Nodes are drained the way their pods ask for.

use std::time::Duration;

use anyhow::Result;
use kube::ResourceExt;
use scenarios::audit::Observation;
use scenarios::manifests::{deployment, disruption_budget};
use scenarios::steps::{CLAIMS, LIMIT, PODS};
use scenarios::world::{World, run};
use serde_json::json;

const DO_NOT_DISRUPT: &str = "karpenter.sh/do-not-disrupt";

#[test]
fn last_replica_is_not_evicted_before_another_is_up() -> Result<()> {
    run(async {
        let world = World::elastic(71).await?;
        world.apply(&disruption_budget("web", 1)).await?;
        world.deploy("web", 1).await?;
        world.until_running(1).await?;
        let before = world.at_rest().await?;
        world.delete(&format!("{CLAIMS}/{}", before.claims[0].name_any())).await?;
        world.pass(Duration::from_secs(5 * 60)).await?;
        let seen = world.observe().await?;
        assert_eq!(seen.n_running(), 1, "the budget keeps the only replica");
        assert!(seen.instances.is_superset(&before.instances), "its node stays");
        let created = world.cloud.instances_ever_created();
        assert!(created <= 2, "{created} instances for one pod that waits to move");
        world.scale("web", 2).await?;
        let moved = |seen: &Observation| {
            assert!(seen.n_running() >= 1, "one replica runs at any time");
            seen.instances.is_disjoint(&before.instances)
                && seen.pods.len() == 2
                && seen.n_running() == 2
        };
        world.until("the node is replaced", LIMIT, moved).await?;
        world.at_rest().await?;
        world.wind_down("web").await
    })
}

// behaviour 03#274
#[test]
fn pod_that_must_not_be_disrupted_holds_its_node_until_it_allows_it() -> Result<()> {
    run(async {
        let world = World::elastic(72).await?;
        let mut web = deployment("web", 1, "1", "1536Mi");
        web["spec"]["template"]["metadata"]["annotations"] = json!({ DO_NOT_DISRUPT: "true" });
        world.apply(&web).await?;
        world.until_running(1).await?;
        let before = world.at_rest().await?;
        world.delete(&format!("{CLAIMS}/{}", before.claims[0].name_any())).await?;
        world.pass(Duration::from_secs(30 * 60)).await?;
        let seen = world.observe().await?;
        assert_eq!(seen.pods[0].name_any(), before.pods[0].name_any());
        assert_eq!(seen.instances, before.instances);
        let path = format!("{PODS}/{}", before.pods[0].name_any());
        let allow = json!({ "metadata": { "annotations": { DO_NOT_DISRUPT: null } } });
        world.merge(&path, &allow).await?;
        let moved = |seen: &Observation| {
            seen.instances.is_disjoint(&before.instances)
                && seen.pods.len() == 1
                && seen.n_running() == 1
        };
        world.until("the node is replaced", LIMIT, moved).await?;
        world.at_rest().await?;
        world.wind_down("web").await
    })
}
