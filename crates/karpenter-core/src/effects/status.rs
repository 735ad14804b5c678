//! Writes what decisions found out into the status of pools, claims, overlays and buffers.

use std::time::Duration;

use async_trait::async_trait;

use super::clients::Clients;
use super::error::Error;
use super::own::{write_buffer, write_claim, write_overlay, write_pool};
use super::step::{Actor, Failure, Outcome};
use crate::decide::buffer::writes::BufferStep;
use crate::decide::claim_disruption::ConditionWrite;
use crate::decide::node_pool::PoolStep;
use crate::decide::overlay::OverlayStep;

/// How long a buffer is left alone after somebody else has written it.
///
/// Source: Karpenter behaviour, CapacityBuffer.
const AFTER_BUFFER_CONFLICT: Duration = Duration::from_secs(1);

/// Carries out [`PoolStep`]s, [`ConditionWrite`]s, [`OverlayStep`]s and [`BufferStep`]s.
pub struct StatusActor {
    /// Clients.
    pub clients: Clients,
}

#[async_trait]
impl Actor<PoolStep> for StatusActor {
    async fn act(&self, step: PoolStep) -> Result<Outcome, Failure> {
        let result = match step {
            PoolStep::Write(pool, after) => write_pool(&self.clients, &pool, &after).await,
            PoolStep::Restamp(claim, after) => write_claim(&self.clients, &claim, &after).await,
        };
        result.map(|()| Outcome::Done).or_else(Error::outcome)
    }
}

#[async_trait]
impl Actor<ConditionWrite> for StatusActor {
    async fn act(&self, step: ConditionWrite) -> Result<Outcome, Failure> {
        let result = write_claim(&self.clients, &step.claim, &step.after).await;
        result.map(|()| Outcome::Done).or_else(Error::outcome)
    }
}

#[async_trait]
impl Actor<OverlayStep> for StatusActor {
    async fn act(&self, step: OverlayStep) -> Result<Outcome, Failure> {
        let result = write_overlay(&self.clients, &step.overlay, &step.after).await;
        result.map(|()| Outcome::Done).or_else(Error::outcome)
    }
}

#[async_trait]
impl Actor<BufferStep> for StatusActor {
    async fn act(&self, step: BufferStep) -> Result<Outcome, Failure> {
        match write_buffer(&self.clients, &step.buffer, &step.after).await {
            Ok(()) => Ok(Outcome::Done),
            Err(error) if error.is_conflict() => Ok(Outcome::After(AFTER_BUFFER_CONFLICT)),
            Err(error) => error.outcome(),
        }
    }
}
