//! The life of NodeClaims: launched, registered, initialized, expired, gone.
//!
//! [`plan`] looks at every claim and answers with at most one step for each that needs one. A claim is taken
//! through its phases in order; the first one that needs the world to change ends the look at it.

pub mod expire;
pub mod finalize;
pub mod initialize;
pub mod launch;
pub mod liveness;
pub mod memory;
mod published;
pub mod register;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use jiff::Timestamp;

use self::liveness::Liveness;
use self::memory::LaunchMemory;
use super::announcement::Announcement;
use super::draft::Draft;
use super::node_pool::registration_health::Outcome;
use super::plan::{Plan, Step};
use crate::api::labels;
use crate::api::v1::conditions::{self, HasConditions};
use crate::api::v1::nodeclaim::NodeClaim as ClaimObject;
use crate::model::ids::ProviderId;
use crate::model::node::Node;
use crate::model::node_claim::NodeClaim;
use crate::options::Options;
use crate::state::ClusterSnapshot;

/// Everything the decision reads.
#[derive(Debug, Clone, Copy)]
pub struct LifecycleInput<'a> {
    /// The cluster.
    pub snapshot: &'a ClusterSnapshot,
    /// Launches of this process whose result is not in the cluster.
    pub launches: &'a LaunchMemory,
    /// Settings.
    pub options: &'a Options,
}

/// One change to a claim, its node or its instance.
#[derive(Debug, Clone)]
pub enum LifecycleStep {
    /// Write the claim, after its node if that changes too.
    Write(Box<ClaimWrite>),
    /// Ask the cloud for an instance, unless one is remembered, and write what came of it.
    Launch(Arc<NodeClaim>),
    /// Ask the provider whether the node may register, and write what came of it.
    Register(Box<register::Joining>),
    /// Delete the claim.
    Delete(Box<Deletion>),
    /// Delete the nodes of a claim that is being deleted.
    DeleteNodes(Arc<NodeClaim>, Vec<Arc<Node>>),
    /// A launch of a claim that is being deleted may have had an effect: look for the instance.
    FindInstance(Arc<NodeClaim>),
    /// Start or continue the termination of the instance of a claim that is being deleted.
    Terminate(Arc<NodeClaim>, ProviderId),
}

/// New content of a claim and perhaps of its node.
#[derive(Debug, Clone)]
pub struct ClaimWrite {
    /// The claim as it was looked at.
    pub claim: Arc<NodeClaim>,
    /// What it is to become.
    pub after: ClaimObject,
    /// The node as it was looked at, and what it is to become.
    pub node: Option<(Arc<Node>, Node)>,
    /// What to tell afterwards.
    pub announcement: Announcement,
}

/// The end of a claim that we ask for.
#[derive(Debug, Clone)]
pub struct Deletion {
    /// The claim.
    pub claim: Arc<NodeClaim>,
    /// Why, for logs.
    pub reason: &'static str,
    /// What the health of the claim's pool is told.
    pub outcome: Option<Outcome>,
    /// What to tell afterwards; samples only if the claim was still there.
    pub announcement: Announcement,
}

impl Step for LifecycleStep {
    fn object(&self) -> String {
        self.claim().name.to_string()
    }
}

impl LifecycleStep {
    /// The claim the step is about.
    pub fn claim(&self) -> &Arc<NodeClaim> {
        match self {
            Self::Write(write) => &write.claim,
            Self::Delete(deletion) => &deletion.claim,
            Self::Register(joining) => &joining.claim,
            Self::Launch(claim)
            | Self::DeleteNodes(claim, _)
            | Self::FindInstance(claim)
            | Self::Terminate(claim, _) => claim,
        }
    }

    fn write(claim: &Arc<NodeClaim>, after: ClaimObject) -> Self {
        Self::Write(Box::new(ClaimWrite::new(claim, after)))
    }
}

impl ClaimWrite {
    /// Turns `claim` into `after`, without anything to tell.
    fn new(claim: &Arc<NodeClaim>, after: ClaimObject) -> Self {
        let announcement = Announcement::default();
        Self { claim: claim.clone(), after, node: None, announcement }
    }
}

/// What one look at a claim led to.
#[derive(Debug, Default)]
struct Look {
    step: Option<LifecycleStep>,
    wake_at: Option<Timestamp>,
}

impl From<LifecycleStep> for Look {
    fn from(step: LifecycleStep) -> Self {
        Self { step: Some(step), wake_at: None }
    }
}

/// What every claim needs next; steps in claim name order.
///
/// Source: Karpenter behaviour, NodeClaim lifecycle. Differs: a claim that its timeouts or its age end is deleted
/// once, nothing sleeps, and all conditions that change together are written together.
pub fn plan(input: &LifecycleInput<'_>, now: Timestamp) -> Plan<LifecycleStep> {
    let mut plan = Plan::default();
    for claim in input.snapshot.claims.values() {
        let look = look(input, claim, now);
        plan.steps.extend(look.step);
        if let Some(at) = look.wake_at {
            plan.wake(at);
        }
    }
    plan
}

fn look(input: &LifecycleInput<'_>, claim: &Arc<NodeClaim>, now: Timestamp) -> Look {
    if claim.deleted_at.is_some() {
        return finalize::look(input, claim, now).into_look();
    }
    if !finalize::has_finalizer(claim) {
        // Before anything else: what is launched for a claim without finalizer could leak.
        return LifecycleStep::write(claim, finalize::with_finalizer(&claim.object)).into();
    }
    if let Some(deletion) = expire::look(input.snapshot, claim, now) {
        return LifecycleStep::Delete(Box::new(deletion)).into();
    }
    let mut look = if is_settled(claim) { Look::default() } else { advance(input, claim, now) };
    if look.step.is_none() {
        look.wake_at = [look.wake_at, expire::expires_at(claim)].into_iter().flatten().min();
    }
    look
}

/// Launch, registration, initialization, liveness.
fn advance(input: &LifecycleInput<'_>, claim: &Arc<NodeClaim>, now: Timestamp) -> Look {
    let due = match liveness::check(input, claim, now) {
        // What has been launched is written down first, so that it can be terminated.
        Liveness::Overdue(_) if input.launches.instance(&claim.uid).is_some() => None,
        Liveness::Overdue(deletion) => return LifecycleStep::Delete(deletion).into(),
        Liveness::Due(at) => Some(at),
        Liveness::Alive => None,
    };
    let mut draft = Draft::of(&*claim.object, now);
    hydrate(&mut draft.object);
    if launch::is_undecided(&draft) {
        return LifecycleStep::Launch(claim.clone()).into();
    }
    draft.renew(conditions::LAUNCHED);
    let nodes = claim.provider_id().map(|id| input.snapshot.nodes_of(id)).unwrap_or_default();
    if let Some(node) = register::candidate(&mut draft, &nodes) {
        let outcome = Outcome::of(input.snapshot, claim, None);
        let (claim, node) = (claim.clone(), node.clone());
        return LifecycleStep::Register(Box::new(register::Joining { claim, node, outcome }))
            .into();
    }
    let devices = (!input.options.ignore_dra_requests).then_some(&input.snapshot.devices);
    let node = initialize::judge(&mut draft, claim, &nodes, devices);
    if draft.is_changed(&claim.object) || node.is_some() {
        let write = ClaimWrite { node, ..ClaimWrite::new(claim, draft.object) };
        return LifecycleStep::Write(Box::new(write)).into();
    }
    Look { step: None, wake_at: due }
}

/// Restores the label that names the node class of the claim.
///
/// Source: Karpenter behaviour, NodeClaim hydration.
fn hydrate(object: &mut ClaimObject) {
    let class = &object.spec.node_class_ref;
    let (key, name) = (class.label_key(), class.name.clone());
    object.metadata.labels.get_or_insert_default().insert(key, name);
}

/// Nothing is left to do for a living claim but to wait for its end.
fn is_settled(claim: &NodeClaim) -> bool {
    let object = &claim.object;
    let generation = Some(object.metadata.generation.unwrap_or(0));
    let class = &object.spec.node_class_ref;
    claim.launched
        && claim.registered
        && claim.initialized
        && object.conditions().iter().all(|condition| {
            condition.observed_generation == generation
                || !ClaimObject::TYPES.dependents.contains(&&*condition.r#type)
        })
        && object.is_true(conditions::READY)
        && claim.label(&labels::node_class_label(&class.group, &class.kind)) == Some(&class.name)
}
