//! Reading code, message and request id out of an error answer.
//!
//! RPC products answer `{"Code","Message","RequestId"}`, CS answers `{"code","message","requestId"}`, gateways
//! answer HTML: keys are compared without case and without `_`, anything else becomes `UnparsableResponse`.

use http::{HeaderMap, StatusCode};
use serde_json::{Map, Value};

use super::{ErrorKind, SdkError, UNPARSABLE};

/// Bytes of a foreign body kept in the message.
const EXCERPT_BYTES: usize = 256;
/// Characters of a service message kept.
const MESSAGE_CHARS: usize = 1024;

/// The error that an answer outside 2xx stands for.
pub(crate) fn parse_error(
    action: &'static str,
    status: StatusCode,
    headers: &HeaderMap,
    body: &[u8],
) -> SdkError {
    let header_id =
        headers.get("x-acs-request-id").and_then(|id| id.to_str().ok()).map(str::to_owned);
    let fields = match serde_json::from_slice(body) {
        Ok(Value::Object(fields)) => fields,
        _ => Map::new(),
    };
    let request_id = member(&fields, "requestid").or(header_id);
    match member(&fields, "code") {
        Some(code) => {
            let message = member(&fields, "message").unwrap_or_default();
            let message: String = message.chars().take(MESSAGE_CHARS).collect();
            SdkError { request_id, ..SdkError::service(action, status.as_u16(), code, message) }
        }
        None => SdkError { request_id, ..unparsable(action, status, body) },
    }
}

/// The error for an answer that is not the documented JSON.
fn unparsable(action: &'static str, status: StatusCode, body: &[u8]) -> SdkError {
    let excerpt = String::from_utf8_lossy(&body[..body.len().min(EXCERPT_BYTES)]);
    let error = SdkError::service(action, status.as_u16(), UNPARSABLE, excerpt);
    // A gateway's 429 is still a throttle, and its 4xx still no reason to repeat.
    let kind = match status.as_u16() {
        429 => ErrorKind::Throttled,
        400..=499 => ErrorKind::Other,
        _ => ErrorKind::Unparsable,
    };
    SdkError { kind, ..error }
}

/// The text of the member whose name is `name` apart from case and `_`; numbers are printed.
fn member(fields: &Map<String, Value>, name: &str) -> Option<String> {
    let (_, value) =
        fields.iter().find(|(key, _)| key.replace('_', "").eq_ignore_ascii_case(name))?;
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}
