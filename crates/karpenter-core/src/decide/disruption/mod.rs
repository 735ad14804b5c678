//! Taking nodes away that are not needed: who may be touched, how many at once, and is it still true after a wait.
//!
//! | module | decides |
//! |---|---|
//! | [`candidate`] | which nodes may be disrupted, and why the others may not |
//! | [`cost`] | what the disruption of a node costs |
//! | [`budgets`] | how many nodes of a pool may go at once |
//! | [`emptiness`] | the method that removes empty nodes |
//! | [`simulation`] | what is asked of the scheduler: would pods of candidates find a place |
//! | [`command`] | what a method wants to happen |
//! | [`validate`] | whether a command still holds after its wait |
//! | [`queue`] | commands on their way from proposal to deletion |
//!
//! A method is a function from the input to commands; it is tried only when the ones before it want nothing.

pub mod budgets;
pub mod candidate;
pub mod command;
pub mod cost;
pub mod emptiness;
pub mod queue;
pub mod simulation;
#[cfg(test)]
mod tests;
pub mod validate;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;

use crate::api::problem::Problem;
use crate::api::v1::budget::DisruptionReason;
use crate::decide::plan::Plan;
use crate::model::ids::{NodeClaimName, NodePoolName};
use crate::model::instance_type::Catalog;
use crate::model::node::Node;
use crate::model::node_claim::NodeClaim;
use crate::state::ClusterSnapshot;
use candidate::SkipReason;
use command::Command;
use queue::{DisruptionStep, Queue};
use validate::Stale;

/// Everything a decision about disruption depends on.
#[derive(Debug, Clone)]
pub struct DisruptionInput {
    /// The cluster.
    pub cluster: ClusterSnapshot,
    /// Supply of the pools whose provider knows it.
    pub catalogs: BTreeMap<NodePoolName, Catalog>,
    /// Claims other commands have taken; they are no candidates and count as gone.
    pub reserved: BTreeSet<NodeClaimName>,
    /// When.
    pub now: Timestamp,
}

/// Why things are as they are; what events and metrics are made from.
#[derive(Debug, Clone, Default)]
pub struct DisruptionReport {
    /// Nodes left alone, in name order per method.
    pub skipped: Vec<Skipped>,
    /// Candidates of each reason.
    pub n_eligible: BTreeMap<DisruptionReason, usize>,
    /// What the budgets of each pool come to.
    pub budgets: BTreeMap<(NodePoolName, DisruptionReason), BudgetUse>,
    /// Budgets nobody can follow.
    pub problems: BTreeSet<Problem>,
    /// Commands that began to act.
    pub started: Vec<Command>,
    /// Nodes that proposed commands lost during their wait, with the reason of the command.
    pub failed_validations: Vec<(DisruptionReason, usize, Stale)>,
    /// Commands given up after they had begun to act.
    pub given_up: Vec<Command>,
}

/// A node that is left alone.
#[derive(Debug, Clone, PartialEq)]
pub struct Skipped {
    /// Its node, once there is one.
    pub node: Option<Arc<Node>>,
    /// Its claim.
    pub claim: Option<Arc<NodeClaim>>,
    /// Why.
    pub why: SkipReason,
}

/// Nodes of one pool, as its budgets see them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BudgetUse {
    /// Nodes that count.
    pub total: u32,
    /// How many may be gone at once.
    pub allowed: u32,
    /// How many are gone, or as good as.
    pub busy: u32,
}

/// Finds commands for one reason to disrupt nodes.
pub type Method = fn(&DisruptionInput, &mut DisruptionReport) -> Vec<Command>;

/// The methods in the order they are tried.
pub const METHODS: [Method; 1] = [emptiness::propose];

/// Commands of the first method that has any.
pub fn propose(input: &DisruptionInput, report: &mut DisruptionReport) -> Vec<Command> {
    METHODS
        .iter()
        .map(|method| method(input, report))
        .find(|commands| !commands.is_empty())
        .unwrap_or_default()
}

/// One pass: drives the commands in `queue`, cleans up after forgotten ones, and looks for new ones.
pub fn plan(
    mut input: DisruptionInput,
    queue: &mut Queue,
) -> (Plan<DisruptionStep>, DisruptionReport) {
    let mut plan = Plan::default();
    let mut report = DisruptionReport::default();
    queue.advance(&input, &mut report, &mut plan);
    input.reserved = queue.reserved();
    plan.steps.extend(queue::leftovers(&input));
    let proposed = propose(&input, &mut report);
    queue.propose(proposed);
    plan.wake(input.now + queue::POLL);
    if let Some(due) = queue.next_due() {
        plan.wake(due.max(input.now));
    }
    (plan, report)
}
