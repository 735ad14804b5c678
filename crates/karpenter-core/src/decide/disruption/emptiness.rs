//! Removes nodes no pod needs.

use super::budgets::Budgets;
use super::candidate::{Candidate, Class, SkipReason, candidates};
use super::command::Command;
use super::{DisruptionInput, DisruptionReport, Skipped};
use crate::api::v1::budget::DisruptionReason;
use crate::api::v1::conditions::{self, HasConditions};

/// At most one command: all empty nodes the budgets let go.
///
/// A node whose pods are worth nothing but need another place is left alone: whether they find one is for methods to
/// say that simulate.
///
/// Source: Karpenter behaviour (emptiness). Differs: the order is total, and pods are never moved unseen.
pub fn propose(input: &DisruptionInput, report: &mut DisruptionReport) -> Vec<Command> {
    let mut empty = empty_candidates(input, report);
    report.n_eligible.insert(DisruptionReason::Empty, empty.len());
    let mut budgets = Budgets::of(input, DisruptionReason::Empty, report);
    empty.sort_by(Candidate::preference);
    empty.retain(|candidate| budgets.take(&candidate.pool.name));
    Command::delete(DisruptionReason::Empty, empty, input.now).into_iter().collect()
}

/// Candidates this method is about, in name order.
pub fn empty_candidates(input: &DisruptionInput, report: &mut DisruptionReport) -> Vec<Candidate> {
    let mut empty = candidates(input, Class::Graceful, report);
    empty.retain(|candidate| {
        if candidate.pool.replicas.is_some() {
            return false;
        }
        if candidate.pool.consolidate_after.is_none() {
            let why = SkipReason::ConsolidationDisabled(candidate.pool.name.clone());
            let (node, claim) = (Some(candidate.node.clone()), Some(candidate.claim.clone()));
            report.skipped.push(Skipped { node, claim, why });
            return false;
        }
        let (node, claim) = (&candidate.node.name, &candidate.claim.name);
        candidate.is_empty()
            && !input.cluster.keeps_room(node, claim)
            && candidate.reschedulable.is_empty()
            && candidate.claim.object.is_true(conditions::CONSOLIDATABLE)
    });
    empty
}
