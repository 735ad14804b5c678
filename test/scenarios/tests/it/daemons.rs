//! Pods of DaemonSets need room on every node.

use std::collections::BTreeSet;

use anyhow::Result;
use kube::ResourceExt;
use scenarios::audit::Observation;
use scenarios::manifests::{daemon_set, deployment, two_core_pool};
use scenarios::steps::LIMIT;
use scenarios::world::{World, run};

#[test]
fn room_for_the_daemon_is_left_on_every_node() -> Result<()> {
    run(async {
        let world = World::with_pools(12, &[two_core_pool()?]).await?;
        world.apply(&daemon_set("agent", "800m", "128Mi")).await?;
        // Two of them would fit a node of two cores, but not beside the daemon.
        world.apply(&deployment("web", 4, "900m", "512Mi")).await?;
        let settled = |seen: &Observation| seen.pods.len() == 8 && seen.n_running() == 8;
        world.until("pods and daemons run", LIMIT, settled).await?;
        let seen = world.at_rest().await?;
        assert_eq!((seen.claims.len(), world.cloud.instances_ever_created()), (4, 4));
        let daemons = seen.pods.iter().filter(|pod| pod.name_any().starts_with("agent-"));
        let homes = daemons.filter_map(|pod| pod.spec.as_ref()?.node_name.as_deref());
        assert_eq!(homes.collect::<BTreeSet<_>>().len(), 4);
        world.wind_down("web").await
    })
}
