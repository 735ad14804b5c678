//! Names users see outside the API: metric families and event reasons. A leaf: it decides nothing.

pub mod cloud;
pub mod cluster;
pub mod events;
pub mod families;
pub mod metrics;
pub mod metrics_disruption;
pub mod metrics_termination;
pub mod provisioning;
pub mod runner;
pub mod scheduler;
pub mod watch;
