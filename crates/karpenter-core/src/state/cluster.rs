//! The one writer of the cluster state.

use std::sync::Arc;

use jiff::Timestamp;
use parking_lot::Mutex;
use tokio::sync::watch;

use super::event::ClusterEvent;
use super::snapshot::ClusterSnapshot;

/// Counts changes of the state; a plan made at one revision can tell that the world has moved on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Revision(pub u64);

/// The shared state: a lock around a snapshot, and a signal for every change.
#[derive(Debug, Clone)]
pub struct ClusterState {
    current: Arc<Mutex<ClusterSnapshot>>,
    revision: Arc<watch::Sender<Revision>>,
}

impl Default for ClusterState {
    fn default() -> Self {
        Self {
            current: Arc::new(Mutex::new(ClusterSnapshot::default())),
            revision: Arc::new(watch::channel(Revision::default()).0),
        }
    }
}

impl ClusterState {
    /// Folds `event` in as of `now` and wakes everybody who waits for a new revision.
    pub fn apply(&self, event: ClusterEvent, now: Timestamp) {
        let revision = {
            let mut current = self.current.lock();
            current.apply(event, now);
            current.revision
        };
        self.revision.send_replace(revision);
    }

    /// The state as it is now; costs a few reference counts.
    pub fn snapshot(&self) -> ClusterSnapshot {
        self.current.lock().clone()
    }

    /// Drops intentions whose time is over and says when to call again.
    pub fn expire(&self, now: Timestamp) -> Option<Timestamp> {
        let (revision, next) = {
            let mut current = self.current.lock();
            current.expire(now);
            (current.revision, current.next_expiry())
        };
        if *self.revision.borrow() != revision {
            self.revision.send_replace(revision);
        }
        next
    }

    /// Sees every new revision; several changes may be seen as one.
    pub fn subscribe(&self) -> watch::Receiver<Revision> {
        self.revision.subscribe()
    }
}
