//! `unreadable`: objects that cannot be understood say so themselves.
//!
//! *Flow.* Watches note what they have to leave out; each such object gets a condition that names the member.
//!
//! *Guarantees.* One write per object, generation and problem, guarded by `resourceVersion`. An object that can be read
//! again is judged by the controller of its kind, which replaces the condition.
//!
//! *Assumptions.* A watch shows an object again when it has changed.
//!
//! *Caveats.* Kinds that are not ours to write (pods, nodes, budgets) are named in the log and counted only.
//!
//! *Errors.* A conflict is looked at again with the newer object.

use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;

use super::reconciler::Controller;
use crate::decide::plan::Plan;
use crate::effects::step::Actor;
use crate::effects::unreadable::{Tell, UnreadableActor};
use crate::state::Finding;

/// The row `unreadable`.
pub struct UnreadableObjects {
    actor: Arc<UnreadableActor>,
}

impl UnreadableObjects {
    /// The row with what it acts with.
    pub fn new(actor: UnreadableActor) -> Self {
        Self { actor: Arc::new(actor) }
    }
}

#[async_trait]
impl Controller for UnreadableObjects {
    type Input = Vec<Finding>;
    type Step = Tell;

    fn name(&self) -> &'static str {
        "unreadable"
    }

    async fn observe(&mut self) -> Option<Vec<Finding>> {
        Some(self.actor.unreadable.untold())
    }

    fn decide(&mut self, findings: Vec<Finding>, _now: Timestamp) -> Plan<Tell> {
        Plan { steps: findings.into_iter().map(Tell).collect(), wake_at: None }
    }

    fn actor(&self) -> Arc<dyn Actor<Tell>> {
        self.actor.clone()
    }
}
