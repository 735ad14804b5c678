//! How many nodes of a pool may be disrupted at once.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::{BudgetUse, DisruptionInput, DisruptionReport};
use crate::api::problem::Problem;
use crate::api::v1::budget::{Budget, DisruptionReason, NodeCount};
use crate::model::budgets::is_active;
use crate::model::ids::NodePoolName;
use crate::model::node_pool::NodePool;
use crate::state::StateNode;

/// Nodes each pool may still lose.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Budgets {
    remaining: BTreeMap<NodePoolName, u32>,
}

impl Budgets {
    /// What is left of the budgets of every pool for `reason`.
    ///
    /// Nodes count when they are ours, initialized, and their instance is not yet terminating. Of these, nodes that
    /// are not ready, that go away for whatever reason, or that a command has taken use up the budget.
    ///
    /// Source: Karpenter behaviour (disruption budgets).
    pub fn of(
        input: &DisruptionInput,
        reason: DisruptionReason,
        report: &mut DisruptionReport,
    ) -> Self {
        let mut counts: BTreeMap<NodePoolName, (u32, u32)> = BTreeMap::new();
        for node in input.cluster.state_nodes() {
            if let Some(pool) = node.pool().filter(|_| counts_in(&node)) {
                let (total, busy) = counts.entry(pool).or_default();
                *total += 1;
                *busy += u32::from(is_busy(&node, input));
            }
        }
        let mut remaining = BTreeMap::new();
        for pool in input.cluster.pools.values() {
            let (total, busy) = counts.get(&pool.name).copied().unwrap_or_default();
            let allowed = allowed(pool, reason, total, input.now, &mut report.problems);
            remaining.insert(pool.name.clone(), allowed.saturating_sub(busy));
            let budget_use = BudgetUse { total, allowed, busy };
            report.budgets.insert((pool.name.clone(), reason), budget_use);
        }
        Self { remaining }
    }

    /// Takes one node off the budget of `pool`; false when there is nothing left.
    pub fn take(&mut self, pool: &NodePoolName) -> bool {
        match self.remaining.get_mut(pool) {
            Some(left) if *left > 0 => {
                *left -= 1;
                true
            }
            Some(_) | None => false,
        }
    }
}

fn counts_in(node: &StateNode) -> bool {
    let terminating = node.claim.as_ref().is_none_or(|claim| claim.instance_terminating);
    node.node.is_some() && node.is_initialized() && !terminating
}

fn is_busy(node: &StateNode, input: &DisruptionInput) -> bool {
    let is_taken = node.claim.as_ref().is_some_and(|claim| input.reserved.contains(&claim.name));
    let is_ready = node.node.as_ref().is_some_and(|node| node.is_ready());
    is_taken || !is_ready || node.is_marked_for_deletion()
}

/// How many of the `total` nodes of `pool` may be gone at once for `reason`, as of `now`.
///
/// One budget nobody can follow closes the whole pool, whatever its reasons, and is added to `problems`.
pub fn allowed(
    pool: &NodePool,
    reason: DisruptionReason,
    total: u32,
    now: Timestamp,
    problems: &mut BTreeSet<Problem>,
) -> u32 {
    let mut allowed = NodeCount::UNLIMITED;
    let mut is_closed = false;
    for (index, budget) in pool.object.spec.disruption.budgets.iter().enumerate() {
        let field = format!("spec.disruption.budgets[{index}]");
        let mut report = |message: String| {
            problems.insert(Problem::new(format!("NodePool {}", pool.name), &*field, message));
        };
        if budget.reasons.as_ref().is_some_and(Vec::is_empty) {
            report(
                "an empty list of reasons matches none, so this budget has no effect".to_owned(),
            );
        }
        match value(budget, total, now) {
            Ok(value) if budget.applies_to(reason) => allowed = allowed.min(value),
            Ok(_) => {}
            Err(message) => {
                report(message);
                is_closed = true;
            }
        }
    }
    if is_closed { 0 } else { allowed }
}

/// What one budget allows at `now`, or why that cannot be said; outside its windows it allows everything.
fn value(budget: &Budget, total: u32, now: Timestamp) -> Result<u32, String> {
    let count: NodeCount = budget.nodes.parse().map_err(|error| format!("{error}"))?;
    let active = is_active(budget, now).map_err(|error| format!("schedule: {error}"))?;
    Ok(if active { count.of(total) } else { NodeCount::UNLIMITED })
}
