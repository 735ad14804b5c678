//! Controller `eviction-queue`: makes pods leave nodes that are being drained.
//!
//! *Flow.* Take the pods whose turn it is on every draining node, ask the eviction API for those that
//! PodDisruptionBudgets allow to go, and delete those whose node is about to end.
//!
//! *Guarantees.* Only the very pod that was decided upon is removed (uid precondition). At most
//! [`Limits::max_in_flight`] requests are under way, and no more per budget than it has disruptions left. There is no
//! queue that could leak or fill up: what is to be done follows from the cluster in every pass.
//!
//! *Assumptions.* The node carries the taint of draining nodes, so no new pods come.
//!
//! *Caveats.* A pod protected by `karpenter.sh/do-not-disrupt` stays until its protection or its node ends.
//!
//! *Errors.* A refusal because of a budget is no error: it is told in an event and tried again, not before the time
//! the API names. Everything else is repeated with backoff.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;

use super::reconciler::{Controller, Limits};
use super::termination::node_class_labels;
use crate::decide::plan::Plan;
use crate::decide::termination::evict::{self, EvictionStep};
use crate::decide::termination::volumes::BoundVolumes;
use crate::decide::termination::{TerminationInput, TerminationSettings};
use crate::effects::clients::Clients;
use crate::effects::evict::Evictor;
use crate::effects::step::Actor;
use crate::observe::metrics_termination::TerminationMetrics;

/// The row of the runner.
pub struct PodEviction {
    evictor: Arc<Evictor>,
    node_class_labels: Vec<String>,
    settings: TerminationSettings,
}

impl PodEviction {
    /// The controller over `clients`.
    pub fn new(
        clients: Clients,
        metrics: TerminationMetrics,
        settings: TerminationSettings,
    ) -> Self {
        let node_class_labels = node_class_labels(clients.cloud.traits());
        Self { evictor: Arc::new(Evictor { clients, metrics }), node_class_labels, settings }
    }
}

#[async_trait]
impl Controller for PodEviction {
    type Input = TerminationInput;
    type Step = EvictionStep;

    fn name(&self) -> &'static str {
        "eviction-queue"
    }

    fn limits(&self) -> Limits {
        Limits {
            max_in_flight: 100,
            backoff_base: Duration::from_millis(100),
            backoff_max: Duration::from_secs(10),
            ..Limits::default()
        }
    }

    async fn observe(&mut self) -> Option<TerminationInput> {
        let cluster = self.evictor.clients.state.snapshot();
        cluster.is_synced().then(|| TerminationInput {
            cluster,
            node_class_labels: self.node_class_labels.clone(),
            bound_volumes: BoundVolumes::new(),
            settings: self.settings,
        })
    }

    fn decide(&mut self, input: TerminationInput, now: Timestamp) -> Plan<EvictionStep> {
        evict::plan(&input, now)
    }

    fn actor(&self) -> Arc<dyn Actor<EvictionStep>> {
        self.evictor.clone()
    }
}
