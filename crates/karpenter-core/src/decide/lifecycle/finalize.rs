//! The finalizer of claims: nothing goes before the node and the instance have gone.

use std::sync::Arc;

use jiff::Timestamp;

use super::memory::Launch;
use super::{ClaimWrite, LifecycleInput, LifecycleStep, Look};
use crate::api::labels;
use crate::api::v1::conditions::{self, HasConditions, Verdict};
use crate::api::v1::nodeclaim::NodeClaim as ClaimObject;
use crate::cloud_provider::Termination;
use crate::decide::announcement::{Announcement, claim_warning, label};
use crate::decide::draft::{Draft, whole_seconds};
use crate::model::ids::ProviderId;
use crate::model::node::Node;
use crate::model::node_claim::NodeClaim;
use crate::model::pod::elapsed;
use crate::observe::events;
use crate::observe::metrics::{ByPool, Sample, Terminated};

/// Where the end of a claim stands.
#[derive(Debug)]
pub(super) enum Ending {
    /// Somebody else has to act, or nothing is left to do.
    Wait,
    /// This is next.
    Step(LifecycleStep),
}

impl Ending {
    pub(super) fn into_look(self) -> Look {
        match self {
            Self::Wait => Look::default(),
            Self::Step(step) => step.into(),
        }
    }
}

/// Whether our finalizer is on `claim`.
pub fn has_finalizer(claim: &NodeClaim) -> bool {
    let finalizers = claim.object.metadata.finalizers.iter().flatten();
    finalizers.into_iter().any(|finalizer| finalizer == labels::TERMINATION_FINALIZER)
}

/// `object` with our finalizer added after the others.
pub(super) fn with_finalizer(object: &ClaimObject) -> ClaimObject {
    let mut object = object.clone();
    let finalizers = object.metadata.finalizers.get_or_insert_default();
    finalizers.push(labels::TERMINATION_FINALIZER.to_owned());
    object
}

/// The next step towards the end of a claim that is being deleted.
///
/// Source: Karpenter behaviour, NodeClaim finalizer. Differs: an instance whose launch the claim does not show is
/// looked for and terminated too, be it of this process or of one before it.
pub(super) fn look(input: &LifecycleInput<'_>, claim: &Arc<NodeClaim>, now: Timestamp) -> Ending {
    if !has_finalizer(claim) {
        return Ending::Wait;
    }
    if let Some(step) = deadline(claim) {
        return Ending::Step(step);
    }
    if claim.registered
        && let Some(ending) = nodes_first(input, claim)
    {
        return ending;
    }
    let step = match (claim.provider_id(), input.launches.get(&claim.uid)) {
        (Some(id), _) => LifecycleStep::Terminate(claim.clone(), id.clone()),
        (None, Some(Launch::Launched(instance))) => {
            LifecycleStep::Terminate(claim.clone(), instance.provider_id.clone())
        }
        (None, None | Some(Launch::Uncertain)) => LifecycleStep::FindInstance(claim.clone()),
        (None, Some(Launch::Absent)) => LifecycleStep::Write(Box::new(release(claim, now))),
    };
    Ending::Step(step)
}

/// Notes when termination stops waiting for pods, once.
fn deadline(claim: &Arc<NodeClaim>) -> Option<LifecycleStep> {
    let key = labels::NODECLAIM_TERMINATION_TIMESTAMP;
    let (deleted_at, period) = (claim.deleted_at?, claim.termination_grace_period?);
    if claim.annotation(key).is_some() {
        return None;
    }
    let at = whole_seconds(super::liveness::deadline(deleted_at, period)).to_string();
    let mut after = ClaimObject::clone(&claim.object);
    after.metadata.annotations.get_or_insert_default().insert(key.to_owned(), at.clone());
    let message = format!("All pods will be deleted by {at}");
    let event = claim_warning(claim, events::TERMINATION_GRACE_PERIOD_EXPIRING, message);
    let announcement = Announcement::event(event);
    let write = ClaimWrite { announcement, ..ClaimWrite::new(claim, after) };
    Some(LifecycleStep::Write(Box::new(write)))
}

/// Nodes of a registered claim go first; `None` when there are none left.
fn nodes_first(input: &LifecycleInput<'_>, claim: &Arc<NodeClaim>) -> Option<Ending> {
    let nodes = input.snapshot.nodes_of(claim.provider_id()?);
    if nodes.is_empty() {
        return None;
    }
    let to_delete: Vec<Arc<Node>> =
        nodes.into_iter().filter(|node| node.deleted_at.is_none()).cloned().collect();
    if to_delete.is_empty() {
        return Some(Ending::Wait);
    }
    Some(Ending::Step(LifecycleStep::DeleteNodes(claim.clone(), to_delete)))
}

/// `claim` with the instance it is to be deleted by, which its status may not show yet.
pub fn with_instance(claim: &NodeClaim, id: &ProviderId) -> NodeClaim {
    NodeClaim { provider: Some(id.clone()), ..claim.clone() }
}

/// What the progress of the instance's termination means for the claim; `None` when it is to be asked again later and
/// the claim says so already.
pub fn settle(
    claim: &Arc<NodeClaim>,
    termination: Termination,
    now: Timestamp,
) -> Option<ClaimWrite> {
    match termination {
        Termination::InProgress { .. } => {
            let mut draft = Draft::of(&*claim.object, now);
            draft.set(Verdict::ok(conditions::INSTANCE_TERMINATING));
            draft.is_changed(&claim.object).then(|| ClaimWrite::new(claim, draft.object))
        }
        Termination::Gone => Some(release(claim, now)),
    }
}

/// The removal of our finalizer; those of others stay.
fn release(claim: &Arc<NodeClaim>, now: Timestamp) -> ClaimWrite {
    let mut after = ClaimObject::clone(&claim.object);
    let finalizers = after.metadata.finalizers.take().unwrap_or_default();
    let others = finalizers.into_iter().filter(|f| f != labels::TERMINATION_FINALIZER);
    after.metadata.finalizers = Some(others.collect::<Vec<_>>()).filter(|left| !left.is_empty());
    let announcement = Announcement::samples(farewell(claim, now));
    ClaimWrite { announcement, ..ClaimWrite::new(claim, after) }
}

fn farewell(claim: &NodeClaim, now: Timestamp) -> Vec<Sample> {
    let pool = ByPool { nodepool: label(claim, labels::NODEPOOL) };
    let mut samples = vec![Sample::ClaimTerminated(Terminated {
        nodepool: pool.nodepool.clone(),
        capacity_type: label(claim, labels::CAPACITY_TYPE),
        zone: label(claim, labels::ZONE),
    })];
    if let Some(at) = claim.deleted_at {
        let seconds = elapsed(at, now).as_secs_f64();
        samples.push(Sample::ClaimTerminationSeconds(pool.clone(), seconds));
    }
    if claim.provider_id().is_some() {
        let condition = claim.object.condition(conditions::INSTANCE_TERMINATING);
        let seconds = condition
            .map_or(0.0, |condition| elapsed(condition.last_transition_time.0, now).as_secs_f64());
        samples.push(Sample::InstanceTerminationSeconds(pool, seconds));
    }
    samples
}
