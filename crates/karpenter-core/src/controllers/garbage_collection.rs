//! `nodeclaim.garbagecollection`: claims, instances and nodes that lost each other.
//!
//! *Flow.* Every [`PERIOD`]: snapshot, list of the cloud, snapshot, comparison.
//!
//! *Guarantees.* Nothing is deleted after a failed list. An instance is terminated only when two sweeps in a row found no
//! claim for it, no launch for it is under way, it is older than the launch timeout, and the API says that its claim is
//! gone. A claim that lost its instance id gets it back.
//!
//! *Assumptions.* The provider lists instances of this cluster only, with the name and uid of their claim.
//!
//! *Caveats.* An instance without these tags is never touched.
//!
//! *Errors.* A list that fails is repeated after [`AFTER_FAILURE`]; a step that fails is found again by a later sweep.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;

use super::reconciler::{Controller, Limits};
use crate::cloud_provider::{CloudProviderError, Instance};
use crate::decide::garbage::{GarbageStep, Sweep, sweep};
use crate::decide::lifecycle::memory::LaunchMemory;
use crate::decide::plan::Plan;
use crate::effects::error::report;
use crate::effects::garbage::GarbageActor;
use crate::effects::step::Actor;
use crate::model::ids::ProviderId;
use crate::options::Options;
use crate::state::ClusterSnapshot;

/// Time between two sweeps.
pub const PERIOD: Duration = Duration::from_secs(2 * 60);

/// Time until a list that failed is repeated.
pub const AFTER_FAILURE: Duration = Duration::from_secs(30);

/// Longest wait for a list.
const LIST_LIMIT: Duration = Duration::from_secs(60);

/// Pieces of garbage removed at once.
const MAX_IN_FLIGHT: usize = 20;

/// The row `nodeclaim.garbagecollection`.
pub struct GarbageCollection {
    actor: Arc<GarbageActor>,
    options: Arc<Options>,
    next_sweep: Option<Timestamp>,
    suspects: BTreeSet<ProviderId>,
}

/// What one sweep saw.
pub struct Seen {
    before: ClusterSnapshot,
    instances: Vec<Instance>,
    after: ClusterSnapshot,
    launches: LaunchMemory,
    class_labels: Vec<String>,
}

impl GarbageCollection {
    /// The row with what it acts with.
    pub fn new(actor: Arc<GarbageActor>, options: Arc<Options>) -> Self {
        Self { actor, options, next_sweep: None, suspects: BTreeSet::new() }
    }

    async fn list(&self) -> Result<Vec<Instance>, CloudProviderError> {
        let list = self.actor.lifecycle.clients.cloud.list();
        tokio::time::timeout(LIST_LIMIT, list)
            .await
            .unwrap_or_else(|_| Err(CloudProviderError::Transient("no list in time".to_owned())))
    }
}

#[async_trait]
impl Controller for GarbageCollection {
    /// `None` between sweeps and after a failed list.
    type Input = Option<Box<Seen>>;
    type Step = GarbageStep;

    fn name(&self) -> &'static str {
        "nodeclaim.garbagecollection"
    }

    fn limits(&self) -> Limits {
        Limits { max_in_flight: MAX_IN_FLIGHT, ..Limits::default() }
    }

    async fn observe(&mut self) -> Option<Self::Input> {
        let clients = self.actor.lifecycle.clients.clone();
        let now = clients.clock.now();
        if self.next_sweep.is_some_and(|at| now < at) {
            return Some(None);
        }
        let before = clients.state.snapshot();
        if !before.is_synced() {
            return None;
        }
        let instances = match self.list().await {
            Ok(instances) => instances,
            Err(error) => {
                tracing::warn!(error = report(&error), "the cloud could not be listed");
                self.next_sweep = Some(now + AFTER_FAILURE);
                return Some(None);
            }
        };
        self.next_sweep = Some(now + PERIOD);
        let launches = self.actor.lifecycle.launches.lock().clone();
        let after = clients.state.snapshot();
        let classes = &clients.cloud.traits().node_classes;
        let class_labels = classes.iter().map(|class| class.label_key()).collect();
        Some(Some(Box::new(Seen { before, instances, after, launches, class_labels })))
    }

    fn decide(&mut self, seen: Self::Input, now: Timestamp) -> Plan<GarbageStep> {
        let mut plan = Plan { steps: vec![], wake_at: self.next_sweep };
        if let Some(seen) = seen {
            let found = sweep(
                &Sweep {
                    before: &seen.before,
                    instances: &seen.instances,
                    after: &seen.after,
                    launches: &seen.launches,
                    suspects: &self.suspects,
                    class_labels: &seen.class_labels,
                    launch_timeout: self.options.launch_timeout,
                },
                now,
            );
            self.suspects = found.suspects;
            plan.steps = found.steps;
        }
        plan
    }

    fn actor(&self) -> Arc<dyn Actor<GarbageStep>> {
        self.actor.clone()
    }
}
