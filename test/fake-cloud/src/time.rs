//! The time forms of the wire: ISO 8601 in UTC, with seconds or with minutes only.

use chrono::{DateTime, NaiveDateTime, Utc};

/// `2026-01-02T03:04:05Z`.
pub(crate) fn seconds(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// `2026-01-02T03:04Z`, the precision of instance times.
pub(crate) fn minutes(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%dT%H:%MZ").to_string()
}

/// Reads both precisions; anything else is `None`.
pub(crate) fn parse(text: &str) -> Option<DateTime<Utc>> {
    ["%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%MZ"]
        .iter()
        .find_map(|form| NaiveDateTime::parse_from_str(text, form).ok())
        .map(|naive| naive.and_utc())
}

/// `Fri, 02 Jan 2026 03:04:05 GMT`, the form of the `Date` header.
pub(crate) fn http_date(at: DateTime<Utc>) -> String {
    at.format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// Reads the form of the `Date` header.
pub(crate) fn parse_http_date(text: &str) -> Option<DateTime<Utc>> {
    NaiveDateTime::parse_from_str(text, "%a, %d %b %Y %H:%M:%S GMT").ok().map(|t| t.and_utc())
}
