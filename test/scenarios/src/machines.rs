//! Instances of the cloud boot, read their user data and join the cluster; when they go, their kubelets go.
//!
//! | module | idea |
//! |---|---|
//! | `fleet` | which machines have joined, which are due |
//! | `hardware` | what a machine of an instance type tells the cluster of itself |

mod fleet;
mod hardware;

use std::sync::Arc;
use std::time::Duration;

use fake_cloud::{FakeCloud, Instance};
use kube_lite::actors::Kubelets;
use parking_lot::Mutex;

pub use fleet::Fleet;
pub use hardware::Booted;

/// How often the cloud is looked at.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// What machines do wrong on purpose.
#[derive(Debug, Clone, Default)]
pub struct Mishaps {
    /// Machines that boot but never join, by instance type; all when it contains `*`.
    pub never_join: Vec<String>,
    /// Instances that never join, by id.
    pub lost: Vec<String>,
}

/// How machines behave.
#[derive(Debug, Clone)]
pub struct Boot {
    /// From a running instance to its Node object.
    pub join_after: Duration,
    /// From the Node object to a ready node.
    pub ready_after: Duration,
}

impl Default for Boot {
    fn default() -> Self {
        Self { join_after: Duration::from_secs(20), ready_after: Duration::from_secs(10) }
    }
}

/// Keeps machines in step with instances of a cloud in this process, for ever.
pub async fn run(
    cloud: FakeCloud,
    region: String,
    kubelets: Kubelets,
    boot: Boot,
    mishaps: Arc<Mutex<Mishaps>>,
) {
    let mut fleet = Fleet::new(region, boot, kubelets);
    loop {
        let mut running = cloud.running();
        running.retain(|id| {
            let stays_away = |instance| stays_away(&instance, &mishaps.lock());
            fleet.has_joined(id) || !cloud.instance(id).is_some_and(stays_away)
        });
        let followed = fleet.follow(&running, |id| describe(&cloud, id)).await;
        if followed.is_err() {
            return;
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

fn describe(cloud: &FakeCloud, id: &str) -> Option<Booted> {
    let instance = cloud.instance(id)?;
    let types = cloud.instance_types();
    Some(Booted {
        of: types.into_iter().find(|of| of.id == instance.instance_type)?,
        zone: instance.zone,
        private_ip: instance.private_ip,
        user_data: instance.user_data,
        disk_gib: u64::from(instance.system_disk.size_gib),
        id: instance.id,
    })
}

fn stays_away(instance: &Instance, mishaps: &Mishaps) -> bool {
    mishaps.never_join.iter().any(|kind| kind == "*" || *kind == instance.instance_type)
        || mishaps.lost.contains(&instance.id)
}
