//! Controller `node.termination`: takes nodes of ours that are being deleted out of the cluster.
//!
//! *Flow.* Delete the claim, taint the node and take it out of load balancers, wait until its pods are gone (the row
//! [`eviction`](super::eviction) makes them leave), wait until its volumes are detached, have the instance
//! terminated, remove our finalizer.
//!
//! *Guarantees.* Each stage is visible in the cluster before the next one begins, so a restart changes nothing. Every
//! write is refused when the object has changed since the decision. A node whose claim has a deadline ends a bounded
//! time after it.
//!
//! *Assumptions.* Only one NodeClaim has the provider id of a node; otherwise the node is drained and let go, and its
//! instance is left to the garbage collection of the provider.
//!
//! *Caveats.* Volumes are never detached by force. Without a deadline a node waits for its last pod for ever.
//!
//! *Errors.* A cloud or API that fails is asked again with backoff; nothing is skipped.

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;

use super::reconciler::{Controller, Limits};
use crate::cloud_provider::ProviderTraits;
use crate::decide::plan::Plan;
use crate::decide::termination::finalize::{self, TerminationStep};
use crate::decide::termination::volumes::{Attachments, BoundVolumes};
use crate::decide::termination::{TerminationInput, TerminationSettings, leaving_nodes};
use crate::effects::clients::Clients;
use crate::effects::error::report;
use crate::effects::step::Actor;
use crate::effects::terminate::Terminator;
use crate::effects::volumes::bound_volume;
use crate::model::ids::{NodeName, ObjectKey};
use crate::observe::metrics_termination::TerminationMetrics;
use crate::state::ClusterSnapshot;

/// The row of the runner.
pub struct NodeTermination {
    terminator: Arc<Terminator>,
    node_class_labels: Vec<String>,
    bound_volumes: BoundVolumes,
    settings: TerminationSettings,
}

/// Labels by which nodes of a provider are known.
pub fn node_class_labels(provider: &ProviderTraits) -> Vec<String> {
    provider.node_classes.iter().map(|class| class.label_key()).collect()
}

impl NodeTermination {
    /// The controller over `clients`.
    pub fn new(
        clients: Clients,
        metrics: TerminationMetrics,
        settings: TerminationSettings,
    ) -> Self {
        let node_class_labels = node_class_labels(clients.cloud.traits());
        let terminator = Arc::new(Terminator { clients, metrics });
        Self { terminator, node_class_labels, bound_volumes: BoundVolumes::new(), settings }
    }

    /// Looks up volumes that are not known yet, and forgets those nobody asks for.
    async fn look_up_volumes(&mut self, cluster: &ClusterSnapshot, now: Timestamp) {
        let leaving = leaving_nodes(cluster, &self.node_class_labels);
        let names: Vec<&NodeName> = leaving.map(|node| &node.name).collect();
        let wanted: BTreeSet<ObjectKey> =
            Attachments::of(cluster).claims_of_interest(cluster, names, now);
        self.bound_volumes.retain(|claim, _| wanted.contains(claim));
        for claim in wanted {
            if self.bound_volumes.contains_key(&claim) {
                continue;
            }
            match bound_volume(&self.terminator.clients, &claim).await {
                Ok(Some(volume)) => {
                    self.bound_volumes.insert(claim, volume.into());
                }
                Ok(None) => {}
                Err(error) => tracing::debug!(error = report(&error), "volume not looked up"),
            }
        }
    }
}

#[async_trait]
impl Controller for NodeTermination {
    type Input = TerminationInput;
    type Step = TerminationStep;

    fn name(&self) -> &'static str {
        "node.termination"
    }

    fn limits(&self) -> Limits {
        Limits { max_in_flight: 100, ..Limits::default() }
    }

    async fn observe(&mut self) -> Option<TerminationInput> {
        let cluster = self.terminator.clients.state.snapshot();
        if !cluster.is_synced() {
            return None;
        }
        let now = self.terminator.clients.clock.now();
        self.look_up_volumes(&cluster, now).await;
        Some(TerminationInput {
            cluster,
            node_class_labels: self.node_class_labels.clone(),
            bound_volumes: self.bound_volumes.clone(),
            settings: self.settings,
        })
    }

    fn decide(&mut self, input: TerminationInput, now: Timestamp) -> Plan<TerminationStep> {
        finalize::plan(&input, now)
    }

    fn actor(&self) -> Arc<dyn Actor<TerminationStep>> {
        self.terminator.clone()
    }
}
