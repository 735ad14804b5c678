//! Creates and deletes the claims of static pools.

use std::time::Duration;

use async_trait::async_trait;
use futures::StreamExt;

use super::clients::Clients;
use super::disrupt::claim_ref;
use super::error::Error;
use super::own::{create_claim, delete_claim};
use super::provision::explained;
use super::step::{Actor, Failure, Outcome};
use crate::api::v1::nodeclaim::NodeClaim as Object;
use crate::decide::announcement;
use crate::decide::static_capacity::StaticStep;
use crate::model::ids::NodeClaimName;
use crate::model::node_pool::NodePool;
use crate::observe::provisioning::ProvisioningMetrics;
use crate::state::{ClusterEvent, Intent};

/// Requests under way at once for one pool.
const IN_FLIGHT: usize = 16;

/// How long a pool rests after it has grown: claims that cannot be launched are not made again at once.
pub const AFTER_GROWTH: Duration = Duration::from_secs(10);

/// Carries out [`StaticStep`]s.
#[derive(Clone)]
pub struct StaticActor {
    /// Handles.
    pub clients: Clients,
    /// Counters.
    pub metrics: ProvisioningMetrics,
}

#[async_trait]
impl Actor<StaticStep> for StaticActor {
    async fn act(&self, step: StaticStep) -> Result<Outcome, Failure> {
        let (n_created, n_deleted) = (step.create.len(), step.delete.len());
        let nodepool = &step.pool.name;
        tracing::info!(%nodepool, n_created, n_deleted, why = step.why, "changing static nodepool");
        let creations = step.create.into_iter().map(|object| {
            let (own, pool, why) = (self.clone(), step.pool.clone(), step.why.clone());
            async move { own.create(&object, &pool, &why).await }
        });
        let creations: Vec<_> =
            futures::stream::iter(creations).buffered(IN_FLIGHT).collect().await;
        let deletions = step.delete.into_iter().map(|claim| {
            let own = self.clone();
            async move { delete_claim(&own.clients, &claim).await.map(|_| ()) }
        });
        let deletions: Vec<_> =
            futures::stream::iter(deletions).buffered(IN_FLIGHT).collect().await;
        match creations.into_iter().chain(deletions).find_map(Result::err) {
            Some(error) => error.outcome(),
            None if n_created > 0 => Ok(Outcome::After(AFTER_GROWTH)),
            None => Ok(Outcome::Done),
        }
    }
}

impl StaticActor {
    /// Creates one claim that no pod is planned onto yet; one of that name may be there already.
    async fn create(&self, object: &Object, pool: &NodePool, why: &str) -> Result<(), Error> {
        let name = NodeClaimName::from(object.metadata.name.clone().unwrap_or_default());
        self.intend(Intent::PlanPods { claim: name.clone(), pods: vec![] });
        match create_claim(&self.clients, &explained(object, why)).await {
            Ok(created) => {
                let event = announcement::provisioned(claim_ref(&created), why);
                self.clients.events.publish(event);
                self.metrics.created(&pool.name, false);
                Ok(())
            }
            Err(error) if error.is_conflict() => Ok(()),
            Err(error) => {
                self.intend(Intent::ForgetClaim(name));
                Err(error)
            }
        }
    }

    fn intend(&self, intent: Intent) {
        self.clients.learn(ClusterEvent::Intent(intent));
    }
}

#[cfg(test)]
mod tests;
