//! `nodeclaim.lifecycle`: takes every NodeClaim from its creation to its end.
//!
//! *Flow.* Finalizer, launch, registration, initialization; deadlines for the first two and an age for all. A claim
//! that is being deleted loses its nodes, then its instance, then the finalizer.
//!
//! *Guarantees.* Nothing is launched for a claim without finalizer. One claim gets one instance: the cloud is asked
//! once, a launch whose write failed is remembered by uid and written again, and the provider is idempotent by uid
//! across restarts. A deletion is counted once. All conditions that change together are written together, guarded
//! by `resourceVersion`.
//!
//! *Assumptions.* The provider's `create` finds the instance of an earlier call with the same claim. Instances carry
//! the uid of their claim.
//!
//! *Caveats.* A process that ends between launch and write, for a claim that is deleted before the next one starts,
//! leaves the instance to garbage collection.
//!
//! *Errors.* A failed launch is told in the condition `Launched` and in an event and repeated with backoff; without
//! stock or node class the claim is deleted, so that its pods are planned anew.

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;

use super::reconciler::{Controller, Limits};
use crate::decide::lifecycle::memory::LaunchMemory;
use crate::decide::lifecycle::{LifecycleInput, LifecycleStep, plan};
use crate::decide::plan::Plan;
use crate::effects::lifecycle::LifecycleActor;
use crate::effects::step::Actor;
use crate::model::ids::Uid;
use crate::options::Options;
use crate::state::ClusterSnapshot;

/// Claims worked on at once.
const MAX_IN_FLIGHT: usize = 256;

/// The row `nodeclaim.lifecycle`.
pub struct NodeClaimLifecycle {
    actor: Arc<LifecycleActor>,
    options: Arc<Options>,
}

impl NodeClaimLifecycle {
    /// The row with what it acts with.
    pub fn new(actor: Arc<LifecycleActor>, options: Arc<Options>) -> Self {
        Self { actor, options }
    }
}

#[async_trait]
impl Controller for NodeClaimLifecycle {
    type Input = (ClusterSnapshot, LaunchMemory);
    type Step = LifecycleStep;

    fn name(&self) -> &'static str {
        "nodeclaim.lifecycle"
    }

    fn limits(&self) -> Limits {
        Limits { max_in_flight: MAX_IN_FLIGHT, ..Limits::default() }
    }

    async fn observe(&mut self) -> Option<Self::Input> {
        let snapshot = self.actor.clients.state.snapshot();
        if !snapshot.is_synced() {
            return None;
        }
        let claims: BTreeSet<Uid> =
            snapshot.claims.values().map(|claim| claim.uid.clone()).collect();
        let mut launches = self.actor.launches.lock();
        launches.retain(|uid| claims.contains(uid));
        Some((snapshot, launches.clone()))
    }

    fn decide(&mut self, (snapshot, launches): Self::Input, now: Timestamp) -> Plan<LifecycleStep> {
        let options = &self.options;
        plan(&LifecycleInput { snapshot: &snapshot, launches: &launches, options }, now)
    }

    fn actor(&self) -> Arc<dyn Actor<LifecycleStep>> {
        self.actor.clone()
    }
}
