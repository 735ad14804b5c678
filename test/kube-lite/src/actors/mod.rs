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
//! Each actor names its own. No ControllerRevisions are kept: stateful and daemon sets know the
//! current template and whether a pod has it, no more. Owners' deletion and the protection of
//! claims in use are the embedded server's; other servers have their own.

mod claim;
mod daemonset;
mod deployment;
mod disruption_budget;
mod event;
mod fit;
mod job;
mod kubelet;
mod node_lifecycle;
mod pod_gc;
mod pods;
mod quantity;
mod replicaset;
mod runner;
mod scheduler;
mod stateful_set;
mod taint_eviction;
#[cfg(test)]
mod tests;
mod volume_attach;
mod volume_binder;
mod which;
mod world;
mod write;

use std::fmt;
use std::time::Duration;

pub use self::kubelet::{Kubelets, Machine, Stopped};
pub(crate) use self::quantity::thousandths;
pub use self::which::{Actors, UnknownActor, Which, spawn, spawn_all};
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
    /// From start to success of a Job's pod that does not say otherwise. Default: 30 s.
    pub job_run: Duration,
    /// Pause between two posts of a node's status. Default: 5 min.
    pub heartbeat: Duration,
    /// Pause between two renewals of a node's Lease. Default: 10 s.
    pub lease: Duration,
    /// From the last sign of life of a node to its unknown state. Default: 40 s.
    pub node_grace: Duration,
    /// From the disappearance of a node to the removal of its pods. Default: 40 s.
    pub pod_gc: Duration,
    /// From the end of a volume's last pod on a node to its detachment. Default: 5 s.
    pub detach: Duration,
}

impl Config {
    /// The defaults with this clock.
    #[must_use]
    pub fn new(clock: Clock) -> Self {
        Self {
            clock,
            pod_start: Duration::from_secs(2),
            pod_stop: Duration::from_secs(1),
            job_run: Duration::from_secs(30),
            heartbeat: Duration::from_secs(300),
            lease: Duration::from_secs(10),
            node_grace: Duration::from_secs(40),
            pod_gc: Duration::from_secs(40),
            detach: Duration::from_secs(5),
        }
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("pod_start", &self.pod_start)
            .field("pod_stop", &self.pod_stop)
            .field("job_run", &self.job_run)
            .field("heartbeat", &self.heartbeat)
            .field("lease", &self.lease)
            .field("node_grace", &self.node_grace)
            .field("pod_gc", &self.pod_gc)
            .field("detach", &self.detach)
            .finish_non_exhaustive()
    }
}
