//! When things happen: one runner, one row per controller, one watch per kind.

pub mod capacity_buffer;
pub mod disruption;
pub mod engine;
pub mod eviction;
pub mod garbage_collection;
pub mod node_claim_disruption;
pub mod node_claim_lifecycle;
pub mod node_overlay;
pub mod node_pool_status;
pub mod provisioning;
pub mod reconciler;
pub mod static_capacity;
pub mod termination;
#[cfg(test)]
mod tests;
pub mod unreadable;
pub mod watch;
