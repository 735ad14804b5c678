//! Doing it: every write to the cluster and every call to the cloud.
//!
//! An effect carries out one step of a plan and decides nothing: its branches are «already done», «retry» and
//! «refuse, the world has moved on». Writes are guarded by `resourceVersion` or uid, and the object a write is
//! answered with enters the state before the effect ends.

pub mod clients;
pub mod disrupt;
pub mod disruption_events;
pub mod error;
pub mod events;
pub mod evict;
#[cfg(test)]
mod fakes;
pub mod garbage;
pub mod lifecycle;
pub mod metered_cloud;
pub mod node;
pub mod overlaid_cloud;
pub mod own;
pub mod patch;
pub mod provision;
pub mod static_capacity;
pub mod status;
pub mod step;
pub mod terminate;
#[cfg(test)]
mod tests;
pub mod unreadable;
pub mod volumes;
pub mod write;
