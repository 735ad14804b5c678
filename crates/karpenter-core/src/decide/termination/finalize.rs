//! The next step of each node that is being deleted.
//!
//! The stages are claim, taint, drain, volumes, instance, finalizer; each has to be visible in the cluster before
//! the next one begins, so a restart finds its place again.

use std::sync::Arc;

use jiff::Timestamp;

use super::TerminationInput;
use super::grace::Deadline;
use super::order::{self, Drain};
use super::volumes::Attachments;
use crate::api::labels;
use crate::api::v1::conditions::{self, ConditionStatus, HasConditions, Verdict};
use crate::api::v1::nodeclaim::NodeClaim as ClaimObject;
use crate::decide::plan::{Plan, Step};
use crate::decide::pod_budgets::PodBudgets;
use crate::model::node::Node;
use crate::model::node_claim::NodeClaim;
use crate::model::pod::Pod;
use crate::model::taints::Taint;

/// Value of [`labels::EXCLUDE_FROM_EXTERNAL_LOAD_BALANCERS`] on our nodes.
const EXCLUDED_BY_US: &str = "karpenter";
/// Reason of `Drained` while pods are waited for.
const DRAINING: &str = "Draining";
/// Reason of `VolumesDetached` when the deadline ended the wait.
const GRACE_PERIOD_ELAPSED: &str = "TerminationGracePeriodElapsed";
/// Reason of `VolumesDetached` while attachments are waited for.
const AWAITING_VOLUME_DETACHMENT: &str = "AwaitingVolumeDetachment";
/// Names listed in one message, at most.
const LISTED: usize = 5;

/// One step towards the end of a node.
#[derive(Debug, Clone)]
pub enum TerminationStep {
    /// Change something.
    Act(Box<NodeStep>),
    /// Tell people what the node waits for.
    Report {
        /// The node.
        node: Arc<Node>,
        /// What to tell.
        notices: Vec<NodeNotice>,
    },
}

/// Something people may want to know about a node that goes away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NodeNotice {
    /// It ends at this instant, come what may.
    EndsAt(Timestamp),
    /// The text that should say when it ends is no instant.
    UnreadableDeadline(String),
    /// So many pods are waited for.
    Draining(usize),
    /// These pods are left to their fate; a short list in words.
    Abandoned(String),
    /// These attachments are waited for; a short list in words.
    AwaitingVolumes(String),
}

/// A change for one node.
#[derive(Debug, Clone)]
pub struct NodeStep {
    /// The node, as decided upon.
    pub node: Arc<Node>,
    /// The only claim with its provider id.
    pub claim: Option<Arc<NodeClaim>>,
    /// What to do, unless the instance is found gone.
    pub action: NodeAction,
}

impl NodeStep {
    /// The kubelet is silent, so the cloud is asked first whether there is anything left to drain.
    pub fn asks_for_instance(&self) -> bool {
        !self.node.is_ready()
    }
}

/// What to do with a node.
#[derive(Debug, Clone)]
pub enum NodeAction {
    /// Nothing more than asking the cloud.
    Watch,
    /// Delete the claim, which goes with its node.
    DeleteClaim,
    /// Write taint and label.
    Taint(Box<Node>),
    /// Write conditions.
    WriteClaim {
        /// The claim with its new conditions.
        after: Box<ClaimObject>,
        /// This write says for the first time that the node is drained.
        drained: bool,
    },
    /// Have the instance terminated, and let the node go when it is gone.
    TerminateInstance,
    /// Let the node go.
    RemoveFinalizer,
}

impl Step for TerminationStep {
    fn object(&self) -> String {
        match self {
            Self::Act(step) => format!("node/{}", step.node.name),
            Self::Report { node, .. } => format!("events/{}", node.name),
        }
    }
}

/// The next step of every node of ours that is being deleted.
pub fn plan(input: &TerminationInput, now: Timestamp) -> Plan<TerminationStep> {
    let world = World {
        input,
        attachments: Attachments::of(&input.cluster),
        budgets: PodBudgets::of(&input.cluster),
        now,
    };
    let mut plan = Plan::default();
    for node in input.leaving_nodes() {
        world.step(node, &mut plan);
    }
    plan
}

struct World<'a> {
    input: &'a TerminationInput,
    attachments: Attachments<'a>,
    budgets: PodBudgets<'a>,
    now: Timestamp,
}

/// What is found out about one node on the way through the stages.
#[derive(Default)]
struct Findings {
    notices: Vec<NodeNotice>,
    wake_at: Option<Timestamp>,
}

impl Findings {
    fn wake(&mut self, at: Timestamp) {
        self.wake_at = Some(self.wake_at.map_or(at, |known| known.min(at)));
    }
}

impl World<'_> {
    fn step(&self, node: &Arc<Node>, plan: &mut Plan<TerminationStep>) {
        let claim = self.input.cluster.claim_of(node).cloned();
        let mut found = Findings::default();
        if let Some(action) = self.action(node, claim.as_ref(), &mut found) {
            let step = NodeStep { node: node.clone(), claim, action };
            plan.steps.push(TerminationStep::Act(Box::new(step)));
        }
        if !found.notices.is_empty() {
            let (node, notices) = (node.clone(), found.notices);
            plan.steps.push(TerminationStep::Report { node, notices });
        }
        if let Some(at) = found.wake_at {
            plan.wake(at);
        }
    }

    fn action(
        &self,
        node: &Node,
        claim: Option<&Arc<NodeClaim>>,
        found: &mut Findings,
    ) -> Option<NodeAction> {
        if claim.is_some_and(|claim| claim.deleted_at.is_none()) {
            return Some(NodeAction::DeleteClaim);
        }
        let deadline = claim.map_or(Deadline::None, |claim| Deadline::of(claim));
        found.notices.extend(deadline_notice(&deadline));
        if let Some(after) = tainted(node) {
            return Some(NodeAction::Taint(Box::new(after)));
        }
        let mut after = claim.map(|claim| ClaimObject::clone(&claim.object));
        let is_empty = self.await_drain(node, &deadline, after.as_mut(), found)
            && self.await_volumes(node, &deadline, after.as_mut(), found);
        match (claim, after) {
            (Some(claim), Some(after)) if after != *claim.object => {
                let drained = after.is_true(conditions::DRAINED)
                    && !claim.object.is_true(conditions::DRAINED);
                Some(NodeAction::WriteClaim { after: Box::new(after), drained })
            }
            (Some(_), _) if is_empty => Some(NodeAction::TerminateInstance),
            (None, _) if is_empty => Some(NodeAction::RemoveFinalizer),
            (Some(_) | None, _) => (!node.is_ready()).then_some(NodeAction::Watch),
        }
    }

    /// Whether nothing of the pods stands in the way any more.
    fn await_drain(
        &self,
        node: &Node,
        deadline: &Deadline,
        claim: Option<&mut ClaimObject>,
        found: &mut Findings,
    ) -> bool {
        let usage = self.input.cluster.usage(&node.name);
        let drain = order::drain(usage.pods.values(), deadline.at(), self.now);
        let verdict = if drain.is_complete() {
            self.settled(claim.as_deref(), found)
        } else if self.is_over(deadline, found) {
            let left = names(drain.forced.iter().chain(&drain.tier));
            found.notices.push(NodeNotice::Abandoned(left.clone()));
            Verdict::failed(conditions::DRAINED, GRACE_PERIOD_ELAPSED, left)
        } else {
            found.notices.push(NodeNotice::Draining(drain.n_waiting));
            drain.changes_at.into_iter().for_each(|at| found.wake(at));
            Verdict::unknown(conditions::DRAINED, DRAINING, self.held_up_by(&drain))
        };
        let ends_wait = verdict.status != ConditionStatus::Unknown;
        if let Some(claim) = claim.filter(|claim| ends_wait || !claim.is_true(conditions::DRAINED))
        {
            claim.condition_set(in_seconds(self.now)).set(verdict);
        }
        ends_wait
    }

    /// What `Drained` becomes when no pod is left: True after the shortest drain time.
    fn settled(&self, claim: Option<&ClaimObject>, found: &mut Findings) -> Verdict {
        let draining = || Verdict::unknown(conditions::DRAINED, DRAINING, DRAINING);
        let Some(claim) = claim else { return Verdict::ok(conditions::DRAINED) };
        let Some(known) = claim.condition(conditions::DRAINED) else { return draining() };
        let settled_at = known.last_transition_time.0 + self.input.settings.min_drain;
        if known.status == ConditionStatus::Unknown && self.now < settled_at {
            found.wake(settled_at);
            return draining();
        }
        Verdict::ok(conditions::DRAINED)
    }

    /// Whether the deadline lies so far back that the pods still there are given up.
    fn is_over(&self, deadline: &Deadline, found: &mut Findings) -> bool {
        let Some(at) = deadline.at() else { return false };
        let end = at + self.input.settings.abandon_after;
        if self.now < end {
            found.wake(end);
        }
        self.now >= end
    }

    /// Message of `Drained`: the pods that will not leave by themselves.
    fn held_up_by(&self, drain: &Drain) -> String {
        let blocks = |pod: &&Arc<Pod>| {
            pod.is_active()
                && (pod.blocks_disruption(self.now)
                    || !self.budgets.evictability(pod, self.now).is_allowed())
        };
        let blocking: Vec<&Arc<Pod>> = drain.tier.iter().filter(blocks).collect();
        if blocking.is_empty() {
            return DRAINING.to_owned();
        }
        format!("{DRAINING}, held up by {}", names(blocking))
    }

    /// Whether the volumes are detached, or the deadline has ended the wait for them.
    fn await_volumes(
        &self,
        node: &Node,
        deadline: &Deadline,
        claim: Option<&mut ClaimObject>,
        found: &mut Findings,
    ) -> bool {
        let usage = self.input.cluster.usage(&node.name);
        let bound = &self.input.bound_volumes;
        let awaited = self.attachments.awaited(&node.name, usage.pods.values(), bound, self.now);
        let kind = conditions::VOLUMES_DETACHED;
        let verdict = if awaited.is_empty() {
            Verdict::ok(kind)
        } else if deadline.has_passed(self.now) {
            Verdict::failed(kind, GRACE_PERIOD_ELAPSED, GRACE_PERIOD_ELAPSED)
        } else {
            deadline.at().into_iter().for_each(|at| found.wake(at + TICK));
            let list = listed(awaited.iter().map(|attachment| attachment.name.to_string()));
            found.notices.push(NodeNotice::AwaitingVolumes(list.clone()));
            Verdict::unknown(kind, AWAITING_VOLUME_DETACHMENT, list)
        };
        let is_done = verdict.status != ConditionStatus::Unknown;
        if let Some(claim) = claim {
            claim.condition_set(in_seconds(self.now)).set(verdict);
        }
        is_done
    }
}

/// Smallest step in time that puts an instant strictly behind us.
const TICK: std::time::Duration = std::time::Duration::from_millis(1);

/// `node` with the taint and the label of nodes that go away; `None` when it has both.
fn tainted(node: &Node) -> Option<Node> {
    let taint = Taint::disrupted();
    let label = node.label(labels::EXCLUDE_FROM_EXTERNAL_LOAD_BALANCERS);
    if node.has_taint(&taint) && label == Some(EXCLUDED_BY_US) {
        return None;
    }
    let mut after = node.clone();
    if !node.has_taint(&taint) {
        after.taints.retain(|own| own.key != taint.key);
        after.taints.push(taint);
    }
    let labels = Arc::make_mut(&mut after.labels);
    labels.insert(labels::EXCLUDE_FROM_EXTERNAL_LOAD_BALANCERS.into(), EXCLUDED_BY_US.into());
    Some(after)
}

fn deadline_notice(deadline: &Deadline) -> Option<NodeNotice> {
    match deadline {
        Deadline::None => None,
        Deadline::At(at) => Some(NodeNotice::EndsAt(*at)),
        Deadline::Unreadable(text) => Some(NodeNotice::UnreadableDeadline(text.clone())),
    }
}

fn names<'a>(pods: impl IntoIterator<Item = &'a Arc<Pod>>) -> String {
    listed(pods.into_iter().map(|pod| pod.key.to_string()))
}

/// The first [`LISTED`] names and how many there are besides.
fn listed(names: impl Iterator<Item = String>) -> String {
    let names: Vec<String> = names.collect();
    let shown = names.iter().take(LISTED).cloned().collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(LISTED) {
        0 => shown,
        more => format!("{shown} and {more} other(s)"),
    }
}

/// Conditions keep whole seconds.
fn in_seconds(at: Timestamp) -> Timestamp {
    Timestamp::from_second(at.as_second()).unwrap_or(at)
}
