//! `nodeclaim.disruption`: what claims say about how they may be disrupted.
//!
//! *Flow.* The last pod event of each node is copied into its claim, and `Consolidatable` follows from it.
//!
//! *Guarantees.* One status write per claim and change, guarded by `resourceVersion`. The time of the last pod event only
//! moves forward, and not by less than ten seconds; a restart does not move it.
//!
//! *Assumptions.* The state counts a binding with the time the pod was bound.
//!
//! *Caveats.* A claim whose pool does not exist keeps the condition it has.
//!
//! *Errors.* A conflict is looked at again with the newer object.

use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;

use super::reconciler::{Controller, Limits};
use crate::decide::claim_disruption::{ConditionWrite, plan};
use crate::decide::plan::Plan;
use crate::effects::status::StatusActor;
use crate::effects::step::Actor;
use crate::state::ClusterSnapshot;

/// Claims written at once.
const MAX_IN_FLIGHT: usize = 128;

/// The row `nodeclaim.disruption`.
pub struct NodeClaimDisruption {
    actor: Arc<StatusActor>,
}

impl NodeClaimDisruption {
    /// The row with what it acts with.
    pub fn new(actor: Arc<StatusActor>) -> Self {
        Self { actor }
    }
}

#[async_trait]
impl Controller for NodeClaimDisruption {
    type Input = ClusterSnapshot;
    type Step = ConditionWrite;

    fn name(&self) -> &'static str {
        "nodeclaim.disruption"
    }

    fn limits(&self) -> Limits {
        Limits { max_in_flight: MAX_IN_FLIGHT, ..Limits::default() }
    }

    async fn observe(&mut self) -> Option<ClusterSnapshot> {
        let snapshot = self.actor.clients.state.snapshot();
        snapshot.is_synced().then_some(snapshot)
    }

    fn decide(&mut self, snapshot: ClusterSnapshot, now: Timestamp) -> Plan<ConditionWrite> {
        plan(&snapshot, now)
    }

    fn actor(&self) -> Arc<dyn Actor<ConditionWrite>> {
        self.actor.clone()
    }
}
