//! When things happen: one runner, one row per controller, one watch per kind.

pub mod reconciler;
pub mod watch;
