//! The one writer of the cluster state.

use std::sync::Arc;

use jiff::Timestamp;
use parking_lot::Mutex;

use super::event::ClusterEvent;
use super::snapshot::ClusterSnapshot;
use crate::model::node_claim::NodeClaim;
use crate::signal::{Changes, Signal};

/// The shared state: a lock around a snapshot, and a signal for every change.
#[derive(Debug, Clone, Default)]
pub struct ClusterState {
    current: Arc<Mutex<ClusterSnapshot>>,
    changes: Signal,
}

impl ClusterState {
    /// Folds `event` in as of `now` and wakes everybody who waits for a new revision.
    pub fn apply(&self, event: ClusterEvent, now: Timestamp) {
        let revision = {
            let mut current = self.current.lock();
            current.apply(event, now);
            current.revision
        };
        self.changes.set(revision.0);
    }

    /// The state as it is now; costs a few reference counts.
    pub fn snapshot(&self) -> ClusterSnapshot {
        self.current.lock().clone()
    }

    /// Drops intentions whose time is over, and answers which claims we created the watch has not shown in time:
    /// they have to be read live.
    pub fn expire(&self, now: Timestamp) -> Vec<Arc<NodeClaim>> {
        let mut current = self.current.lock();
        current.expire(now);
        current.unconfirmed_claims(now)
    }

    /// When [`ClusterState::expire`] has something to say next.
    pub fn next_expiry(&self) -> Option<Timestamp> {
        self.current.lock().next_unconfirmed()
    }

    /// Sees every new revision; several changes may be seen as one.
    pub fn subscribe(&self) -> Changes {
        self.changes.subscribe()
    }
}
