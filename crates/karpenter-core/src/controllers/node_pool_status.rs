//! `nodepool.status`: everything the status of NodePools says, and the drift hash.
//!
//! *Flow.* Every change of pools, node classes, claims or nodes leads to one look at all pools: validation, node class,
//! registration health, usage, hash. What differs from the object is written.
//!
//! *Guarantees.* At most one metadata write and one status write per pool and change, guarded by `resourceVersion`. A
//! pool gets a new hash version only after all its claims have.
//!
//! *Assumptions.* Registration outcomes are recorded before the claim they are about changes.
//!
//! *Caveats.* Outcomes are remembered by this process; a new one starts from what the condition says.
//!
//! *Errors.* A conflict is looked at again with the newer object.

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;

use super::reconciler::Controller;
use crate::decide::node_pool::registration_health::RegistrationHealth;
use crate::decide::node_pool::{PoolInput, PoolStep, plan};
use crate::decide::plan::Plan;
use crate::effects::lifecycle::Health;
use crate::effects::status::StatusActor;
use crate::effects::step::Actor;
use crate::model::ids::Uid;
use crate::model::validation::ValidationRules;
use crate::state::ClusterSnapshot;

/// The row `nodepool.status`.
pub struct NodePoolStatus {
    actor: Arc<StatusActor>,
    health: Health,
    rules: ValidationRules,
}

impl NodePoolStatus {
    /// The row with what it acts with, the outcomes the lifecycle records, and what users may write.
    pub fn new(actor: Arc<StatusActor>, health: Health, rules: ValidationRules) -> Self {
        Self { actor, health, rules }
    }
}

#[async_trait]
impl Controller for NodePoolStatus {
    type Input = (ClusterSnapshot, RegistrationHealth);
    type Step = PoolStep;

    fn name(&self) -> &'static str {
        "nodepool.status"
    }

    async fn observe(&mut self) -> Option<Self::Input> {
        let snapshot = self.actor.clients.state.snapshot();
        if !snapshot.is_synced() {
            return None;
        }
        let pools: BTreeSet<Uid> = snapshot.pools.values().map(|pool| pool.uid.clone()).collect();
        let mut health = self.health.lock();
        health.retain(|uid| pools.contains(uid));
        Some((snapshot, health.clone()))
    }

    fn decide(&mut self, (snapshot, health): Self::Input, now: Timestamp) -> Plan<PoolStep> {
        plan(&PoolInput { snapshot: &snapshot, health: &health, rules: &self.rules }, now)
    }

    fn actor(&self) -> Arc<dyn Actor<PoolStep>> {
        self.actor.clone()
    }
}
