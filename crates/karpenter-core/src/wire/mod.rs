//! Kubernetes objects on the wire: slim types that hold only the fields we read, and their way into [`model`].
//!
//! Watches and the answers to our own writes decode into these, so the state never holds what no decision
//! reads. An object that does not decode is a [`Problem`](crate::api::problem::Problem) of that object alone.
//!
//! [`model`]: crate::model

mod capacity_buffer;
pub mod chunk_template;
pub mod csi_node;
pub mod daemon_set;
mod device;
pub mod device_class;
pub mod disruption_budget;
mod meta;
pub mod namespace;
pub mod node;
pub mod node_claim;
pub mod node_class;
pub mod node_overlay;
pub mod node_pool;
pub mod persistent_volume;
pub mod persistent_volume_claim;
pub mod pod;
mod pod_template;
mod pod_topology;
pub mod resource_claim;
pub mod resource_slice;
pub mod selector_source;
pub mod storage_class;
#[cfg(test)]
mod tests;
pub mod volume_attachment;

pub use meta::Decoded;
