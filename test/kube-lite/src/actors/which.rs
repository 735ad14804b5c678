//! Which actors run, and starting them.

use std::fmt;
use std::str::FromStr;

use tokio::task::JoinHandle;

use super::kubelet::Kubelets;
use super::runner::{Controller, run};
use super::{
    Config, daemonset, deployment, disruption_budget, job, node_lifecycle, pod_gc, replicaset,
    scheduler, stateful_set, taint_eviction, volume_attach, volume_binder,
};

/// An actor, or a group of them.
///
/// Source: ours; the names are those of kube-controller-manager where it has one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Which {
    /// The machines.
    Kubelets,
    /// Marks silent nodes and keeps their taints.
    NodeLifecycle,
    /// Sends pods away from tainted nodes.
    TaintEviction,
    /// Binds pods to nodes.
    Scheduler,
    /// Deployments by way of replica sets.
    Deployment,
    /// Pods of replica sets.
    ReplicaSet,
    /// Pods of daemon sets.
    DaemonSet,
    /// Pods and claims of stateful sets.
    StatefulSet,
    /// Pods of jobs.
    Job,
    /// Binds claims and makes volumes.
    VolumeBinder,
    /// Attaches and detaches volumes.
    VolumeAttach,
    /// Status of disruption budgets.
    Disruption,
    /// Removes pods that nobody looks after.
    PodGc,
    /// All but [`Kubelets`](Self::Kubelets) and [`Scheduler`](Self::Scheduler).
    Controllers,
    /// Everything.
    All,
}

/// Single actors with their names, in the order they are started.
const NAMES: &[(Which, &str)] = &[
    (Which::Kubelets, "kubelets"),
    (Which::NodeLifecycle, "node-lifecycle"),
    (Which::TaintEviction, "taint-eviction"),
    (Which::Scheduler, "scheduler"),
    (Which::Deployment, "deployment"),
    (Which::ReplicaSet, "replicaset"),
    (Which::DaemonSet, "daemonset"),
    (Which::StatefulSet, "statefulset"),
    (Which::Job, "job"),
    (Which::VolumeBinder, "persistentvolume-binder"),
    (Which::VolumeAttach, "persistentvolume-attach-detach"),
    (Which::Disruption, "disruption"),
    (Which::PodGc, "pod-gc"),
];

/// Groups with their names.
const GROUPS: &[(Which, &str)] = &[(Which::Controllers, "controllers"), (Which::All, "all")];

impl Which {
    /// Single actors this stands for, in the order they are started.
    pub fn members(self) -> impl Iterator<Item = Self> {
        let singles = NAMES.iter().map(|(which, _)| *which);
        singles.filter(move |single| match self {
            Self::All => true,
            Self::Controllers => !matches!(single, Self::Kubelets | Self::Scheduler),
            one => one == *single,
        })
    }
}

impl fmt::Display for Which {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = NAMES.iter().chain(GROUPS).find(|(which, _)| which == self);
        f.write_str(name.map_or("", |(_, name)| name))
    }
}

/// There is no actor of this name.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("no actor is called {0:?}")]
pub struct UnknownActor(String);

impl FromStr for Which {
    type Err = UnknownActor;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = NAMES.iter().chain(GROUPS).find(|(_, name)| *name == text);
        found.map(|(which, _)| *which).ok_or_else(|| UnknownActor(text.to_owned()))
    }
}

/// Running actors; they stop when this value is dropped.
#[derive(Debug)]
pub struct Actors {
    /// The machines of the cluster; a handle without effect when they were not started.
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
    spawn(Which::All, client, config)
}

/// Starts an actor or a group on the current tokio runtime.
#[must_use = "dropping the handle stops the actors"]
pub fn spawn(which: Which, client: &kube::Client, config: &Config) -> Actors {
    let (kubelets, machines) = Kubelets::new(config);
    let mut machines = Some(machines);
    let mut tasks = Vec::new();
    for which in which.members() {
        match which {
            Which::Kubelets => tasks.extend(machines.take().map(|m| start(client, config, m))),
            other => tasks.push(start_controller(other, client, config)),
        }
    }
    Actors { kubelets, tasks }
}

fn start<C: Controller>(client: &kube::Client, config: &Config, actor: C) -> JoinHandle<()> {
    tokio::spawn(run(client.clone(), config.clock.clone(), actor))
}

fn start_controller(which: Which, client: &kube::Client, config: &Config) -> JoinHandle<()> {
    match which {
        Which::NodeLifecycle => {
            let actor = node_lifecycle::NodeLifecycle::new(config.heartbeat, config.node_grace);
            start(client, config, actor)
        }
        Which::TaintEviction => start(client, config, taint_eviction::TaintEviction),
        Which::Scheduler => start(client, config, scheduler::Scheduler::default()),
        Which::Deployment => start(client, config, deployment::Deployments),
        Which::ReplicaSet => start(client, config, replicaset::ReplicaSets),
        Which::DaemonSet => start(client, config, daemonset::DaemonSets),
        Which::StatefulSet => start(client, config, stateful_set::StatefulSets),
        Which::Job => start(client, config, job::Jobs),
        Which::VolumeBinder => start(client, config, volume_binder::VolumeBinder),
        Which::VolumeAttach => {
            start(client, config, volume_attach::VolumeAttach::new(config.detach))
        }
        Which::Disruption => start(client, config, disruption_budget::DisruptionBudgets),
        Which::PodGc => start(client, config, pod_gc::PodGc::new(config.pod_gc)),
        // Not single controllers: `spawn` never asks for them.
        Which::Kubelets | Which::Controllers | Which::All => tokio::spawn(async {}),
    }
}
