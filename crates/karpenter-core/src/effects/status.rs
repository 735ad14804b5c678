//! Writes what decisions found out into the status of pools, claims and overlays.

use async_trait::async_trait;

use super::clients::Clients;
use super::error::Error;
use super::own::{write_claim, write_overlay, write_pool};
use super::step::{Actor, Failure, Outcome};
use crate::decide::claim_disruption::ConditionWrite;
use crate::decide::node_pool::PoolStep;
use crate::decide::overlay::OverlayStep;

/// Carries out [`PoolStep`]s, [`ConditionWrite`]s and [`OverlayStep`]s.
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
