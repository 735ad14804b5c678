//! How many nodes of a pool its budgets allow to be disrupted.

#[cfg(test)]
mod tests;

use crate::api::v1::budget::{Budget, DisruptionReason, NodeCount, ParseNodeCountError};
use crate::model::schedule::{ParseScheduleError, Schedule};
use jiff::Timestamp;

/// A budget that cannot be read; nothing may be disrupted in its pool.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BudgetError {
    /// Its number of nodes is none.
    #[error(transparent)]
    Nodes(#[from] ParseNodeCountError),
    /// Its schedule is none.
    #[error(transparent)]
    Schedule(#[from] ParseScheduleError),
    /// It has a duration and no schedule, or the reverse.
    #[error("schedule must be set with duration")]
    Unpaired,
}

/// The most nodes that may be disrupted at once for `reason`, out of `n_nodes`: the least of all active budgets that
/// apply, [`NodeCount::UNLIMITED`] if there is none. Nodes already being disrupted are not subtracted.
///
/// # Errors
/// The first budget, also of other reasons, that cannot be read; the caller must then allow nothing.
///
/// Source: Karpenter behaviour, disruption budgets.
pub fn allowed_disruptions(
    budgets: &[Budget],
    reason: DisruptionReason,
    n_nodes: u32,
    now: Timestamp,
) -> Result<u32, BudgetError> {
    budgets.iter().try_fold(NodeCount::UNLIMITED, |least, budget| {
        let count: NodeCount = budget.nodes.parse()?;
        let restricts = is_active(budget, now)? && budget.applies_to(reason);
        Ok(if restricts { least.min(count.of(n_nodes)) } else { least })
    })
}

/// Whether `now` is less than the budget's duration after a hit of its schedule; a budget without both is always active.
///
/// A schedule that is never hit counts as active, which is the safe direction.
///
/// # Errors
/// [`BudgetError::Schedule`] and [`BudgetError::Unpaired`].
pub fn is_active(budget: &Budget, now: Timestamp) -> Result<bool, BudgetError> {
    match (&budget.schedule, &budget.duration) {
        (None, None) => Ok(true),
        (Some(schedule), Some(duration)) => {
            let schedule: Schedule = schedule.parse()?;
            // Before the beginning of time every schedule was hit once.
            let Ok(opened) = now.checked_sub(duration.duration()) else { return Ok(true) };
            Ok(schedule.next_after(opened).is_none_or(|hit| hit <= now))
        }
        (Some(_), None) | (None, Some(_)) => Err(BudgetError::Unpaired),
    }
}
