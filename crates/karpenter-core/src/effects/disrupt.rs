//! Carries out the steps of [`queue`](crate::decide::disruption::queue).

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use super::clients::Clients;
use super::error::Error;
use super::node::write_node;
use super::own::{delete_claim, write_claim};
use super::step::{Actor, Failure, Outcome};
use super::terminate::node_ref;
use crate::api::labels;
use crate::api::v1::budget::DisruptionReason;
use crate::api::v1::conditions::{self, HasConditions, Verdict};
use crate::api::v1::nodepool::ConsolidationPolicy;
use crate::decide::disruption::candidate::Candidate;
use crate::decide::disruption::queue::DisruptionStep;
use crate::model::node::Node;
use crate::model::node_claim::NodeClaim;
use crate::model::taints::Taint;
use crate::observe::events::{self, Event, ObjectRef, Severity};
use crate::observe::metrics;
use crate::observe::metrics_disruption::DisruptionMetrics;
use crate::state::{ClusterEvent, Intent};

/// How long the watch may take to show a deletion we asked for.
const AFTER_DELETE: Duration = Duration::from_secs(10);

/// Carries out [`DisruptionStep`]s.
#[derive(Clone)]
pub struct Disruptor {
    /// Handles.
    pub clients: Clients,
    /// Counters.
    pub metrics: DisruptionMetrics,
}

#[async_trait]
impl Actor<DisruptionStep> for Disruptor {
    async fn act(&self, step: DisruptionStep) -> Result<Outcome, Failure> {
        let result = match step {
            DisruptionStep::Mark { node, claim, reason } => self.mark(&node, &claim, reason).await,
            DisruptionStep::Delete { node, claim, planned, reason } => {
                self.delete(node.as_ref(), &claim, &planned, reason).await
            }
            DisruptionStep::Restore { node, claim } => self.restore(&node, &claim).await,
        };
        result.or_else(Error::outcome)
    }
}

impl Disruptor {
    async fn mark(
        &self,
        node: &Node,
        claim: &NodeClaim,
        reason: DisruptionReason,
    ) -> Result<Outcome, Error> {
        let taint = Taint::disrupted();
        let mut tainted = node.clone();
        tainted.taints.retain(|own| !own.matches(&taint));
        tainted.taints.push(taint);
        if !node.has_taint(&Taint::disrupted()) {
            write_node(&self.clients, node, &tainted).await?;
        }
        let mut after = (*claim.object).clone();
        let mut verdict = Verdict::ok(conditions::DISRUPTION_REASON);
        verdict.reason = reason.as_str().to_owned();
        verdict.message = reason.as_str().to_owned();
        after.condition_set(self.clients.now_in_seconds()).set(verdict);
        write_claim(&self.clients, claim, &after).await?;
        let intent = Intent::MarkForDeletion(claim.name.clone());
        self.clients.learn(ClusterEvent::Intent(intent));
        Ok(Outcome::Done)
    }

    async fn delete(
        &self,
        node: Option<&Arc<Node>>,
        claim: &NodeClaim,
        planned: &Candidate,
        reason: DisruptionReason,
    ) -> Result<Outcome, Error> {
        delete_claim(&self.clients, claim).await?;
        self.metrics.disrupted(&disrupted_labels(planned, reason), planned.reschedulable.len());
        if let Some(node) = node {
            self.terminating(node_ref(node), "Node", reason);
        }
        self.terminating(claim_ref(claim), "NodeClaim", reason);
        tracing::info!(nodeclaim = %claim.name, reason = reason.as_str(), "disrupting node");
        Ok(Outcome::After(AFTER_DELETE))
    }

    fn terminating(&self, about: ObjectRef, kind: &str, reason: DisruptionReason) {
        self.clients.events.publish(Event {
            about,
            severity: Severity::Normal,
            reason: events::DISRUPTION_TERMINATING,
            message: format!("Disrupting {kind}: {}", reason.as_str()),
        });
    }

    async fn restore(&self, node: &Node, claim: &NodeClaim) -> Result<Outcome, Error> {
        let taint = Taint::disrupted();
        let mut untainted = node.clone();
        untainted.taints.retain(|own| !own.matches(&taint));
        write_node(&self.clients, node, &untainted).await?;
        if claim.object.condition(conditions::DISRUPTION_REASON).is_some() {
            let mut after = (*claim.object).clone();
            let mut set = after.condition_set(self.clients.now_in_seconds());
            if set.clear(conditions::DISRUPTION_REASON).is_ok() {
                write_claim(&self.clients, claim, &after).await?;
            }
        }
        let intent = Intent::UnmarkForDeletion(claim.name.clone());
        self.clients.learn(ClusterEvent::Intent(intent));
        Ok(Outcome::Done)
    }
}

/// How events name a claim.
pub fn claim_ref(claim: &NodeClaim) -> ObjectRef {
    ObjectRef {
        api_version: "karpenter.sh/v1".to_owned(),
        kind: "NodeClaim".to_owned(),
        namespace: String::new(),
        name: claim.name.to_string(),
        uid: claim.uid.to_string(),
    }
}

fn disrupted_labels(planned: &Candidate, reason: DisruptionReason) -> metrics::Disruption {
    let policy = planned.pool.object.spec.disruption.consolidation_policy;
    metrics::Disruption {
        reason: match reason {
            DisruptionReason::Underutilized => "underutilized",
            DisruptionReason::Empty => "empty",
            DisruptionReason::Drifted => "drifted",
        },
        nodepool: planned.pool.name.to_string(),
        capacity_type: planned.node.label(labels::CAPACITY_TYPE).unwrap_or_default().to_owned(),
        consolidation_policy: match (reason, policy) {
            (DisruptionReason::Drifted, _) => "",
            (_, ConsolidationPolicy::WhenEmpty) => "when_empty",
            (_, ConsolidationPolicy::WhenEmptyOrUnderutilized) => "when_empty_or_underutilized",
            (_, ConsolidationPolicy::Balanced) => "balanced",
        },
        termination_mode: match planned.claim.termination_grace_period {
            None => "graceful",
            Some(Duration::ZERO) => "forceful",
            Some(_) => "eventual",
        },
    }
}
