//! A counter that wakes everybody who waits for it to move, in the order they began to wait.
//!
//! tokio's `watch` channel wakes its receivers in random order, which no seed controls; this does not.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::Notify;

/// The sending side; cloning shares the counter.
#[derive(Debug, Clone, Default)]
pub struct Signal(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    count: AtomicU64,
    moved: Notify,
}

impl Signal {
    /// Sets the counter and wakes everybody who waits.
    pub fn set(&self, count: u64) {
        self.0.count.store(count, Ordering::Release);
        self.0.moved.notify_waiters();
    }

    /// Adds one and wakes everybody who waits.
    pub fn bump(&self) {
        self.0.count.fetch_add(1, Ordering::AcqRel);
        self.0.moved.notify_waiters();
    }

    /// A receiver that has seen the counter as it is now.
    pub fn subscribe(&self) -> Changes {
        Changes { seen: self.0.count.load(Ordering::Acquire), shared: self.0.clone() }
    }
}

/// The receiving side.
#[derive(Debug, Clone)]
pub struct Changes {
    seen: u64,
    shared: Arc<Shared>,
}

impl Changes {
    /// Forgets every change so far.
    pub fn mark_seen(&mut self) {
        self.seen = self.shared.count.load(Ordering::Acquire);
    }

    /// Waits until the counter differs from what was seen, and sees it; several changes may be seen as one.
    pub async fn changed(&mut self) {
        loop {
            let mut moved = std::pin::pin!(self.shared.moved.notified());
            // Waiting begins before looking, so a change in between is not missed.
            moved.as_mut().enable();
            let count = self.shared.count.load(Ordering::Acquire);
            if count != self.seen {
                self.seen = count;
                return;
            }
            moved.await;
        }
    }
}
