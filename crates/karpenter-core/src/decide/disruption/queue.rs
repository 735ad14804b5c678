//! Commands on their way: proposed, validated after a wait, marked, checked once more, deleted.
//!
//! A command is driven by its own id, never by one of its candidates: a candidate that disappears is done. What has
//! been done is read from the cluster; only what cannot be seen there (who waits, since when) is remembered, and a
//! restart forgets it, after which [`leftovers`] undoes what was begun.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::candidate::{Candidate, objection, reschedulable};
use super::command::{Command, CommandId};
use super::validate::{Stale, validate};
use super::{DisruptionInput, DisruptionReport};
use crate::api::v1::budget::DisruptionReason;
use crate::api::v1::conditions::{self, HasConditions};
use crate::decide::plan::{Plan, Step};
use crate::decide::pod_budgets::PodBudgets;
use crate::model::ids::NodeClaimName;
use crate::model::node::Node;
use crate::model::node_claim::NodeClaim;
use crate::model::pod::Pod;
use crate::model::taints::Taint;

/// How often methods are tried even if nothing changes.
pub const POLL: Duration = Duration::from_secs(10);
/// How long a command waits before it is validated.
pub const VALIDATION_DELAY: Duration = Duration::from_secs(15);
/// How long after the last taint the pods of a node are looked at once more, for the lag of the scheduler.
pub const SETTLE: Duration = Duration::from_secs(1);
/// How long marking may take; candidates that are not marked by then are dropped.
pub const MARK_LIMIT: Duration = Duration::from_secs(10);

/// A change for one node.
#[derive(Debug, Clone)]
pub enum DisruptionStep {
    /// Taint the node, write the condition, and have other decisions plan its pods elsewhere.
    Mark {
        /// The node as it is now.
        node: Arc<Node>,
        /// The claim as it is now.
        claim: Arc<NodeClaim>,
        /// Why.
        reason: DisruptionReason,
    },
    /// Delete the claim.
    Delete {
        /// The node as it is now, for events.
        node: Option<Arc<Node>>,
        /// The claim as it is now.
        claim: Arc<NodeClaim>,
        /// The candidate as planned, for metrics.
        planned: Box<Candidate>,
        /// Why.
        reason: DisruptionReason,
    },
    /// Undo what [`DisruptionStep::Mark`] did.
    Restore {
        /// The node as it is now.
        node: Arc<Node>,
        /// The claim as it is now.
        claim: Arc<NodeClaim>,
    },
}

impl Step for DisruptionStep {
    fn object(&self) -> String {
        let (Self::Mark { claim, .. } | Self::Delete { claim, .. } | Self::Restore { claim, .. }) =
            self;
        format!("nodeclaim/{}", claim.name)
    }
}

/// Commands that wait or act.
#[derive(Debug, Clone, Default)]
pub struct Queue {
    proposed: BTreeMap<CommandId, Command>,
    running: BTreeMap<CommandId, Running>,
}

/// A command that acts.
#[derive(Debug, Clone)]
struct Running {
    command: Command,
    started: Timestamp,
    phase: Phase,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Marking,
    Settling { since: Timestamp },
    Deleting,
}

impl Queue {
    /// Claims some command has taken.
    pub fn reserved(&self) -> BTreeSet<NodeClaimName> {
        let running = self.running.values().map(|running| &running.command);
        let commands = self.proposed.values().chain(running);
        commands.flat_map(|command| &command.candidates).map(|c| c.claim.name.clone()).collect()
    }

    /// When the next command has to be looked at.
    pub fn next_due(&self) -> Option<Timestamp> {
        let waiting = self.proposed.values().map(|command| command.created + VALIDATION_DELAY);
        let settling = self.running.values().filter_map(|running| match running.phase {
            Phase::Settling { since } => Some(since + SETTLE),
            Phase::Marking => Some(running.started + MARK_LIMIT),
            Phase::Deleting => None,
        });
        waiting.chain(settling).min()
    }

    /// Lets `commands` wait for their validation.
    pub(super) fn propose(&mut self, commands: Vec<Command>) {
        let by_id = commands.into_iter().map(|command| (command.id.clone(), command));
        self.proposed.extend(by_id);
    }

    /// Moves every command as far as the cluster allows.
    pub(super) fn advance(
        &mut self,
        input: &DisruptionInput,
        report: &mut DisruptionReport,
        plan: &mut Plan<DisruptionStep>,
    ) {
        self.validate_due(input, report);
        let limit = max_age(self.reserved().len());
        for (id, mut running) in std::mem::take(&mut self.running) {
            if running.advance(input, limit, report, plan) {
                self.running.insert(id, running);
            }
        }
    }

    fn validate_due(&mut self, input: &DisruptionInput, report: &mut DisruptionReport) {
        let is_due = |command: &Command| command.created + VALIDATION_DELAY <= input.now;
        let due: Vec<CommandId> =
            self.proposed.values().filter(|c| is_due(c)).map(|c| c.id.clone()).collect();
        for id in due {
            let Some(command) = self.proposed.remove(&id) else { continue };
            let others = DisruptionInput { reserved: self.reserved(), ..input.clone() };
            if let Ok(command) = validate(&command, &others, report) {
                report.started.push(command.clone());
                let running = Running { command, started: input.now, phase: Phase::Marking };
                self.running.insert(id, running);
            }
        }
    }
}

impl Running {
    /// Whether the command is still under way afterwards.
    fn advance(
        &mut self,
        input: &DisruptionInput,
        limit: Duration,
        report: &mut DisruptionReport,
        plan: &mut Plan<DisruptionStep>,
    ) -> bool {
        self.command.candidates.retain(|candidate| !is_done(candidate, input));
        if self.phase == Phase::Marking {
            self.mark(input, plan);
        }
        if let Phase::Settling { since } = self.phase
            && input.now >= since + SETTLE
        {
            self.drop_churned(input, report);
            self.phase = Phase::Deleting;
        }
        let is_under_way = !self.command.candidates.is_empty();
        if is_under_way && input.now > self.command.created + limit {
            report.given_up.push(self.command.clone());
            return false;
        }
        if self.phase == Phase::Deleting {
            let reason = self.command.reason;
            plan.steps.extend(self.command.candidates.iter().filter_map(|candidate| {
                let claim = input.cluster.claims.get(&candidate.claim.name)?.clone();
                let node = input.cluster.nodes.get(&candidate.node.name).cloned();
                let planned = Box::new(candidate.clone());
                Some(DisruptionStep::Delete { node, claim, planned, reason })
            }));
        }
        is_under_way
    }

    /// Has unmarked candidates marked, and drops those that take too long.
    fn mark(&mut self, input: &DisruptionInput, plan: &mut Plan<DisruptionStep>) {
        let is_late = input.now >= self.started + MARK_LIMIT;
        self.command.candidates.retain(|candidate| !is_late || is_marked(candidate, input));
        let unmarked = self.command.candidates.iter().filter(|c| !is_marked(c, input));
        let steps: Vec<DisruptionStep> = unmarked
            .filter_map(|candidate| {
                let node = input.cluster.nodes.get(&candidate.node.name)?.clone();
                let claim = input.cluster.claims.get(&candidate.claim.name)?.clone();
                Some(DisruptionStep::Mark { node, claim, reason: self.command.reason })
            })
            .collect();
        if steps.is_empty() {
            self.phase = Phase::Settling { since: input.now };
        }
        plan.steps.extend(steps);
    }

    /// Drops candidates that pods were bound to between the last look and the taint.
    fn drop_churned(&mut self, input: &DisruptionInput, report: &mut DisruptionReport) {
        let budgets = PodBudgets::of(&input.cluster);
        let n_before = self.command.candidates.len();
        self.command.candidates.retain(|candidate| {
            let usage = input.cluster.usage(&candidate.node.name);
            let planned: BTreeSet<_> = candidate.reschedulable.iter().map(|p| &p.uid).collect();
            let is_new = |pod: &Arc<Pod>| !planned.contains(&pod.uid);
            objection(&usage, &budgets, input.now).is_none()
                && !reschedulable(&usage).iter().any(is_new)
        });
        let n_lost = n_before - self.command.candidates.len();
        if n_lost > 0 {
            let lost = (self.command.reason, n_lost, Stale::ChurnAfterTaint);
            report.failed_validations.push(lost);
        }
    }
}

/// How old a command may become while `n_claims` are taken by commands: 80 ms each, between 10 minutes and an hour.
///
/// Source: Karpenter behaviour (command queue).
pub fn max_age(n_claims: usize) -> Duration {
    let each = Duration::from_millis(80);
    let n_claims = u32::try_from(n_claims).unwrap_or(u32::MAX);
    each.saturating_mul(n_claims).clamp(Duration::from_secs(600), Duration::from_secs(3600))
}

/// The claim of `candidate` is being deleted, gone, or another one of that name.
fn is_done(candidate: &Candidate, input: &DisruptionInput) -> bool {
    let now = input.cluster.claims.get(&candidate.claim.name);
    now.is_none_or(|now| now.uid != candidate.claim.uid || now.deleted_at.is_some())
}

fn is_marked(candidate: &Candidate, input: &DisruptionInput) -> bool {
    let cluster = &input.cluster;
    let claim = cluster.claims.get(&candidate.claim.name);
    let node = cluster.nodes.get(&candidate.node.name);
    node.is_some_and(|node| node.has_taint(&Taint::disrupted()))
        && claim.is_some_and(|claim| claim.object.is_true(conditions::DISRUPTION_REASON))
        && cluster.intents.is_marked_for_deletion(&candidate.claim.name)
}

/// Nodes that carry marks no command of `input.reserved` accounts for, in name order: of a command given up, or
/// forgotten at a restart.
pub fn leftovers(input: &DisruptionInput) -> Vec<DisruptionStep> {
    let state_nodes = input.cluster.state_nodes().into_iter();
    let steps = state_nodes.filter_map(|state_node| {
        let is_going = state_node.is_deleting();
        let (node, claim) = (state_node.node?, state_node.claim?);
        if is_going || node.deleted_at.is_some() || input.reserved.contains(&claim.name) {
            return None;
        }
        let is_marked = node.has_taint(&Taint::disrupted())
            || state_node.marked
            || (claim.initialized
                && claim.object.condition(conditions::DISRUPTION_REASON).is_some());
        is_marked.then_some(DisruptionStep::Restore { node, claim })
    });
    steps.collect()
}
