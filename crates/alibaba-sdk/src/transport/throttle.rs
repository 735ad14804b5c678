//! How often an action may be called: one token bucket per action, shared by all users of a client.
//!
//! # Flow
//! Every attempt takes a token. When the service throttles an action, its bucket pauses and refills at half the
//! rate; the rate recovers by a tenth of its nominal value per minute. Other actions are not affected.
//!
//! # Guarantees
//! Waiting uses the runtime's clock only, so virtual time works. A wait that would pass the deadline fails at
//! once instead of at the deadline.
//!
//! Source: ECS API throttling (limits are per account, region and action, in wall-clock minutes).

use std::{collections::BTreeMap, time::Duration};

use chrono::{DateTime, Timelike as _, Utc};
use http::HeaderMap;
use parking_lot::Mutex;
use tokio::time::Instant;

use crate::clock::monotonic;

/// Nominal rate of one action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Calls per minute in the long run; at least 1.
    pub per_minute: u32,
    /// Calls that may be made at once after a quiet time; at least 1.
    pub burst: u32,
}

/// Rates by action name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RateLimits {
    /// Rates that replace the defaults of [`RateLimits::rate`].
    pub overrides: BTreeMap<String, Rate>,
}

impl RateLimits {
    /// The rate of `action`: its override, or a default by kind of action.
    #[must_use]
    pub fn rate(&self, action: &str) -> Rate {
        if let Some(rate) = self.overrides.get(action) {
            return *rate;
        }
        match action {
            "RunInstances" | "CreateAutoProvisioningGroup" => Rate { per_minute: 100, burst: 20 },
            "DescribePrice" => Rate { per_minute: 120, burst: 20 },
            "DescribeClusterDetail"
            | "DescribeClusterAttachScripts"
            | "DescribeKubernetesVersionMetadata" => Rate { per_minute: 60, burst: 10 },
            _ if action.starts_with("Describe") => Rate { per_minute: 300, burst: 50 },
            _ => Rate { per_minute: 100, burst: 20 },
        }
    }
}

/// Share of the nominal rate that comes back per minute.
const RECOVERY_PER_MINUTE: f64 = 0.1;
/// Smallest share of the nominal rate that repeated throttling leaves.
const MIN_SHARE: f64 = 0.05;
/// Shortest pause after a throttled answer: the service asks for at most one probe per second.
const MIN_PAUSE: Duration = Duration::from_secs(1);
/// Longest pause the service can ask for.
const MAX_PAUSE: Duration = Duration::from_secs(300);

/// The buckets of all actions seen so far; their number is bounded by the number of actions in this crate.
#[derive(Debug)]
pub(crate) struct Limiter {
    limits: RateLimits,
    buckets: Mutex<BTreeMap<&'static str, Bucket>>,
}

/// A wait that would end after the deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooLate;

impl Limiter {
    pub(crate) fn new(limits: RateLimits) -> Self {
        Self { limits, buckets: Mutex::default() }
    }

    /// Waits for a token of `action`.
    ///
    /// # Errors
    /// [`TooLate`] when the next token comes after `deadline`; none is taken.
    pub(crate) async fn acquire(
        &self,
        action: &'static str,
        deadline: Instant,
    ) -> Result<(), TooLate> {
        loop {
            let next = self.with_bucket(action, |bucket| bucket.take(monotonic()));
            match next {
                None => return Ok(()),
                Some(at) if at > deadline => return Err(TooLate),
                Some(at) => tokio::time::sleep_until(at).await,
            }
        }
    }

    /// Records that the service throttled `action`, and for how long to leave it alone.
    pub(crate) fn throttled(&self, action: &'static str, pause: Duration) {
        let now = monotonic();
        let pause = pause.clamp(MIN_PAUSE, MAX_PAUSE);
        self.with_bucket(action, |bucket| bucket.pause(now, now + pause));
    }

    fn with_bucket<T>(&self, action: &'static str, use_it: impl FnOnce(&mut Bucket) -> T) -> T {
        let mut buckets = self.buckets.lock();
        let bucket = buckets
            .entry(action)
            .or_insert_with(|| Bucket::new(self.limits.rate(action), monotonic()));
        use_it(bucket)
    }
}

#[derive(Debug)]
struct Bucket {
    rate: Rate,
    tokens: f64,
    /// Current share of the nominal rate, in `MIN_SHARE..=1`.
    share: f64,
    refilled: Instant,
    paused_until: Option<Instant>,
}

impl Bucket {
    fn new(rate: Rate, now: Instant) -> Self {
        let tokens = f64::from(rate.burst.max(1));
        Self { rate, tokens, share: 1.0, refilled: now, paused_until: None }
    }

    fn per_second(&self) -> f64 {
        f64::from(self.rate.per_minute.max(1)) * self.share / 60.0
    }

    fn refill(&mut self, now: Instant) {
        let elapsed = now.saturating_duration_since(self.refilled).as_secs_f64();
        let burst = f64::from(self.rate.burst.max(1));
        self.tokens = (self.tokens + elapsed * self.per_second()).min(burst);
        self.share = (self.share + elapsed / 60.0 * RECOVERY_PER_MINUTE).min(1.0);
        self.refilled = now;
    }

    /// Takes a token, or says when to ask again.
    fn take(&mut self, now: Instant) -> Option<Instant> {
        if let Some(until) = self.paused_until.filter(|until| now < *until) {
            return Some(until);
        }
        self.refill(now);
        // A hair below one counts as one, or rounding would ask for a wait of nothing for ever.
        if self.tokens > 1.0 - 1e-6 {
            self.tokens -= 1.0;
            return None;
        }
        let wait = Duration::from_secs_f64((1.0 - self.tokens) / self.per_second());
        Some(now + wait.max(Duration::from_millis(1)))
    }

    fn pause(&mut self, now: Instant, until: Instant) {
        self.refill(now);
        // Answers to calls that were under way together are one event, not several.
        if self.paused_until.is_none_or(|paused| paused <= now) {
            self.share = (self.share / 2.0).max(MIN_SHARE);
        }
        // One probe at the end of the pause, whatever was spent before it.
        self.tokens = 1.0;
        self.refilled = until;
        self.paused_until = Some(self.paused_until.map_or(until, |paused| paused.max(until)));
    }
}

/// How long to leave an action alone after a throttled answer.
///
/// The service's hint decides; without one, or together with it when the action was throttled twice in a row, the
/// next wall-clock minute does, because the service counts per minute.
pub(crate) fn pause(hint: Option<Duration>, repeated: bool, now: DateTime<Utc>) -> Duration {
    match hint {
        Some(hint) if repeated => hint.max(to_next_minute(now)),
        Some(hint) => hint,
        None => to_next_minute(now),
    }
}

/// Time until the wall clock shows the next full minute; never zero.
fn to_next_minute(now: DateTime<Utc>) -> Duration {
    let gone = Duration::from_secs(u64::from(now.second()))
        + Duration::from_nanos(u64::from(now.nanosecond().min(999_999_999)));
    Duration::from_secs(60) - gone
}

/// The wait a throttled answer asks for: `x-acs-retry-after`, else the larger `TimeLeft` of the older headers.
///
/// Both are milliseconds; zero, negative, empty and non-numeric values are no hint.
pub(crate) fn hint(headers: &HeaderMap) -> Option<Duration> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let millis = |text: &str| text.trim().parse::<u64>().ok().filter(|millis| *millis > 0);
    let left = |name: &str| {
        let mut parts = text(name)?.split(',').filter_map(|part| part.split_once(':'));
        parts.find(|(key, _)| key.trim() == "TimeLeft").and_then(|(_, value)| millis(value))
    };
    text("x-acs-retry-after")
        .and_then(millis)
        .or_else(|| left("x-ratelimit-user-api").max(left("x-ratelimit-user")))
        .map(Duration::from_millis)
}

#[cfg(test)]
mod tests;
