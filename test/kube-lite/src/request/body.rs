//! Request bodies: JSON or YAML, and the four kinds of patch.

use http::HeaderMap;
use http::header::CONTENT_TYPE;
use serde_json::Value;

use crate::error::ApiError;
use crate::limits;

/// How a PATCH body is to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PatchType {
    /// A list of operations.
    Json,
    /// Members replace members, null removes.
    Merge,
    /// As merge, with lists merged by key; built-in kinds only.
    Strategic,
    /// Created when absent, else merged.
    Apply,
}

/// Reads a body as one JSON value; an empty body is `null`.
///
/// # Errors
/// `UnsupportedMediaType` for anything that is neither JSON nor YAML, `BadRequest` when the text
/// cannot be read.
pub(crate) fn decode(headers: &HeaderMap, body: &[u8]) -> Result<Value, ApiError> {
    if body.is_empty() {
        return Ok(Value::Null);
    }
    match media_type(headers) {
        "" | "application/json" => json(body),
        "application/yaml" => yaml(body),
        _ => Err(ApiError::unsupported_media_type("application/json, application/yaml")),
    }
}

/// Reads the type and value of a patch.
///
/// # Errors
/// As [`decode`].
pub(crate) fn patch_type(headers: &HeaderMap, body: &[u8]) -> Result<(PatchType, Value), ApiError> {
    match media_type(headers) {
        "application/json-patch+json" => {
            let patch = json(body)?;
            limits::check_patch(&patch)?;
            Ok((PatchType::Json, patch))
        }
        "application/merge-patch+json" => Ok((PatchType::Merge, json(body)?)),
        "application/strategic-merge-patch+json" => Ok((PatchType::Strategic, json(body)?)),
        "application/apply-patch+yaml" => Ok((PatchType::Apply, yaml(body)?)),
        _ => Err(ApiError::unsupported_media_type(
            "application/json-patch+json, application/merge-patch+json, \
             application/strategic-merge-patch+json, application/apply-patch+yaml",
        )),
    }
}

fn media_type(headers: &HeaderMap) -> &str {
    let value = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    value.split(';').next().unwrap_or("").trim()
}

fn json(body: &[u8]) -> Result<Value, ApiError> {
    serde_json::from_slice(body).map_err(|error| {
        ApiError::bad_request(format!("the object provided is not valid JSON: {error}"))
    })
}

/// JSON is tried first: it is YAML too, and what programs send.
fn yaml(body: &[u8]) -> Result<Value, ApiError> {
    if let Ok(value) = serde_json::from_slice(body) {
        return Ok(value);
    }
    serde_saphyr::from_slice(body).map_err(|error| {
        ApiError::bad_request(format!("the object provided is not valid YAML: {error}"))
    })
}
