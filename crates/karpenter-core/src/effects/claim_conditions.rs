//! Writes conditions of NodeClaims.

use async_trait::async_trait;

use super::clients::Clients;
use super::error::Error;
use super::own::write_claim;
use super::step::{Actor, Failure, Outcome};
use crate::decide::disruption::consolidatable::ConditionStep;

/// Carries out [`ConditionStep`]s.
#[derive(Clone)]
pub struct ConditionWriter {
    /// Handles.
    pub clients: Clients,
}

#[async_trait]
impl Actor<ConditionStep> for ConditionWriter {
    async fn act(&self, step: ConditionStep) -> Result<Outcome, Failure> {
        let written = write_claim(&self.clients, &step.claim, &step.after).await;
        written.map(|()| Outcome::Done).or_else(Error::outcome)
    }
}
