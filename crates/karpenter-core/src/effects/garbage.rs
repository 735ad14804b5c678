//! Removes garbage, after asking the cluster or the cloud once more.

use std::sync::Arc;

use async_trait::async_trait;

use super::clients::Clients;
use super::error::Error;
use super::lifecycle::LifecycleActor;
use super::node::delete_node;
use super::own::{read_claim, write_claim};
use super::step::{Actor, Failure, Outcome};
use crate::api::duration::NillableDuration;
use crate::api::v1::node_class_ref::NodeClassReference;
use crate::api::v1::nodeclaim::{NodeClaim as ClaimObject, NodeClaimSpec};
use crate::cloud_provider::{CloudProviderError, Instance, Termination};
use crate::decide::garbage::{GarbageStep, Orphan, OrphanVerdict, judge_orphan};
use crate::decide::lifecycle::{finalize, launch};
use crate::model::ids::ProviderId;
use crate::model::node::Node;
use crate::model::node_claim::NodeClaim;
use crate::wire::Decoded;

/// Carries out [`GarbageStep`]s.
pub struct GarbageActor {
    /// Deletes claims.
    pub lifecycle: Arc<LifecycleActor>,
}

#[async_trait]
impl Actor<GarbageStep> for GarbageActor {
    async fn act(&self, step: GarbageStep) -> Result<Outcome, Failure> {
        let result = match step {
            GarbageStep::DeleteClaim(deletion) => self.lifecycle.delete(*deletion).await,
            GarbageStep::Reap(orphan) => self.reap(&orphan).await,
            GarbageStep::DeleteNode(node, id) => self.delete_node(&node, &id).await,
        };
        result.or_else(Error::outcome)
    }
}

impl GarbageActor {
    fn clients(&self) -> &Clients {
        &self.lifecycle.clients
    }

    async fn reap(&self, orphan: &Orphan) -> Result<Outcome, Error> {
        let clients = self.clients();
        let live = read_claim(clients, &orphan.claim).await?;
        let id = &orphan.instance.provider_id;
        match (judge_orphan(orphan, live.as_ref()), live) {
            (OrphanVerdict::Adopt, Some(claim)) => {
                let after = launch::launched(&claim, &orphan.instance, clients.clock.now());
                write_claim(clients, &claim, &after).await?;
                tracing::info!(nodeclaim = %claim.name, provider_id = %id, "instance given back to its NodeClaim");
            }
            (OrphanVerdict::Keep, _) | (OrphanVerdict::Adopt, None) => {
                tracing::warn!(nodeclaim = %orphan.claim, provider_id = %id, "NodeClaim has a second instance");
            }
            (OrphanVerdict::Terminate, _) => {
                terminate(clients, &orphan.instance).await?;
                tracing::info!(nodeclaim = %orphan.claim, provider_id = %id, "terminated an instance without NodeClaim");
                for node in &orphan.nodes {
                    delete_node(clients, node).await?;
                }
            }
        }
        Ok(Outcome::Done)
    }

    async fn delete_node(&self, node: &Node, id: &ProviderId) -> Result<Outcome, Error> {
        let clients = self.clients();
        match clients.cloud.get(id).await {
            Err(CloudProviderError::NodeClaimNotFound(_)) => {
                delete_node(clients, node).await?;
                tracing::info!(node = %node.name, provider_id = %id, "deleted a Node without instance");
            }
            Ok(_) => {}
            Err(source) => return Err(Error::Cloud { action: format!("look for {id}"), source }),
        }
        Ok(Outcome::Done)
    }
}

async fn terminate(clients: &Clients, instance: &Instance) -> Result<Termination, Error> {
    let id = &instance.provider_id;
    let claim = stand_in(instance)?;
    match clients.cloud.delete(&claim).await {
        Err(CloudProviderError::NodeClaimNotFound(_)) => Ok(Termination::Gone),
        Err(source) => Err(Error::Cloud { action: format!("terminate {id}"), source }),
        Ok(termination) => Ok(termination),
    }
}

/// A claim as the provider knew it: name, uid, labels and instance, and nothing to launch from.
fn stand_in(instance: &Instance) -> Result<NodeClaim, Error> {
    let name = instance.claim.as_ref().map(ToString::to_string).unwrap_or_default();
    let nothing =
        NodeClassReference { group: String::new(), kind: String::new(), name: String::new() };
    let spec = NodeClaimSpec {
        taints: None,
        startup_taints: None,
        requirements: vec![],
        resources: None,
        node_class_ref: nothing,
        termination_grace_period: None,
        expire_after: NillableDuration::NEVER,
    };
    let mut object = ClaimObject::new(&name, spec);
    object.metadata.uid = instance.claim_uid.as_ref().map(ToString::to_string);
    let labels = instance.labels.iter().map(|(key, value)| (key.to_string(), value.to_string()));
    object.metadata.labels = Some(labels.collect());
    let claim = object.decode().map_err(|problem| Error::Undecodable {
        action: format!("terminate {}", instance.provider_id),
        problem: problem.to_string(),
    })?;
    Ok(finalize::with_instance(&claim, &instance.provider_id))
}
