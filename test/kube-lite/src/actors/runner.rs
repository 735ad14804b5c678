//! The loop of every actor: see, plan, write, see what was written.

use std::future::Future;
use std::time::Duration;

use jiff::Timestamp;

use super::world::{Watched, World, version};
use super::write::Write;
use crate::config::Clock;

/// Changes are gathered this long before a pass.
const BATCH: Duration = Duration::from_millis(10);

/// Pause after a pass with a failed write.
const RETRY: Duration = Duration::from_secs(1);

/// Longest wait for our own writes to show up.
const SETTLE: Duration = Duration::from_secs(5);

/// What a pass decided.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Plan {
    /// Writes in order.
    pub(super) writes: Vec<Write>,
    /// When to look again although nothing changed.
    pub(super) wake_at: Option<Timestamp>,
}

impl Plan {
    /// Looks again at `at` or earlier.
    pub(super) fn wake(&mut self, at: Timestamp) {
        self.wake_at = Some(self.wake_at.map_or(at, |known| known.min(at)));
    }
}

/// One actor.
pub(super) trait Controller: Send + 'static {
    /// Kinds it watches.
    const KINDS: &'static [Watched];

    /// Decides what to write; a pure function of what is known and the actor's own memory.
    fn plan(&mut self, world: &World, now: Timestamp) -> Plan;

    /// Ends when something other than a watched object asks for a pass.
    fn poked(&mut self) -> impl Future<Output = ()> + Send {
        std::future::pending()
    }
}

/// Runs an actor for ever.
pub(super) async fn run<C: Controller>(client: kube::Client, clock: Clock, mut actor: C) {
    let mut world = World::new(&client, C::KINDS);
    let mut wait: Option<Duration> = None;
    loop {
        tokio::select! {
            biased;
            () = world.changed() => tokio::time::sleep(BATCH).await,
            () = actor.poked() => {}
            () = pause(wait) => {}
        }
        if !world.synced() {
            continue;
        }
        let plan = actor.plan(&world, clock());
        let failed = execute(&client, &mut world, &plan.writes).await;
        // A write that never shows up must not stop the actor: the next pass sees the truth.
        let changed = tokio::time::timeout(SETTLE, world.settled()).await.unwrap_or(true);
        wait = plan.wake_at.map(|at| until(at, clock()));
        if failed {
            wait = Some(wait.map_or(RETRY, |wait| wait.min(RETRY)));
        }
        if changed {
            wait = Some(BATCH);
        }
    }
}

/// Sends all writes; true when one failed for another reason than a changed world.
async fn execute(client: &kube::Client, world: &mut World, writes: &[Write]) -> bool {
    let mut failed = false;
    for write in writes {
        match write.send(client).await {
            Ok(object) => world.expect(write.kind(), version(&object)),
            Err(kube::Error::Api(status)) if matches!(status.code, 404 | 409) => {}
            Err(error) => {
                tracing::warn!(%error, ?write, "write failed, trying again");
                failed = true;
            }
        }
    }
    failed
}

async fn pause(wait: Option<Duration>) {
    match wait {
        Some(wait) => tokio::time::sleep(wait).await,
        None => std::future::pending().await,
    }
}

/// Time left until an instant, rounded up to whole milliseconds so that it has come afterwards.
fn until(at: Timestamp, now: Timestamp) -> Duration {
    let left = Duration::try_from(at.duration_since(now)).unwrap_or_default();
    Duration::from_millis(u64::try_from(left.as_millis()).unwrap_or(u64::MAX).saturating_add(1))
}
