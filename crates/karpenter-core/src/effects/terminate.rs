//! Carries out the steps of [`finalize`](crate::decide::termination::finalize).

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use super::clients::Clients;
use super::error::Error;
use super::events::REPEAT;
use super::node::write_node;
use super::own::{delete_claim, write_claim};
use super::step::{Actor, Failure, Outcome};
use crate::api::labels;
use crate::api::v1::conditions::{self, HasConditions, Verdict};
use crate::cloud_provider::{CloudProviderError, Termination};
use crate::decide::termination::finalize::{NodeAction, NodeNotice, NodeStep, TerminationStep};
use crate::model::ids::ProviderId;
use crate::model::node::Node;
use crate::model::node_claim::NodeClaim;
use crate::model::pod::elapsed;
use crate::observe::events::{self, Event, ObjectRef, Severity};
use crate::observe::metrics_termination::{TerminatedNode, TerminationMetrics};

/// How long the watch may take to show a deletion we asked for.
const AFTER_DELETE: Duration = Duration::from_secs(1);
/// How often the cloud is asked whether the instance of a silent node still exists.
const WATCH_INSTANCE: Duration = Duration::from_secs(1);
/// How often the cloud is asked whether an instance is gone, at most.
const WATCH_TERMINATION: Duration = Duration::from_secs(5);

/// Carries out [`TerminationStep`]s.
#[derive(Clone)]
pub struct Terminator {
    /// Handles.
    pub clients: Clients,
    /// Counters.
    pub metrics: TerminationMetrics,
}

#[async_trait]
impl Actor<TerminationStep> for Terminator {
    async fn act(&self, step: TerminationStep) -> Result<Outcome, Failure> {
        match step {
            TerminationStep::Act(step) => self.step(&step).await.or_else(Error::outcome),
            TerminationStep::Report { node, notices } => {
                for notice in &notices {
                    self.clients.events.publish(event(&node, notice));
                }
                Ok(Outcome::After(REPEAT))
            }
        }
    }
}

impl Terminator {
    async fn step(&self, step: &NodeStep) -> Result<Outcome, Error> {
        if step.asks_for_instance() && self.is_instance_gone(&step.node).await? {
            return self.remove_finalizer(&step.node).await;
        }
        match (&step.action, &step.claim) {
            (NodeAction::Watch, _) => Ok(Outcome::After(WATCH_INSTANCE)),
            (NodeAction::DeleteClaim, Some(claim)) => {
                delete_claim(&self.clients, claim).await?;
                Ok(Outcome::After(AFTER_DELETE))
            }
            (NodeAction::Taint(after), _) => {
                write_node(&self.clients, &step.node, after).await?;
                Ok(Outcome::Done)
            }
            (NodeAction::WriteClaim { after, drained }, Some(claim)) => {
                write_claim(&self.clients, claim, after).await?;
                if *drained {
                    self.metrics.node_drained(pool_of(&step.node));
                    tracing::info!(node = %step.node.name, "node drained");
                }
                Ok(Outcome::Done)
            }
            (NodeAction::TerminateInstance, Some(claim)) => self.terminate(&step.node, claim).await,
            (NodeAction::RemoveFinalizer, _) => self.remove_finalizer(&step.node).await,
            (NodeAction::DeleteClaim | NodeAction::WriteClaim { .. }, None)
            | (NodeAction::TerminateInstance, None) => Ok(Outcome::Again),
        }
    }

    async fn is_instance_gone(&self, node: &Node) -> Result<bool, Error> {
        let Some(id) = &node.provider_id else { return Ok(false) };
        match self.clients.cloud.get(id).await {
            Ok(_) => Ok(false),
            Err(CloudProviderError::NodeClaimNotFound(_)) => Ok(true),
            Err(source) => Err(cloud_error("get instance", id, source)),
        }
    }

    async fn terminate(&self, node: &Node, claim: &Arc<NodeClaim>) -> Result<Outcome, Error> {
        let answer = self.clients.cloud.delete(claim).await;
        let progress = match answer {
            Ok(progress) => progress,
            Err(CloudProviderError::NodeClaimNotFound(_)) => Termination::Gone,
            Err(source) => {
                let id = claim.provider_id().cloned().unwrap_or_else(|| ProviderId::from(""));
                return Err(cloud_error("terminate instance", &id, source));
            }
        };
        match progress {
            Termination::Gone => self.remove_finalizer(node).await,
            Termination::InProgress { check_after } => {
                let mut after = (*claim.object).clone();
                let verdict = Verdict::ok(conditions::INSTANCE_TERMINATING);
                after.condition_set(self.clients.now_in_seconds()).set(verdict);
                write_claim(&self.clients, claim, &after).await?;
                Ok(Outcome::After(check_after.min(WATCH_TERMINATION)))
            }
        }
    }

    async fn remove_finalizer(&self, node: &Node) -> Result<Outcome, Error> {
        let mut after = node.clone();
        after.finalizers.retain(|own| &**own != labels::TERMINATION_FINALIZER);
        write_node(&self.clients, node, &after).await?;
        let now = self.clients.clock.now();
        self.metrics.node_terminated(TerminatedNode {
            nodepool: pool_of(node).to_owned(),
            zone: node.label(labels::ZONE).unwrap_or_default().to_owned(),
            termination: elapsed(node.deleted_at.unwrap_or(now), now),
            lifetime: elapsed(node.created, now),
        });
        tracing::info!(node = %node.name, "node terminated");
        Ok(Outcome::After(AFTER_DELETE))
    }
}

fn pool_of(node: &Node) -> &str {
    node.label(labels::NODEPOOL).unwrap_or_default()
}

fn cloud_error(verb: &str, id: &ProviderId, source: CloudProviderError) -> Error {
    Error::Cloud { action: format!("{verb} {id}"), source }
}

/// How events name a node.
pub(super) fn node_ref(node: &Node) -> ObjectRef {
    ObjectRef {
        api_version: "v1".to_owned(),
        kind: "Node".to_owned(),
        namespace: String::new(),
        name: node.name.to_string(),
        uid: node.uid.to_string(),
    }
}

fn event(node: &Node, notice: &NodeNotice) -> Event {
    let (severity, reason, message) = match notice {
        NodeNotice::EndsAt(at) => (
            Severity::Warning,
            events::TERMINATION_GRACE_PERIOD_EXPIRING,
            format!("All pods will be deleted by {at}"),
        ),
        NodeNotice::UnreadableDeadline(text) => (
            Severity::Warning,
            events::INVALID_TERMINATION_TIMESTAMP,
            format!(
                "Annotation {} of the NodeClaim is not an RFC 3339 instant and is ignored: {text:?}",
                labels::NODECLAIM_TERMINATION_TIMESTAMP
            ),
        ),
        NodeNotice::Draining(n_waiting) => (
            Severity::Warning,
            events::FAILED_DRAINING,
            format!("Failed to drain node, {n_waiting} pods are waiting to be evicted"),
        ),
        NodeNotice::Abandoned(pods) => (
            Severity::Warning,
            events::FAILED_DRAINING,
            format!("Node is terminated with pods left after its termination grace period: {pods}"),
        ),
        NodeNotice::AwaitingVolumes(attachments) => (
            Severity::Normal,
            events::AWAITING_VOLUME_DETACHMENT,
            format!("Awaiting deletion of bound volumeattachments ({attachments})"),
        ),
    };
    Event { about: node_ref(node), severity, reason, message }
}
