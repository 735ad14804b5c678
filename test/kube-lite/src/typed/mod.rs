//! Built-in kinds are decoded into their types: unknown fields and wrong types are found here.
//!
//! Source: Kubernetes API (field validation). Types are those of the OpenAPI definitions.

mod decode;
mod shape;
#[cfg(test)]
mod tests;

use serde_json::Value;

use self::decode::Decoder;
use self::shape::Shapes;
use crate::error::ApiError;
use crate::kind::Kind;
use crate::request::FieldValidation;

/// Drops unknown fields and nulls of an object of a built-in kind.
///
/// Returns one warning per unknown field. Kinds without known types pass as they are. Cost is
/// linear in the object.
///
/// # Errors
/// `BadRequest` for a value of a wrong type, or for an unknown field under strict validation.
pub(crate) fn decode(
    kind: &Kind,
    object: &mut Value,
    validation: FieldValidation,
) -> Result<Vec<String>, ApiError> {
    let shapes = Shapes::get();
    let Some(root) = shapes.of_kind(kind) else { return Ok(Vec::new()) };
    let refuse = |why: &str| {
        Err(ApiError::bad_request(format!(
            "{kind} in version {version:?} cannot be handled as a {kind}: {why}",
            kind = kind.kind,
            version = kind.version,
        )))
    };
    let mut decoder = Decoder::new(shapes);
    if let Err(problem) = decoder.decode(root, object) {
        return refuse(&problem);
    }
    let unknown: Vec<String> =
        decoder.unknown.iter().map(|path| format!("unknown field {path:?}")).collect();
    match validation {
        FieldValidation::Strict if !unknown.is_empty() => {
            refuse(&format!("strict decoding error: {}", unknown.join(", ")))
        }
        FieldValidation::Strict | FieldValidation::Warn => Ok(unknown),
        FieldValidation::Ignore => Ok(Vec::new()),
    }
}
