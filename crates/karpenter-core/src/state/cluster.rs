//! The one writer of the cluster state.

use std::sync::Arc;

use jiff::Timestamp;
use parking_lot::Mutex;

use super::event::ClusterEvent;
use super::shared_parts::SharedParts;
use super::snapshot::ClusterSnapshot;
use crate::model::node_claim::NodeClaim;
use crate::signal::{Changes, Signal};

/// The shared state: a lock around a snapshot, and a signal for every change.
#[derive(Debug, Clone, Default)]
pub struct ClusterState {
    current: Arc<Mutex<Current>>,
    changes: Signal,
}

#[derive(Debug, Default)]
struct Current {
    snapshot: ClusterSnapshot,
    parts: SharedParts,
}

impl ClusterState {
    /// Folds `event` in as of `now` and wakes everybody who waits for a new revision.
    pub fn apply(&self, event: ClusterEvent, now: Timestamp) {
        let revision = {
            let Current { snapshot, parts } = &mut *self.current.lock();
            let mut event = event;
            if let ClusterEvent::Pod(change) = &mut event {
                parts.share(change);
            }
            snapshot.apply(event, now);
            snapshot.revision
        };
        self.changes.set(revision.0);
    }

    /// The state as it is now; costs a few reference counts.
    pub fn snapshot(&self) -> ClusterSnapshot {
        self.current.lock().snapshot.clone()
    }

    /// Drops intentions whose time is over, and answers which claims we created the watch has not shown in time:
    /// they have to be read live.
    pub fn expire(&self, now: Timestamp) -> Vec<Arc<NodeClaim>> {
        let snapshot = &mut self.current.lock().snapshot;
        snapshot.expire(now);
        snapshot.unconfirmed_claims(now)
    }

    /// When [`ClusterState::expire`] has something to say next.
    pub fn next_expiry(&self) -> Option<Timestamp> {
        self.current.lock().snapshot.next_unconfirmed()
    }

    /// Sees every new revision; several changes may be seen as one.
    pub fn subscribe(&self) -> Changes {
        self.changes.subscribe()
    }
}
