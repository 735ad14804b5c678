//! Rate limits: so many calls of one action per window of the wall clock.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::data::duration;
use crate::error::ApiError;

/// Calls allowed per window; windows start at multiples of their length, so a limit per minute is
/// lifted at the next full minute.
///
/// Source: Alibaba ECS API throttling.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RateLimit {
    calls: u32,
    #[serde(with = "duration")]
    window: TimeDelta,
    hint: bool,
}

impl RateLimit {
    /// At most `calls` per second.
    pub fn per_second(calls: u32) -> RateLimit {
        RateLimit { calls, window: TimeDelta::seconds(1), hint: false }
    }

    /// At most `calls` per wall-clock minute.
    pub fn per_minute(calls: u32) -> RateLimit {
        RateLimit { calls, window: TimeDelta::minutes(1), hint: false }
    }

    /// Refusals carry `x-acs-retry-after` with the milliseconds to the next window.
    #[must_use]
    pub fn with_retry_after(mut self) -> RateLimit {
        self.hint = true;
        self
    }
}

/// Limits by action and what is used of the current window.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Throttles {
    limits: BTreeMap<String, (RateLimit, Usage)>,
}

#[derive(Debug, Default, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Usage {
    window: i64,
    calls: u32,
}

impl Throttles {
    /// Sets or (with `None`) lifts the limit of `action`.
    pub(crate) fn set(&mut self, action: &str, limit: Option<RateLimit>) {
        match limit {
            Some(limit) => {
                self.limits.insert(action.to_owned(), (limit, Usage::default()));
            }
            None => {
                self.limits.remove(action);
            }
        }
    }

    /// Counts a call of `action`.
    ///
    /// # Errors
    /// `Throttling.User` when the window is used up; such a call is not counted.
    pub(crate) fn admit(&mut self, action: &str, now: DateTime<Utc>) -> Result<(), ApiError> {
        let Some((limit, usage)) = self.limits.get_mut(action) else { return Ok(()) };
        let length = limit.window.num_milliseconds();
        let window = now.timestamp_millis().div_euclid(length);
        if usage.window != window {
            *usage = Usage { window, calls: 0 };
        }
        if usage.calls < limit.calls {
            usage.calls += 1;
            return Ok(());
        }
        let mut error =
            ApiError::bad("Throttling.User", "Request was denied due to user flow control.");
        error.retry_after_ms = limit.hint.then(|| (window + 1) * length - now.timestamp_millis());
        Err(error)
    }
}
