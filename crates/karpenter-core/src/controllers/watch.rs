//! One task and one watch per kind; what they see becomes events of the cluster state.
//!
//! *Flow.* List in pages, then watch. A finished list is handed over as one [`Change::Reset`], so whoever reads
//! the state never learns of a deletion late. Objects are decoded into slim types and at once into the model.
//!
//! *Guarantees.* An object that does not decode is skipped, counted and named in a warning; the others go on.
//! A watch that fails repeatedly without any event is thrown away and begun anew with a list.
//!
//! *Assumptions.* The server honours `resourceVersion` semantics of list and watch.
//!
//! *Errors.* None reach the caller: watches retry with bounded, jittered backoff until cancelled.

mod guard;
mod kinds;

use std::sync::Arc;
use std::time::Duration;

use futures::{Stream, StreamExt};
use kube::runtime::watcher;
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};

pub use guard::Lenient;
pub use kinds::watch_all;

use crate::clock::Clock;
use crate::observe::watch::WatchMetrics;
use crate::state::{Change, ClusterEvent, ClusterState, Kind, Tracked};

/// Consecutive errors without an event after which a watch is begun anew.
const ERRORS_BEFORE_NEW_LIST: u32 = 5;

const BACKOFF_BASE: Duration = Duration::from_millis(800);
const BACKOFF_MAX: Duration = Duration::from_secs(30);

/// What all watches share.
#[derive(Clone)]
pub struct Watching {
    /// Client for watches: no rate limit and no retry layer in front of it.
    pub client: kube::Client,
    /// Where events go.
    pub state: ClusterState,
    /// Time.
    pub clock: Clock,
    /// Counters.
    pub metrics: WatchMetrics,
    /// Feeds the jitter of backoffs.
    pub seed: u64,
}

/// Turns watch events of one kind into changes of the state.
struct Fold<V: Tracked> {
    kind: Kind,
    event: fn(Change<V>) -> ClusterEvent,
    listing: Vec<Arc<V>>,
}

impl<V: Tracked> Fold<V> {
    fn new(kind: Kind, event: fn(Change<V>) -> ClusterEvent) -> Self {
        Self { kind, event, listing: vec![] }
    }

    /// The change an event amounts to; `None` while a list is under way.
    fn change<K>(
        &mut self,
        event: watcher::Event<K>,
        mut decode: impl FnMut(K) -> Option<V>,
    ) -> Option<Change<V>> {
        match event {
            watcher::Event::Init => {
                self.listing.clear();
                None
            }
            watcher::Event::InitApply(object) => {
                self.listing.extend(decode(object).map(Arc::new));
                None
            }
            watcher::Event::InitDone => Some(Change::Reset(std::mem::take(&mut self.listing))),
            watcher::Event::Apply(object) => decode(object).map(|o| Change::Upsert(Arc::new(o))),
            watcher::Event::Delete(object) => decode(object).map(|o| Change::Delete(o.key())),
        }
    }
}

/// Follows one kind for ever. `open` begins a new watch, `decode` refuses objects that are not ours or broken.
async fn follow<K, V, S>(
    watching: Watching,
    mut fold: Fold<V>,
    open: impl Fn() -> S,
    mut decode: impl FnMut(K) -> Option<V>,
) where
    V: Tracked,
    S: Stream<Item = watcher::Result<watcher::Event<K>>>,
{
    let kind = fold.kind.name();
    let salt = kind.bytes().map(u64::from).sum::<u64>();
    let mut jitter = ChaCha8Rng::seed_from_u64(watching.seed ^ salt);
    let mut errors: u32 = 0;
    loop {
        let mut stream = std::pin::pin!(open());
        let mut errors_of_stream = 0;
        while errors_of_stream < ERRORS_BEFORE_NEW_LIST {
            match stream.next().await {
                None => break,
                Some(Ok(event)) => {
                    errors = 0;
                    errors_of_stream = 0;
                    if let Some(change) = fold.change(event, &mut decode) {
                        watching.state.apply((fold.event)(change), watching.clock.now());
                    }
                }
                Some(Err(error)) => {
                    errors = errors.saturating_add(1);
                    errors_of_stream += 1;
                    watching.metrics.error(kind);
                    tracing::debug!(kind, error = crate::effects::error::report(&error), "watch");
                    let wait = BACKOFF_BASE.saturating_mul(1 << (errors - 1).min(8));
                    let wait = wait.min(BACKOFF_MAX).mul_f64(jitter.random_range(1.0..1.5));
                    tokio::time::sleep(wait).await;
                }
            }
        }
    }
}
