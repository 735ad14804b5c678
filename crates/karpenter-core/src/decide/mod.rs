//! What to do: pure, synchronous functions from an immutable snapshot to a plan that carries its report.

pub mod announcement;
pub mod audit;
pub mod buffer;
pub mod claim_disruption;
mod consolidatable;
pub mod daemon_pods;
pub mod default_spread;
pub mod devices;
pub mod disruption;
pub mod draft;
pub mod drift;
pub mod garbage;
pub mod lifecycle;
pub mod node_pool;
pub mod overlay;
pub mod plan;
pub mod pod_budgets;
pub mod pod_decisions;
pub mod pod_events;
pub mod provisioning;
pub mod scheduling;
pub mod static_capacity;
pub mod termination;
