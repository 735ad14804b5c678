//! What to do: pure, synchronous functions from an immutable snapshot to a plan that carries its report.

pub mod disruption;
pub mod plan;
pub mod pod_budgets;
pub mod termination;
