//! One task and one watch per kind; what they see becomes events of the cluster state.
//!
//! *Flow.* List in pages, then watch. A finished list is handed over as one [`Change::Reset`], so whoever reads
//! the state never learns of a deletion late. Objects are decoded into slim types and at once into the model.
//!
//! *Guarantees.* An object that does not decode is skipped, and, once per problem, noted, counted and named in a
//! warning; the others go on.
//! A watch that fails repeatedly without any event is thrown away and begun anew with a list. A kind behind a feature
//! gate that the cluster lacks, or does not let us read, counts as empty; that is said once and looked at again.
//!
//! *Assumptions.* The server honours `resourceVersion` semantics of list and watch.
//!
//! *Caveats.* An object that stops decoding counts as deleted until it decodes again.
//!
//! *Errors.* None reach the caller: watches retry with bounded, jittered backoff until cancelled.

mod devices;
mod kinds;
mod selector_sources;

use std::sync::Arc;
use std::time::Duration;

use futures::{Stream, StreamExt};
use kube::runtime::watcher;
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};

pub use devices::watch_devices;
pub use kinds::{Named, watch_all};
pub use selector_sources::watch_selector_sources;

use crate::clock::Clock;
use crate::effects::error::report;
use crate::observe::watch::WatchMetrics;
use crate::state::{Change, ClusterEvent, ClusterState, Kind, Tracked, Unreadable};

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
    /// Where objects that cannot be understood are noted.
    pub unreadable: Unreadable,
    /// Feeds the jitter of backoffs.
    pub seed: u64,
}

/// What became of one watched object.
enum Seen<V: Tracked> {
    /// It is one of ours.
    Object(V),
    /// It belongs to somebody else, or cannot be understood: as good as deleted.
    Absent(V::Key),
}

/// What a watch is about.
struct Watched<V: Tracked> {
    kind: Kind,
    event: fn(Change<V>) -> ClusterEvent,
    /// Whether a cluster may lack the kind, or not let us read it: then it counts as listed and empty.
    optional: bool,
}

/// Turns watch events of one kind into changes of the state.
struct Fold<V: Tracked> {
    listing: Vec<Arc<V>>,
}

impl<V: Tracked> Fold<V> {
    /// The change an event amounts to; `None` while a list is under way.
    fn change<K>(
        &mut self,
        event: watcher::Event<K>,
        see: impl Fn(K) -> Seen<V>,
        gone: impl Fn(K) -> V::Key,
    ) -> Option<Change<V>> {
        match event {
            watcher::Event::Init => {
                self.listing.clear();
                None
            }
            watcher::Event::InitApply(object) => {
                if let Seen::Object(object) = see(object) {
                    self.listing.push(Arc::new(object));
                }
                None
            }
            watcher::Event::InitDone => Some(Change::Reset(std::mem::take(&mut self.listing))),
            watcher::Event::Apply(object) => Some(match see(object) {
                Seen::Object(object) => Change::Upsert(Arc::new(object)),
                Seen::Absent(key) => Change::Delete(key),
            }),
            watcher::Event::Delete(object) => Some(Change::Delete(gone(object))),
        }
    }
}

/// Follows one kind for ever: `open` begins a new watch, `see` says what an object is to us, `gone` forgets one.
async fn follow<K, V, S>(
    watching: Watching,
    watched: Watched<V>,
    open: impl Fn() -> S,
    see: impl Fn(K) -> Seen<V>,
    gone: impl Fn(K) -> V::Key,
) where
    V: Tracked,
    S: Stream<Item = watcher::Result<watcher::Event<K>>>,
{
    let mut fold = Fold { listing: vec![] };
    let mut follower = Follower::new(watching, watched);
    loop {
        let mut stream = std::pin::pin!(open());
        let mut errors = 0;
        while errors < ERRORS_BEFORE_NEW_LIST {
            match stream.next().await {
                None => break,
                Some(Ok(news)) => {
                    // A list that begins is no news yet: it may still fail.
                    if !matches!(news, watcher::Event::Init) {
                        errors = 0;
                        follower.works();
                    }
                    if let Some(change) = fold.change(news, &see, &gone) {
                        follower.hand_over(change);
                    }
                }
                Some(Err(error)) => {
                    errors += 1;
                    follower.failed(&error);
                    follower.pause.wait().await;
                }
            }
        }
    }
}

/// One watch and how it has been doing.
struct Follower<V: Tracked> {
    watching: Watching,
    watched: Watched<V>,
    pause: Pause,
    /// Whether a list has been handed over.
    listed: bool,
    /// Whether it has been said that the kind cannot be read here.
    absence_said: bool,
}

impl<V: Tracked> Follower<V> {
    fn new(watching: Watching, watched: Watched<V>) -> Self {
        let pause = Pause::new(watching.seed, watched.kind);
        Self { watching, watched, pause, listed: false, absence_said: false }
    }

    fn works(&mut self) {
        self.absence_said = false;
        self.pause.reset();
    }

    fn hand_over(&mut self, change: Change<V>) {
        self.listed |= matches!(change, Change::Reset(_));
        self.watching.state.apply((self.watched.event)(change), self.watching.clock.now());
    }

    /// Says what went wrong; a kind that may be lacking is missed once and nobody waits for it.
    fn failed(&mut self, error: &watcher::Error) {
        let kind = self.watched.kind.name();
        if self.watched.optional && is_absence(error) {
            if !std::mem::replace(&mut self.absence_said, true) {
                tracing::warn!(kind, error = report(error), "kind cannot be read, taken as empty");
            }
            if !self.listed {
                self.hand_over(Change::Reset(vec![]));
            }
            return;
        }
        self.watching.metrics.error(kind);
        let error = report(error);
        // A watch that ends once is ordinary; without any news in between somebody should look.
        if self.pause.is_first() {
            tracing::debug!(kind, error, "watch failed");
        } else {
            tracing::warn!(kind, error, "watch fails repeatedly and is tried again");
        }
    }
}

/// Whether the server does not serve the kind, or not to us.
fn is_absence(error: &watcher::Error) -> bool {
    let code = match error {
        watcher::Error::InitialListFailed(kube::Error::Api(status))
        | watcher::Error::WatchStartFailed(kube::Error::Api(status))
        | watcher::Error::WatchFailed(kube::Error::Api(status)) => status.code,
        watcher::Error::WatchError(status) => status.code,
        _ => return false,
    };
    matches!(code, 403 | 404)
}

/// Growing, jittered waits between errors.
struct Pause {
    errors: u32,
    jitter: ChaCha8Rng,
}

impl Pause {
    fn new(seed: u64, kind: Kind) -> Self {
        let salt = kind.name().bytes().map(u64::from).sum::<u64>();
        Self { errors: 0, jitter: ChaCha8Rng::seed_from_u64(seed ^ salt) }
    }

    fn reset(&mut self) {
        self.errors = 0;
    }

    /// Whether there was no error since the last [`Pause::reset`].
    fn is_first(&self) -> bool {
        self.errors == 0
    }

    async fn wait(&mut self) {
        let grown = BACKOFF_BASE.saturating_mul(1 << self.errors.min(8)).min(BACKOFF_MAX);
        self.errors = self.errors.saturating_add(1);
        tokio::time::sleep(grown.mul_f64(self.jitter.random_range(1.0..1.5))).await;
    }
}
