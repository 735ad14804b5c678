//! Times as the API writes them.

use jiff::Timestamp;

/// RFC 3339 in whole seconds.
pub(crate) fn text(at: Timestamp) -> String {
    Timestamp::from_second(at.as_second()).unwrap_or_default().to_string()
}
