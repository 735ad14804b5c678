//! Percent-encoding as every Alibaba Cloud signature defines it.
//!
//! Unreserved are `A–Z a–z 0–9 - _ . ~`; each other byte of the UTF-8 form becomes `%XX` in upper case, so a
//! space is `%20` and never `+`. The request line carries exactly the bytes that were signed.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// Everything except the unreserved characters of RFC 3986.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// Encodes one key, value or path segment; `/` becomes `%2F`.
///
/// Source: Alibaba Cloud OpenAPI, request signatures.
#[must_use]
pub fn encode(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

/// Joins pairs as `key=value` with `&` in the given order, both sides encoded; an empty value keeps its `=`.
pub(crate) fn encode_pairs<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut text = String::new();
    for (key, value) in pairs {
        if !text.is_empty() {
            text.push('&');
        }
        text.extend(utf8_percent_encode(key, RESERVED));
        text.push('=');
        text.extend(utf8_percent_encode(value, RESERVED));
    }
    text
}
