//! The rest of a cluster: what schedules, runs and owns pods.
//!
//! Every actor is a client of the API: it watches a few kinds, plans writes from what it sees and
//! sends them one after the other. Nothing here knows the embedded server, so the actors work
//! against any API server. Timers are tokio's, wall time comes from the given clock: in a paused
//! runtime both move together.
//!
//! # Guarantees
//! The same world gives the same writes in the same order: objects are walked in key order and
//! every choice has a tie-break by name.
//!
//! # Caveats
//! No preemption, no spreading and no affinity between pods; a changed pod template replaces all
//! pods of a deployment at once.

mod daemonset;
mod deployment;
mod disruption_budget;
mod fit;
mod groups;
mod kubelet;
mod node_lifecycle;
mod pod_gc;
mod pods;
mod quantity;
mod replicaset;
mod runner;
mod scheduler;
#[cfg(test)]
mod tests;
mod world;
mod write;

use std::fmt;
use std::time::Duration;

use tokio::task::JoinHandle;

pub use self::groups::{ControlPlane, spawn_control_plane, spawn_kubelets};
pub use self::kubelet::{Kubelets, Machine, Stopped};
pub(crate) use self::quantity::thousandths;
use self::runner::{Controller, run};
use crate::config::Clock;

/// Settings of the actors.
///
/// Source: ours.
#[derive(Clone)]
pub struct Config {
    /// Gives the times written into status.
    pub clock: Clock,
    /// From binding to a running, ready pod. Default: 2 s.
    pub pod_start: Duration,
    /// From a pod's deletion to its end, unless its grace period is shorter. Default: 1 s.
    pub pod_stop: Duration,
    /// Pause between heartbeats of a node. Default: 5 min.
    pub heartbeat: Duration,
    /// From a heartbeat that does not come to a node whose state is unknown. Default: 40 s.
    pub node_grace: Duration,
    /// From the disappearance of a node to the removal of its pods. Default: 40 s.
    pub pod_gc: Duration,
}

impl Config {
    /// The defaults with this clock.
    #[must_use]
    pub fn new(clock: Clock) -> Self {
        Self {
            clock,
            pod_start: Duration::from_secs(2),
            pod_stop: Duration::from_secs(1),
            heartbeat: Duration::from_secs(300),
            node_grace: Duration::from_secs(40),
            pod_gc: Duration::from_secs(40),
        }
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("pod_start", &self.pod_start)
            .field("pod_stop", &self.pod_stop)
            .field("heartbeat", &self.heartbeat)
            .field("node_grace", &self.node_grace)
            .field("pod_gc", &self.pod_gc)
            .finish_non_exhaustive()
    }
}

/// Running actors; they stop when this value is dropped.
#[derive(Debug)]
pub struct Actors {
    /// The machines of the cluster.
    pub kubelets: Kubelets,
    tasks: Vec<JoinHandle<()>>,
}

impl Drop for Actors {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

/// Starts every actor on the current tokio runtime.
#[must_use = "dropping the handle stops the actors"]
pub fn spawn_all(client: &kube::Client, config: &Config) -> Actors {
    fn start<C: Controller>(client: &kube::Client, config: &Config, actor: C) -> JoinHandle<()> {
        tokio::spawn(run(client.clone(), config.clock.clone(), actor))
    }
    let (kubelets, machines) = Kubelets::new(config);
    let tasks = vec![
        start(client, config, machines),
        start(
            client,
            config,
            node_lifecycle::NodeLifecycle::new(config.heartbeat, config.node_grace),
        ),
        start(client, config, scheduler::Scheduler),
        start(client, config, deployment::Deployments),
        start(client, config, replicaset::ReplicaSets),
        start(client, config, daemonset::DaemonSets),
        start(client, config, disruption_budget::DisruptionBudgets),
        start(client, config, pod_gc::PodGc::new(config.pod_gc)),
    ];
    Actors { kubelets, tasks }
}
