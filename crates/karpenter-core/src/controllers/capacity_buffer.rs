//! `capacitybuffer`: what CapacityBuffers come to.
//!
//! *Flow.* When buffers or what they refer to have changed, every buffer is resolved anew and its status says the result.
//!
//! *Guarantees.* At most one write per buffer and change, guarded by `resourceVersion`; a status that is right is not
//! written. A buffer whose reference dangles is resolved as soon as its object comes.
//!
//! *Assumptions.* PodTemplates and workloads are watched, so nothing has to be asked for again.
//!
//! *Caveats.* Nodes are planned by the provisioner; `Provisioning` says what its last round made of the buffer.
//!
//! *Errors.* A conflict is looked at again after a second with the newer object; refused writes are repeated with
//! backoff.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;

use super::reconciler::{Controller, Limits};
use crate::decide::buffer::writes::{BufferStep, writes};
use crate::decide::plan::Plan;
use crate::effects::status::StatusActor;
use crate::effects::step::Actor;
use crate::state::ClusterSnapshot;

/// How soon buffers are looked at again when nothing else happens.
const LOOK_AGAIN: Duration = Duration::from_secs(30);

/// The row `capacitybuffer`.
pub struct CapacityBuffers {
    actor: Arc<StatusActor>,
}

impl CapacityBuffers {
    /// The row with what it writes with.
    pub fn new(actor: Arc<StatusActor>) -> Self {
        Self { actor }
    }
}

#[async_trait]
impl Controller for CapacityBuffers {
    type Input = ClusterSnapshot;
    type Step = BufferStep;

    fn name(&self) -> &'static str {
        "capacitybuffer"
    }

    fn limits(&self) -> Limits {
        Limits { max_in_flight: 10, ..Limits::default() }
    }

    async fn observe(&mut self) -> Option<ClusterSnapshot> {
        let snapshot = self.actor.clients.state.snapshot();
        snapshot.is_synced().then_some(snapshot)
    }

    fn decide(&mut self, snapshot: ClusterSnapshot, now: Timestamp) -> Plan<BufferStep> {
        let mut plan = writes(&snapshot, now);
        plan.wake(now + LOOK_AGAIN);
        plan
    }

    fn actor(&self) -> Arc<dyn Actor<BufferStep>> {
        self.actor.clone()
    }
}
