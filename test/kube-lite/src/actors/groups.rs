//! Actors in groups, for clusters whose parts are processes of their own.

use tokio::task::JoinHandle;

use super::runner::{Controller, run};
use super::{
    Actors, Config, Kubelets, daemonset, deployment, disruption_budget, node_lifecycle, pod_gc,
    replicaset, scheduler,
};

/// Scheduler and controllers; they stop when this value is dropped.
#[derive(Debug)]
pub struct ControlPlane {
    tasks: Vec<JoinHandle<()>>,
}

impl Drop for ControlPlane {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

/// Starts what schedules pods and what owns them, and no machines.
#[must_use = "dropping the handle stops the actors"]
pub fn spawn_control_plane(client: &kube::Client, config: &Config) -> ControlPlane {
    let silent = node_lifecycle::NodeLifecycle::new(config.heartbeat, config.node_grace);
    let tasks = vec![
        start(client, config, silent),
        start(client, config, scheduler::Scheduler),
        start(client, config, deployment::Deployments),
        start(client, config, replicaset::ReplicaSets),
        start(client, config, daemonset::DaemonSets),
        start(client, config, disruption_budget::DisruptionBudgets),
        start(client, config, pod_gc::PodGc::new(config.pod_gc)),
    ];
    ControlPlane { tasks }
}

/// Starts the machines of a cluster and nothing else.
#[must_use = "dropping the handle stops the machines"]
pub fn spawn_kubelets(client: &kube::Client, config: &Config) -> Actors {
    let (kubelets, machines) = Kubelets::new(config);
    Actors { kubelets, tasks: vec![start(client, config, machines)] }
}

fn start<C: Controller>(client: &kube::Client, config: &Config, actor: C) -> JoinHandle<()> {
    tokio::spawn(run(client.clone(), config.clock.clone(), actor))
}
