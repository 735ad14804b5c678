//! Carries out the steps of NodeClaims: launch, registration, writes, deletion, termination.
//!
//! The answers of the cloud are turned into changes by [`crate::decide::lifecycle`]; here is only their order and what
//! has to survive a failure between two of them.

use std::sync::Arc;

use async_trait::async_trait;
use parking_lot::Mutex;

use super::clients::Clients;
use super::error::Error;
use super::node::{delete_node, write_node};
use super::own::{delete_claim, write_claim};
use super::step::{Actor, Failure, Outcome};
use crate::cloud_provider::{CloudProviderError, Instance, Termination};
use crate::decide::announcement::Announcement;
use crate::decide::lifecycle::launch::Settled;
use crate::decide::lifecycle::memory::{Launch, LaunchMemory};
use crate::decide::lifecycle::register::{Joining, Pending};
use crate::decide::lifecycle::{ClaimWrite, Deletion, LifecycleStep, finalize, launch, register};
use crate::decide::node_pool::registration_health::RegistrationHealth;
use crate::model::ids::ProviderId;
use crate::model::node_claim::NodeClaim;
use crate::observe::metrics::Metrics;

/// Launches under way or not yet shown by the cluster, shared between controllers.
pub type Launches = Arc<Mutex<LaunchMemory>>;

/// Registration health, shared between controllers.
pub type Health = Arc<Mutex<RegistrationHealth>>;

/// Carries out [`LifecycleStep`]s.
#[derive(Clone)]
pub struct LifecycleActor {
    /// Clients.
    pub clients: Clients,
    /// Launches of this process.
    pub launches: Launches,
    /// What pools are told.
    pub health: Health,
    /// Metrics.
    pub metrics: Metrics,
}

#[async_trait]
impl Actor<LifecycleStep> for LifecycleActor {
    async fn act(&self, step: LifecycleStep) -> Result<Outcome, Failure> {
        let result = match step {
            LifecycleStep::Write(write) => self.write(*write).await,
            LifecycleStep::Launch(claim) => return self.launch(claim).await,
            LifecycleStep::Register(joining) => return self.register(*joining).await,
            LifecycleStep::Delete(deletion) => self.delete(*deletion).await,
            LifecycleStep::DeleteNodes(claim, nodes) => self.delete_nodes(&claim, &nodes).await,
            LifecycleStep::FindInstance(claim) => self.find_instance(&claim).await,
            LifecycleStep::Terminate(claim, id) => self.terminate(&claim, &id).await,
        };
        result.or_else(Error::outcome)
    }
}

impl LifecycleActor {
    async fn write(&self, write: ClaimWrite) -> Result<Outcome, Error> {
        if let Some((before, after)) = &write.node {
            write_node(&self.clients, before, after).await?;
        }
        write_claim(&self.clients, &write.claim, &write.after).await?;
        self.announce(write.announcement);
        Ok(Outcome::Done)
    }

    /// Launches unless an earlier launch is remembered, and writes the answer.
    ///
    /// What the cloud answered outlives a failed write: it is dropped only once the claim shows it.
    async fn launch(&self, claim: Arc<NodeClaim>) -> Result<Outcome, Failure> {
        let answer = match self.remembered(&claim) {
            Some(instance) => Ok(instance),
            None => self.create(&claim).await,
        };
        let written = match launch::settle(&claim, &answer, self.clients.clock.now()) {
            Settled::Write(write) => self.write(*write).await,
            Settled::GiveUp(deletion) => {
                return self.delete(*deletion).await.or_else(Error::outcome);
            }
        };
        match (answer, written) {
            (Ok(_), Ok(outcome)) => {
                self.launches.lock().remove(&claim.uid);
                Ok(outcome)
            }
            (_, Err(error)) => error.outcome(),
            (Err(source), Ok(_)) => {
                Error::Cloud { action: format!("launch {}", claim.name), source }.outcome()
            }
        }
    }

    fn remembered(&self, claim: &NodeClaim) -> Option<Arc<Instance>> {
        self.launches.lock().instance(&claim.uid).cloned()
    }

    async fn create(&self, claim: &NodeClaim) -> Result<Arc<Instance>, CloudProviderError> {
        self.launches.lock().insert(claim.uid.clone(), Launch::Uncertain);
        let answer = self.clients.cloud.create(claim).await.map(Arc::new);
        match &answer {
            Ok(instance) => {
                tracing::info!(
                    nodeclaim = %claim.name,
                    provider_id = %instance.provider_id,
                    allocatable = %instance.allocatable,
                    "launched an instance"
                );
                let launch = Launch::Launched(instance.clone());
                self.launches.lock().insert(claim.uid.clone(), launch);
            }
            Err(error) if launch::is_uncertain(error) => {}
            Err(_) => self.launches.lock().insert(claim.uid.clone(), Launch::Absent),
        }
        answer
    }

    async fn register(&self, joining: Joining) -> Result<Outcome, Failure> {
        let Clients { cloud, clock, .. } = &self.clients;
        let hook = cloud.registered(&joining.claim).await;
        let (hook, error) = match hook {
            Ok(answer) => (Ok(answer), None),
            Err(error) => (Err(()), Some(error)),
        };
        let registration = register::settle(&joining, cloud.traits().name, hook, clock.now());
        if registration.pending.is_none()
            && let Some(outcome) = joining.outcome
        {
            self.health.lock().record(outcome);
        }
        if let Err(error) = self.write(registration.write).await {
            return error.outcome();
        }
        if let Some(source) = error {
            let action = format!("registration hook for {}", joining.claim.name);
            return Error::Cloud { action, source }.outcome();
        }
        match registration.pending {
            Some(Pending::For(wait)) => Ok(Outcome::After(wait)),
            Some(Pending::Failed) => Ok(Outcome::Again),
            None => {
                let (claim, node) = (&joining.claim.name, &joining.node.name);
                tracing::info!(nodeclaim = %claim, node = %node, "registered");
                Ok(Outcome::Done)
            }
        }
    }

    pub(super) async fn delete(&self, deletion: Deletion) -> Result<Outcome, Error> {
        let Deletion { claim, reason, outcome, announcement } = deletion;
        if let Some(outcome) = outcome {
            self.health.lock().record(outcome);
        }
        let Announcement { events, samples } = announcement;
        self.announce(Announcement { events, samples: vec![] });
        if delete_claim(&self.clients, &claim).await? {
            tracing::info!(nodeclaim = %claim.name, reason, "deleted a NodeClaim");
            self.announce(Announcement { events: vec![], samples });
        }
        Ok(Outcome::Done)
    }

    async fn delete_nodes(
        &self,
        claim: &NodeClaim,
        nodes: &[Arc<crate::model::node::Node>],
    ) -> Result<Outcome, Error> {
        for node in nodes {
            delete_node(&self.clients, node).await?;
            tracing::info!(nodeclaim = %claim.name, node = %node.name, "deleted a Node");
        }
        Ok(Outcome::Done)
    }

    /// Replaces an uncertain launch by what the cloud knows of it.
    async fn find_instance(&self, claim: &NodeClaim) -> Result<Outcome, Error> {
        let listed = self.clients.cloud.list().await;
        let instances = listed.map_err(|source| Error::Cloud {
            action: format!("look for the instance of {}", claim.name),
            source,
        })?;
        let mut found = instances.into_iter();
        let mut launches = self.launches.lock();
        match found.find(|instance| instance.claim_uid.as_ref() == Some(&claim.uid)) {
            Some(instance) => {
                launches.insert(claim.uid.clone(), Launch::Launched(Arc::new(instance)));
            }
            None => launches.insert(claim.uid.clone(), Launch::Absent),
        }
        Ok(Outcome::Done)
    }

    async fn terminate(&self, claim: &Arc<NodeClaim>, id: &ProviderId) -> Result<Outcome, Error> {
        let target = finalize::with_instance(claim, id);
        let termination = match self.clients.cloud.delete(&target).await {
            Ok(termination) => termination,
            Err(CloudProviderError::NodeClaimNotFound(_)) => Termination::Gone,
            Err(source) => {
                return Err(Error::Cloud { action: format!("terminate {id}"), source });
            }
        };
        let write = finalize::settle(claim, termination, self.clients.clock.now());
        if let Some(write) = write {
            self.write(write).await?;
        }
        match termination {
            Termination::InProgress { check_after } => Ok(Outcome::After(check_after)),
            Termination::Gone => {
                self.launches.lock().remove(&claim.uid);
                tracing::info!(nodeclaim = %claim.name, provider_id = %id, "instance is gone");
                Ok(Outcome::Done)
            }
        }
    }

    fn announce(&self, announcement: Announcement) {
        for event in announcement.events {
            self.clients.events.publish(event);
        }
        for sample in &announcement.samples {
            self.metrics.record(sample);
        }
    }
}
