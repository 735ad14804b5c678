//! What we know about the cluster: one writer, immutable snapshots.
//!
//! [`ClusterState`] is a lock around a [`ClusterSnapshot`] whose maps are persistent and sorted, so a
//! snapshot is a clone of a few pointers and iteration order is given. The only way to change it is
//! [`ClusterState::apply`] with a [`ClusterEvent`]; our own intentions (a node nominated for pods, a claim
//! just created) are events too and expire.
//!
//! **Invariant:** the fold commutes. A pod may come before its node and a claim before its instance; what is
//! derived is the same in any order.

mod bound_pods;
mod chunk_sources;
mod cluster;
mod collection;
mod daemon_pods;
mod derived;
mod devices;
mod event;
mod intents;
mod revision;
mod selector_sources;
mod shared_parts;
mod snapshot;
mod state_node;
mod storage;
#[cfg(test)]
mod tests;
mod unreadable;

pub use bound_pods::BoundPods;
pub use chunk_sources::ChunkSources;
pub use cluster::ClusterState;
pub use collection::{Change, Collection, Tracked};
pub use daemon_pods::DaemonPods;
pub use derived::{NodeUsage, PendingPod};
pub use devices::Devices;
pub use event::{ClusterEvent, Intent, Kind};
pub use intents::Intents;
pub use revision::Revision;
pub use selector_sources::SelectorSources;
#[cfg(any(test, feature = "testing"))]
pub(crate) use shared_parts::SharedParts;
pub use snapshot::ClusterSnapshot;
pub use state_node::StateNode;
pub use storage::Storage;
pub use unreadable::{Finding, Unreadable};
