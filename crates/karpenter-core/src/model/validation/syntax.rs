//! Syntax of label keys and values.
//!
//! Source: Kubernetes API, labels and selectors.

const MAX_DOMAIN: usize = 253;
const MAX_NAME: usize = 63;

/// Whether the text is a name with an optional domain before a single `/`.
pub fn is_qualified_name(text: &str) -> bool {
    match text.split_once('/') {
        Some((domain, name)) => is_subdomain(domain) && is_name(name),
        None => is_name(text),
    }
}

/// Whether the text can be the value of a label; the empty one can.
pub(super) fn is_label_value(text: &str) -> bool {
    text.is_empty() || is_name(text)
}

fn is_name(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    text.len() <= MAX_NAME && text.bytes().all(inner) && has_alphanumeric_ends(text)
}

fn is_subdomain(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let is_part = |part: &str| part.bytes().all(inner) && has_alphanumeric_ends(part);
    text.len() <= MAX_DOMAIN && text.split('.').all(is_part)
}

fn has_alphanumeric_ends(text: &str) -> bool {
    let bytes = text.as_bytes();
    [bytes.first(), bytes.last()].iter().all(|end| end.is_some_and(u8::is_ascii_alphanumeric))
}
