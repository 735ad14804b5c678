//! A cache for expiring credentials.
//!
//! # Flow
//! More than 5 minutes left: served from the cache. Between 5 and 3 minutes: served from the cache while one task
//! fetches new ones. 3 minutes or less: the caller waits for the fetch. A failed fetch is a warning as long as
//! the cached credentials are unexpired, and is not repeated for 10 seconds.
//!
//! # Guarantees
//! At most one fetch runs at a time; callers that find one running share its result.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use parking_lot::Mutex;
use tokio::time::Instant;

use super::{Credentials, CredentialsError, CredentialsProvider};
use crate::clock::{WallClock, monotonic};

/// Remaining life at which a fetch starts in the background.
const BACKGROUND: TimeDelta = TimeDelta::minutes(5);
/// Remaining life at which callers wait for the fetch.
const BLOCKING: TimeDelta = TimeDelta::minutes(3);
/// Pause between failed fetches while the cached credentials still work.
const FAILURE_PAUSE: Duration = Duration::from_secs(10);

/// Caches what `inner` delivers until shortly before it expires; cheap to clone, clones share the cache.
///
/// Credentials without expiration are not cached: their providers are cheap and may change.
#[derive(Clone)]
pub struct Refreshing {
    shared: Arc<Shared>,
}

struct Shared {
    inner: Arc<dyn CredentialsProvider>,
    clock: WallClock,
    cache: Mutex<Cache>,
    /// Held while fetching.
    fetching: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct Cache {
    credentials: Option<Credentials>,
    quiet_until: Option<Instant>,
}

/// What the cache can do for a caller.
enum Answer {
    Fresh(Credentials),
    /// Usable; a fetch should start, but nobody needs to wait.
    Ageing(Credentials),
    /// A fetch is needed; the credentials are a fallback while unexpired.
    Stale(Option<Credentials>),
}

impl Refreshing {
    /// A cache over `inner` that measures remaining life on `clock`.
    #[must_use]
    pub fn new(inner: Arc<dyn CredentialsProvider>, clock: WallClock) -> Self {
        let (cache, fetching) = (Mutex::default(), tokio::sync::Mutex::default());
        Self { shared: Arc::new(Shared { inner, clock, cache, fetching }) }
    }
}

impl Shared {
    fn answer(&self) -> Answer {
        let now = (self.clock)();
        let cache = self.cache.lock();
        let Some((credentials, expiration)) =
            cache.credentials.as_ref().and_then(|cached| Some((cached, cached.expiration()?)))
        else {
            return Answer::Stale(None);
        };
        let left = expiration - now;
        let quiet = cache.quiet_until.is_some_and(|until| monotonic() < until);
        let usable = left > TimeDelta::zero();
        match () {
            () if left > BACKGROUND || (quiet && usable) => Answer::Fresh(credentials.clone()),
            () if left > BLOCKING => Answer::Ageing(credentials.clone()),
            () => Answer::Stale(usable.then(|| credentials.clone())),
        }
    }

    /// Fetches and stores. Must run under the `fetching` lock.
    async fn fetch(&self) -> Result<Credentials, CredentialsError> {
        let fetched = self.inner.credentials().await;
        let mut cache = self.cache.lock();
        match &fetched {
            Ok(credentials) => {
                cache.quiet_until = None;
                cache.credentials = Some(credentials.clone());
            }
            Err(_) => cache.quiet_until = Some(monotonic() + FAILURE_PAUSE),
        }
        fetched
    }

    /// Waits for new credentials, or falls back to `old` with a warning.
    async fn fetch_or(&self, old: Option<Credentials>) -> Result<Credentials, CredentialsError> {
        let provider = self.inner.name();
        match (self.fetch().await, old) {
            (Ok(credentials), _) => Ok(credentials),
            (Err(error), Some(old)) => {
                let expiration: Option<DateTime<Utc>> = old.expiration();
                tracing::warn!(provider, %error, ?expiration, "credentials refresh failed, using old ones");
                Ok(old)
            }
            (Err(error), None) => Err(error),
        }
    }
}

#[async_trait]
impl CredentialsProvider for Refreshing {
    fn name(&self) -> &'static str {
        self.shared.inner.name()
    }

    async fn credentials(&self) -> Result<Credentials, CredentialsError> {
        match self.shared.answer() {
            Answer::Fresh(credentials) => return Ok(credentials),
            Answer::Ageing(credentials) => {
                let shared = Arc::clone(&self.shared);
                if self.shared.fetching.try_lock().is_ok() {
                    tokio::spawn(async move {
                        let _one = shared.fetching.lock().await;
                        if let Answer::Ageing(old) | Answer::Stale(Some(old)) = shared.answer() {
                            // The fallback makes this infallible; a failure has been logged.
                            let _ = shared.fetch_or(Some(old)).await;
                        }
                    });
                }
                return Ok(credentials);
            }
            Answer::Stale(_) => {}
        }
        let _one = self.shared.fetching.lock().await;
        // Another caller may have fetched while this one waited for its turn.
        match self.shared.answer() {
            Answer::Fresh(credentials) | Answer::Ageing(credentials) => Ok(credentials),
            Answer::Stale(old) => self.shared.fetch_or(old).await,
        }
    }

    fn invalidate(&self, refused: &Credentials) {
        let mut cache = self.shared.cache.lock();
        if cache.credentials.as_ref().is_some_and(|c| c.access_key_id() == refused.access_key_id())
        {
            *cache = Cache::default();
        }
        drop(cache);
        self.shared.inner.invalidate(refused);
    }
}

#[cfg(test)]
mod tests;
