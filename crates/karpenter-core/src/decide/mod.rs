//! What to do: pure, synchronous functions from an immutable snapshot to a plan that carries its report.

pub mod audit;
pub mod plan;
pub mod scheduling;
