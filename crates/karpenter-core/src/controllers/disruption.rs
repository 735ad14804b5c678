//! Controller `disruption`: takes nodes away that are not needed.
//!
//! *Flow.* Find candidates, let a method choose among them within the budgets, wait, look again, taint the chosen
//! nodes, look once more at their pods, delete their claims. Termination does the rest.
//!
//! *Guarantees.* The wait of a command never holds up the planning of others; its nodes are reserved meanwhile. A
//! command is driven by its own id and ends: by success, or by being given up, and then its nodes are given back.
//! Taints and conditions of commands a former process has forgotten are removed.
//!
//! *Assumptions.* A scheduler that has seen the taint of a node binds no more pods to it after a second.
//!
//! *Caveats.* A pod bound later than that is drained like any other.
//!
//! *Errors.* Every change is refused when the object has changed since the decision, and decided again. A pool whose
//! supply is unknown has no candidates; the others go on.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;

use super::reconciler::{Controller, Limits};
use crate::api::v1::budget::DisruptionReason;
use crate::decide::disruption::command::Command;
use crate::decide::disruption::queue::{DisruptionStep, Queue};
use crate::decide::disruption::{self, DisruptionInput, DisruptionReport};
use crate::decide::plan::Plan;
use crate::effects::clients::Clients;
use crate::effects::disrupt::Disruptor;
use crate::effects::disruption_events::events;
use crate::effects::error::report;
use crate::effects::step::Actor;
use crate::model::ids::NodePoolName;
use crate::model::instance_type::Catalog;
use crate::observe::metrics_disruption::{DecisionLabels, DisruptionMetrics};
use crate::state::ClusterSnapshot;

/// The row of the runner.
pub struct Disruption {
    disruptor: Arc<Disruptor>,
    queue: Queue,
}

impl Disruption {
    /// The controller over `clients`.
    pub fn new(clients: Clients, metrics: DisruptionMetrics) -> Self {
        Self { disruptor: Arc::new(Disruptor { clients, metrics }), queue: Queue::default() }
    }

    async fn catalogs(&self, cluster: &ClusterSnapshot) -> BTreeMap<NodePoolName, Catalog> {
        let mut catalogs = BTreeMap::new();
        for pool in cluster.pools.values() {
            match self.disruptor.clients.cloud.instance_types(pool).await {
                Ok(catalog) => {
                    catalogs.insert(pool.name.clone(), catalog);
                }
                Err(error) => {
                    tracing::debug!(nodepool = %pool.name, error = report(&error), "no supply");
                }
            }
        }
        catalogs
    }

    /// Tells people and dashboards what a pass came to.
    fn publish(&self, report: &DisruptionReport, cluster: &ClusterSnapshot) {
        let Disruptor { clients, metrics } = &*self.disruptor;
        for event in events(report, cluster) {
            clients.events.publish(event);
        }
        for problem in &report.problems {
            tracing::debug!(%problem, "budget ignored or closed");
        }
        for (reason, n_nodes) in &report.n_eligible {
            metrics.eligible(&reason.as_str().to_lowercase(), *n_nodes);
        }
        for ((pool, reason), used) in &report.budgets {
            metrics.budget(pool.as_str(), reason.as_str(), used.allowed, used.busy);
        }
        for (reason, n_nodes, why) in &report.failed_validations {
            metrics.validation_failed(consolidation_type(*reason), *n_nodes);
            tracing::debug!(reason = reason.as_str(), n_nodes, %why, "command lost nodes");
        }
        for command in &report.started {
            metrics.decided(&decision_labels(command), pools(command));
            tracing::info!(id = %command.id, reason = command.reason.as_str(), "{command}");
        }
        for command in &report.given_up {
            metrics.given_up(&decision_labels(command), 0);
            tracing::error!(id = %command.id, "command given up: {command}");
        }
    }
}

fn decision_labels(command: &Command) -> DecisionLabels {
    DecisionLabels {
        decision: "delete",
        reason: command.reason.as_str().to_lowercase(),
        consolidation_type: consolidation_type(command.reason),
    }
}

fn consolidation_type(reason: DisruptionReason) -> &'static str {
    match reason {
        DisruptionReason::Empty => "empty",
        DisruptionReason::Underutilized | DisruptionReason::Drifted => "",
    }
}

fn pools(command: &Command) -> BTreeSet<&str> {
    command.candidates.iter().map(|candidate| candidate.pool.name.as_str()).collect()
}

#[async_trait]
impl Controller for Disruption {
    type Input = DisruptionInput;
    type Step = DisruptionStep;

    fn name(&self) -> &'static str {
        "disruption"
    }

    fn limits(&self) -> Limits {
        Limits { min_interval: Duration::from_secs(1), heavy: true, ..Limits::default() }
    }

    async fn observe(&mut self) -> Option<DisruptionInput> {
        let clients = &self.disruptor.clients;
        let cluster = clients.state.snapshot();
        if !cluster.is_synced() {
            return None;
        }
        let now = clients.clock.now();
        let catalogs = self.catalogs(&cluster).await;
        Some(DisruptionInput { cluster, catalogs, reserved: BTreeSet::new(), now })
    }

    fn decide(&mut self, input: DisruptionInput, now: Timestamp) -> Plan<DisruptionStep> {
        let cluster = input.cluster.clone();
        let (plan, report) = disruption::plan(DisruptionInput { now, ..input }, &mut self.queue);
        self.publish(&report, &cluster);
        plan
    }

    fn actor(&self) -> Arc<dyn Actor<DisruptionStep>> {
        self.disruptor.clone()
    }
}
