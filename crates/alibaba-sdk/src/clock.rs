//! The two clocks of the crate: wall time is an argument, waiting uses the runtime's clock.

use std::sync::Arc;

use chrono::{DateTime, SecondsFormat, Utc};
use tokio::time::Instant;

/// The wall clock, handed in by the caller; read for signing dates, credential expiry and minute boundaries.
pub type WallClock = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;

/// The runtime's monotonic clock, which stands still and jumps with virtual time.
#[expect(clippy::disallowed_methods, reason = "the one place that reads the runtime's clock")]
pub(crate) fn monotonic() -> Instant {
    Instant::now()
}

/// `YYYY-MM-DDThh:mm:ssZ`, the form every signature wants.
#[must_use]
pub fn iso_seconds(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// The RFC 1123 form in GMT, as in HTTP `Date` headers.
#[must_use]
pub fn http_date(time: DateTime<Utc>) -> String {
    time.format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}
