//! Controller `nodeclaim.disruption`: keeps the condition `Consolidatable` of NodeClaims.
//!
//! *Flow.* Compare how long the pods of each node have been quiet with what its pool asks, and write what changed.
//!
//! *Guarantees.* A write is refused when the claim has changed since the decision.
//!
//! *Assumptions.* The pool of a claim is the one its label names.
//!
//! *Caveats.* Claims without pool keep the condition they have.
//!
//! *Errors.* Repeated with backoff.

use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;

use super::reconciler::{Controller, Limits};
use crate::decide::disruption::consolidatable::{self, ConditionStep};
use crate::decide::plan::Plan;
use crate::effects::claim_conditions::ConditionWriter;
use crate::effects::clients::Clients;
use crate::effects::step::Actor;
use crate::state::ClusterSnapshot;

/// The row of the runner.
pub struct Consolidatable {
    writer: Arc<ConditionWriter>,
}

impl Consolidatable {
    /// The controller over `clients`.
    pub fn new(clients: Clients) -> Self {
        Self { writer: Arc::new(ConditionWriter { clients }) }
    }
}

#[async_trait]
impl Controller for Consolidatable {
    type Input = ClusterSnapshot;
    type Step = ConditionStep;

    fn name(&self) -> &'static str {
        "nodeclaim.disruption"
    }

    fn limits(&self) -> Limits {
        Limits { max_in_flight: 100, ..Limits::default() }
    }

    async fn observe(&mut self) -> Option<ClusterSnapshot> {
        Some(self.writer.clients.state.snapshot()).filter(ClusterSnapshot::is_synced)
    }

    fn decide(&mut self, input: ClusterSnapshot, now: Timestamp) -> Plan<ConditionStep> {
        consolidatable::plan(&input, now)
    }

    fn actor(&self) -> Arc<dyn Actor<ConditionStep>> {
        self.writer.clone()
    }
}
