//! When things happen: one runner, one row per controller, one watch per kind.

pub mod engine;
pub mod provisioning;
pub mod node_claim_lifecycle;
pub mod reconciler;
#[cfg(test)]
mod tests;
pub mod watch;
