//! The only place that reads a clock.

use std::time::Duration;

use jiff::Timestamp;

/// Tells the time and waits for it; the same code runs on the wall clock and in virtual time.
///
/// The simulated clock is an epoch plus the time tokio says has passed, so pausing and advancing tokio's
/// clock moves timestamps and timers together.
#[derive(Debug, Clone)]
pub struct Clock(Source);

#[derive(Debug, Clone)]
enum Source {
    System,
    Simulated { epoch: Timestamp, start: tokio::time::Instant },
}

impl Clock {
    /// The wall clock of this machine.
    pub fn system() -> Self {
        Self(Source::System)
    }

    /// A clock that shows `epoch` now and advances with tokio's clock. Must be called inside a runtime.
    #[expect(clippy::disallowed_methods, reason = "the clock itself")]
    pub fn simulated(epoch: Timestamp) -> Self {
        Self(Source::Simulated { epoch, start: tokio::time::Instant::now() })
    }

    /// The current time.
    #[expect(clippy::disallowed_methods, reason = "the clock itself")]
    pub fn now(&self) -> Timestamp {
        match &self.0 {
            Source::System => Timestamp::now(),
            Source::Simulated { epoch, start } => *epoch + start.elapsed(),
        }
    }

    /// Whether time is virtual.
    pub fn is_simulated(&self) -> bool {
        matches!(self.0, Source::Simulated { .. })
    }

    /// Waits until the clock shows `at`; returns at once when that is in the past.
    pub async fn sleep_until(&self, at: Timestamp) {
        let wait = Duration::try_from(at.duration_since(self.now())).unwrap_or(Duration::ZERO);
        tokio::time::sleep(wait).await;
    }
}

/// `at` without its fraction of a second.
pub fn in_seconds(at: Timestamp) -> Timestamp {
    Timestamp::from_second(at.as_second()).unwrap_or(at)
}
