//! Bounds on objects and patches.
//!
//! Source: Kubernetes API (etcd limits: request size), Kubernetes API reference (patch).

use serde_json::Value;

use crate::error::ApiError;

/// Largest object that is stored, in bytes of JSON.
const MAX_OBJECT: usize = 3 << 19;

/// Deepest nesting of an object; a parser reads a few levels more.
const MAX_DEPTH: usize = 120;

/// Most operations of a JSON patch.
const MAX_OPERATIONS: usize = 10_000;

/// Refuses objects that are too large or too deep to be stored.
///
/// # Errors
/// Code 500 for an object of more than 1.5 MiB, as a genuine store answers; `BadRequest` for one
/// nested too deeply.
pub(crate) fn check_object(object: &Value) -> Result<(), ApiError> {
    match size(object, MAX_DEPTH) {
        None => Err(ApiError::bad_request("the object provided is nested too deeply")),
        Some(bytes) if bytes > MAX_OBJECT => {
            Err(ApiError::unexplained("etcdserver: request is too large"))
        }
        Some(_) => Ok(()),
    }
}

/// Refuses JSON patches of too many operations.
///
/// # Errors
/// `RequestEntityTooLarge`.
pub(crate) fn check_patch(patch: &Value) -> Result<(), ApiError> {
    let operations = patch.as_array().map_or(0, Vec::len);
    if operations > MAX_OPERATIONS {
        return Err(ApiError::too_many_operations(MAX_OPERATIONS, operations));
    }
    Ok(())
}

/// About the bytes of a value as JSON; `None` when it is deeper than `depth`.
fn size(value: &Value, depth: usize) -> Option<usize> {
    let depth = depth.checked_sub(1)?;
    Some(match value {
        Value::Null | Value::Bool(_) => 4,
        Value::Number(_) => 8,
        Value::String(text) => text.len() + 2,
        Value::Array(items) => {
            let sizes = items.iter().map(|item| Some(size(item, depth)? + 1));
            sizes.sum::<Option<usize>>()? + 1
        }
        Value::Object(members) => {
            let sizes =
                members.iter().map(|(name, value)| Some(name.len() + 4 + size(value, depth)?));
            sizes.sum::<Option<usize>>()? + 1
        }
    })
}
