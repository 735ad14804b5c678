//! Whether a command still holds after its wait.

use std::collections::BTreeSet;
use std::fmt;

use super::budgets::Budgets;
use super::candidate::Candidate;
use super::command::Command;
use super::{DisruptionInput, DisruptionReport, emptiness};
use crate::model::ids::NodeClaimName;

/// Why a command does not hold any more. Prints as the reason in events and logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stale {
    /// The candidates are none any more.
    Churn,
    /// The budgets have shrunk.
    Budget,
    /// Pods came between the last look and the taint.
    ChurnAfterTaint,
}

impl fmt::Display for Stale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Churn => "churn",
            Self::Budget => "budget",
            Self::ChurnAfterTaint => "churn-after-taint",
        })
    }
}

/// What is left of a command that removes empty nodes; `input.reserved` must not name its own candidates.
///
/// Nodes that are no longer empty drop out unseen while others remain; nodes the budgets no longer let go count as
/// failed validations.
///
/// # Errors
/// [`Stale`] when nothing is left.
///
/// Source: Karpenter behaviour (validation).
pub fn validate(
    command: &Command,
    input: &DisruptionInput,
    report: &mut DisruptionReport,
) -> Result<Command, Stale> {
    let proposed: BTreeSet<&NodeClaimName> =
        command.candidates.iter().map(|candidate| &candidate.claim.name).collect();
    let mut unseen = DisruptionReport::default();
    let mut still = emptiness::empty_candidates(input, &mut unseen);
    still.retain(|candidate| proposed.contains(&candidate.claim.name));
    if still.is_empty() {
        report.failed_validations.push((command.reason, proposed.len(), Stale::Churn));
        return Err(Stale::Churn);
    }
    still.sort_by(Candidate::preference);
    let mut budgets = Budgets::of(input, command.reason, &mut unseen);
    let n_still = still.len();
    still.retain(|candidate| budgets.take(&candidate.pool.name));
    if still.len() < n_still {
        let n_lost = n_still - still.len();
        report.failed_validations.push((command.reason, n_lost, Stale::Budget));
    }
    command.narrowed(still).ok_or(Stale::Budget)
}
