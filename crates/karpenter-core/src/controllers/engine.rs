//! Every task of the engine in one table.

use std::sync::Arc;

use futures::FutureExt;
use prometheus_client::registry::Registry;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::provisioning::Provisioning;
use super::reconciler::{Controller, Surroundings, run};
use super::watch::{Named, Watching, watch_all};
use crate::clock::Clock;
use crate::cloud_provider::CloudProvider;
use crate::effects::clients::Clients;
use crate::effects::events::{self, EventSink};
use crate::effects::provision::Provisioner;
use crate::observe::provisioning::ProvisioningMetrics;
use crate::observe::runner::RunnerMetrics;
use crate::observe::watch::WatchMetrics;
use crate::options::Options;
use crate::state::{ClusterState, Revision};

/// Name of this program in Kubernetes Events.
const COMPONENT: &str = "karpenter";

/// What the engine is built from.
pub struct Parts {
    /// Client for everything the engine writes.
    pub api: kube::Client,
    /// Client for watches.
    pub watch: kube::Client,
    /// The cloud.
    pub cloud: Arc<dyn CloudProvider>,
    /// What is known; shared with whoever wants to look.
    pub state: ClusterState,
    /// Time.
    pub clock: Clock,
    /// Settings.
    pub options: Options,
    /// Source of all randomness.
    pub seed: u64,
    /// Ends everything.
    pub cancel: CancellationToken,
}

/// The tasks of the engine.
pub struct Tasks {
    /// Controllers: told to end, they finish the steps under way and end by themselves.
    pub rows: Vec<Named>,
    /// Watches and housekeeping: run for ever and may be dropped at any time.
    pub background: Vec<Named>,
}

/// Registers the metrics of the engine and returns its tasks.
pub fn tasks(parts: &Parts, table: &Table, registry: &mut Registry) -> Tasks {
    let watch_metrics = WatchMetrics::default();
    watch_metrics.register(registry);
    let (sink, queue) = EventSink::new(parts.clock.clone());
    let clients = Clients {
        kube: parts.api.clone(),
        cloud: parts.cloud.clone(),
        state: parts.state.clone(),
        clock: parts.clock.clone(),
        events: sink,
    };
    let watching = Watching {
        client: parts.watch.clone(),
        state: parts.state.clone(),
        clock: parts.clock.clone(),
        metrics: watch_metrics,
        seed: parts.seed,
    };
    let mut background = watch_all(&watching, parts.cloud.traits());
    background.push(("events", events::write(parts.api.clone(), COMPONENT, queue).boxed()));
    background.push(("expire-intents", expire(parts.state.clone(), parts.clock.clone()).boxed()));
    let rows = vec![table.row(provisioning(parts, clients, registry))];
    Tasks { rows, background }
}

/// Turns controllers into tasks; providers add rows of their own.
pub struct Table {
    around: Surroundings,
}

impl Table {
    /// A table whose rows share one set of runner metrics.
    pub fn new(parts: &Parts, registry: &mut Registry) -> Self {
        let metrics = RunnerMetrics::default();
        metrics.register(registry);
        let around = Surroundings {
            clock: parts.clock.clone(),
            changes: parts.state.subscribe(),
            seed: parts.seed,
            metrics,
            cancel: parts.cancel.clone(),
        };
        Self { around }
    }

    /// The task that runs `controller`, woken by changes of the cluster state.
    pub fn row<C: Controller>(&self, controller: C) -> Named {
        (controller.name(), run(controller, self.around.clone()).boxed())
    }

    /// The task that runs `controller`, woken by `changes`.
    pub fn row_woken_by<C: Controller>(
        &self,
        controller: C,
        changes: watch::Receiver<Revision>,
    ) -> Named {
        let around = Surroundings { changes, ..self.around.clone() };
        (controller.name(), run(controller, around).boxed())
    }
}

fn provisioning(parts: &Parts, clients: Clients, registry: &mut Registry) -> Provisioning {
    let metrics = ProvisioningMetrics::default();
    metrics.register(registry);
    let options = parts.options.clone();
    let actor = Provisioner { clients, options, metrics, busy: Arc::default() };
    Provisioning::new(actor, parts.seed)
}

/// Drops intentions of ours whose time is over, for ever.
async fn expire(state: ClusterState, clock: Clock) {
    let mut changes = state.subscribe();
    loop {
        let next = state.expire(clock.now());
        tokio::select! {
            biased;
            () = async {
                match next {
                    Some(at) => clock.sleep_until(at).await,
                    None => std::future::pending().await,
                }
            } => {}
            changed = changes.changed() => {
                if changed.is_err() {
                    return std::future::pending().await;
                }
            }
        }
    }
}
