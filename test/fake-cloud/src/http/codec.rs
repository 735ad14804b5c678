//! Percent-encoding as signatures need it, and form decoding as servers do it.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode, utf8_percent_encode};

/// All but letters, digits and `- _ . ~`.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// Encodes every byte that is not unreserved as `%XX` in upper case.
pub(crate) fn encode(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

/// Decodes `%XX`; bytes that are not UTF-8 become U+FFFD.
pub(crate) fn decode(text: &str) -> String {
    percent_decode(text.as_bytes()).decode_utf8_lossy().into_owned()
}

/// Decodes a query or form: `+` and `%20` are spaces, a member without `=` has an empty value.
pub(crate) fn decode_form(text: &str) -> Vec<(String, String)> {
    let plus = |part: &str| decode(&part.replace('+', " "));
    text.split('&')
        .filter(|member| !member.is_empty())
        .map(|member| member.split_once('=').unwrap_or((member, "")))
        .map(|(name, value)| (plus(name), plus(value)))
        .collect()
}

/// The canonical query: encoded, sorted by key bytes, `key=` for empty values.
pub(crate) fn canonical_query(pairs: &[(String, String)]) -> String {
    let mut sorted: Vec<&(String, String)> = pairs.iter().collect();
    sorted.sort();
    let member = |(name, value): &(String, String)| format!("{}={}", encode(name), encode(value));
    sorted.into_iter().map(member).collect::<Vec<_>>().join("&")
}
