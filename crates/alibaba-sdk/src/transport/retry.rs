//! Which failures are worth another attempt, and when.
//!
//! | failure | reaction |
//! |---|---|
//! | not connected | counted attempt, jittered exponential pause |
//! | 5xx, broken connection, unreadable answer | the same, unless a repeat could create twice |
//! | throttled | the limiter's pause, not counted, bounded by the deadline |
//! | first call with the token still running | 1, 2, 4, 8, 15, 15, … s with the same token, not counted |
//! | nonce seen before | counted attempt at once |
//! | clock skew, refused token | once, after correction or refresh |
//! | anything else | given up |
//!
//! Source: ours; the official client does not retry by default.

use std::time::Duration;

use backon::{BackoffBuilder as _, ExponentialBackoff, ExponentialBuilder};
use rand::{RngExt as _, rngs::ChaCha8Rng};

use crate::{action::Resend, error::ErrorKind};

/// Bounds of repetition for one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryPolicy {
    /// Attempts that fail for passing reasons, the first included; default 4.
    pub max_attempts: u32,
    /// First pause is random in `0..=base`; default 300 ms. Doubles per attempt.
    pub base: Duration,
    /// Largest pause; default 8 s.
    pub cap: Duration,
    /// Time for all attempts and their pauses, waits for the limiter not included; default 30 s.
    pub total: Duration,
    /// Time for the whole call when the caller names no deadline of their own; default 90 s.
    pub deadline: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            max_attempts: 4,
            base: Duration::from_millis(300),
            cap: Duration::from_secs(8),
            total: Duration::from_secs(30),
            deadline: Duration::from_secs(90),
        }
    }
}

/// What to do about a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Report it.
    GiveUp,
    /// Send again after a pause.
    After(Duration),
    /// Send again when the limiter lets the action through.
    WhenAllowed,
    /// Send again with fresh credentials.
    RefreshCredentials,
    /// Send again with the clock set by the answer.
    CorrectClock,
}

/// Pauses while the first call with a `ClientToken` is running, in seconds; the last one repeats.
const IN_PROGRESS_SECONDS: [u64; 5] = [1, 2, 4, 8, 15];

/// The history of one call that decides on its next attempt.
pub(crate) struct Attempts {
    pauses: ExponentialBackoff,
    resend: Resend,
    in_progress: usize,
    refreshed: bool,
    corrected: bool,
}

impl Attempts {
    pub(crate) fn new(policy: &RetryPolicy, resend: Resend) -> Self {
        let more = usize::try_from(policy.max_attempts.saturating_sub(1)).unwrap_or(usize::MAX);
        let pauses = ExponentialBuilder::new()
            .with_factor(2.0)
            .with_min_delay(policy.base)
            .with_max_delay(policy.cap)
            .with_max_times(more)
            .build();
        Self { pauses, resend, in_progress: 0, refreshed: false, corrected: false }
    }

    /// Judges a failure of `kind`, and remembers it.
    pub(crate) fn judge(&mut self, kind: ErrorKind, random: &mut ChaCha8Rng) -> Verdict {
        match kind {
            ErrorKind::Throttled => Verdict::WhenAllowed,
            ErrorKind::InProgress => {
                let step = self.in_progress.min(IN_PROGRESS_SECONDS.len() - 1);
                self.in_progress += 1;
                Verdict::After(Duration::from_secs(IN_PROGRESS_SECONDS[step]))
            }
            ErrorKind::Token if !std::mem::replace(&mut self.refreshed, true) => {
                Verdict::RefreshCredentials
            }
            ErrorKind::ClockSkew if !std::mem::replace(&mut self.corrected, true) => {
                Verdict::CorrectClock
            }
            ErrorKind::NonceUsed if self.pauses.next().is_some() => Verdict::After(Duration::ZERO),
            ErrorKind::Unreachable => self.pause(random),
            ErrorKind::Transient | ErrorKind::Interrupted | ErrorKind::Unparsable
                if self.resend == Resend::Harmless =>
            {
                self.pause(random)
            }
            _ => Verdict::GiveUp,
        }
    }

    /// Full jitter: anywhere between nothing and the exponential ceiling.
    fn pause(&mut self, random: &mut ChaCha8Rng) -> Verdict {
        match self.pauses.next() {
            Some(ceiling) => Verdict::After(ceiling.mul_f64(random.random::<f64>())),
            None => Verdict::GiveUp,
        }
    }
}

#[cfg(test)]
mod tests;
