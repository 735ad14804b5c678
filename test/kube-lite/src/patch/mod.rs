//! The three patch kinds that edit an untyped object; an apply patch is `ownership`.

mod strategic;
#[cfg(test)]
mod tests;

use serde_json::Value;

pub(crate) use self::strategic::merge_key;
use self::strategic::strategic_merge;
use crate::error::ApiError;
use crate::kind::Kind;
use crate::request::PatchType;

/// The object after a patch; the input is left alone.
///
/// # Errors
/// `BadRequest` when the body is no patch of its type; `Invalid` when an operation of a JSON patch
/// fails, its `test` included.
pub(crate) fn apply(
    kind: &Kind,
    patch_type: PatchType,
    object: &Value,
    body: &Value,
) -> Result<Value, ApiError> {
    let mut patched = object.clone();
    match patch_type {
        PatchType::Json => {
            let operations: json_patch::Patch = serde_json::from_value(body.clone())
                .map_err(|error| ApiError::bad_request(format!("json patch: {error}")))?;
            json_patch::patch(&mut patched, &operations).map_err(|error| {
                ApiError::unprocessable(format!("the server rejected our request: {error}"))
            })?;
        }
        _ if !body.is_object() => {
            return Err(ApiError::bad_request("the patch must be an object"));
        }
        PatchType::Merge => json_patch::merge(&mut patched, body),
        PatchType::Strategic => strategic_merge(&kind.kind, &mut patched, body),
        PatchType::Apply => {
            return Err(ApiError::internal("an apply patch is no edit of the stored object"));
        }
    }
    if !patched.is_object() {
        return Err(ApiError::unprocessable("the patched value is not an object"));
    }
    Ok(patched)
}
