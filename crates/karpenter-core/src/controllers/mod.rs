//! When things happen: one runner, one row per controller, one watch per kind.

pub mod engine;
pub mod eviction;
pub mod node_claim_lifecycle;
pub mod provisioning;
pub mod reconciler;
pub mod termination;
#[cfg(test)]
mod tests;
pub mod watch;
