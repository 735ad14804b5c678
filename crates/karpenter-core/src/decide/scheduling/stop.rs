//! When a plan has to be there although some pods have not been tried.
//!
//! A decision knows no clock: whoever wants the plan in time says when to stop. Pods that have a place by then keep it,
//! pods that found none say why, and the others are named in
//! [`SchedulingPlan::unattempted`](super::plan::SchedulingPlan::unattempted), without a reason because there is none.
//!
//! Source: Karpenter behaviour, deadline of a solve.

use super::queue::Queue;
use super::solve::Solver;

/// Asked before every attempt to place a pod; the search ends when it answers yes.
pub type Stop<'s> = &'s dyn Fn() -> bool;

impl Solver<'_> {
    /// Whether the search has to end, now or earlier.
    pub(super) fn is_over(&mut self) -> bool {
        self.is_stopped = self.is_stopped || self.stop.is_some_and(|stop| stop());
        self.is_stopped
    }

    /// Pods of `queue` that found no place, in queue order; those that were not tried are put on record.
    pub(super) fn end(&mut self, queue: &Queue) -> Vec<usize> {
        let was_tried = |pod: &usize| queue.was_tried(*pod);
        let (left, unattempted): (Vec<usize>, Vec<usize>) = queue.waiting().partition(was_tried);
        self.unattempted.extend(unattempted);
        left
    }
}
