//! When things happen: one runner, one row per controller, one watch per kind.

pub mod disruption;
pub mod eviction;
pub mod reconciler;
pub mod termination;
pub mod watch;
