//! Common steps of all writes: names, defaults, schema.

use serde_json::Value;

use crate::crd;
use crate::defaults;
use crate::error::{ApiError, Cause};
use crate::kind::Kind;
use crate::limits;
use crate::object::{meta_str, metadata};
use crate::request::FieldValidation;
use crate::store::Stored;

/// Answer of a write.
#[derive(Debug)]
pub(crate) struct Written {
    /// The object as stored.
    pub(crate) stored: Stored,
    /// Whether it is new: code 201 instead of 200.
    pub(crate) created: bool,
    /// Texts for `Warning` headers.
    pub(crate) warnings: Vec<String>,
}

/// Fills in defaults and checks the object against the rules of its kind.
///
/// Returns warnings about unknown fields.
///
/// # Errors
/// `Invalid` with one cause per broken rule; `BadRequest` for unknown fields under strict
/// validation.
pub(crate) fn admit(
    kind: &Kind,
    object: &mut Value,
    old: Option<&Value>,
    validation: FieldValidation,
) -> Result<Vec<String>, ApiError> {
    let warnings = match &kind.schema {
        Some(schema) => schema.admit(kind, object, old, validation)?,
        None => {
            defaults::fill(kind, object, old);
            Vec::new()
        }
    };
    if kind.is(crd::GROUP, crd::PLURAL) {
        crd::check(object)?;
    }
    check_metadata(kind, object)?;
    limits::check_object(object)?;
    Ok(warnings)
}

/// Sets kind and version when absent.
///
/// # Errors
/// `BadRequest` when the object is of another kind or version than the path.
pub(crate) fn check_type(kind: &Kind, object: &mut Value) -> Result<(), ApiError> {
    let Some(members) = object.as_object_mut() else {
        return Err(ApiError::bad_request("the object provided is not a JSON object"));
    };
    for (member, expected) in [("apiVersion", kind.api_version()), ("kind", kind.kind.clone())] {
        match members.get(member).and_then(Value::as_str).unwrap_or("") {
            "" => {
                members.insert(member.to_owned(), Value::String(expected));
            }
            given if given != expected => {
                return Err(ApiError::bad_request(format!(
                    "the {member} in the data ({given}) does not match the expected {member} \
                     ({expected})"
                )));
            }
            _ => {}
        }
    }
    Ok(())
}

/// Puts the namespace of the path into the object, or removes it for cluster-scoped kinds.
///
/// # Errors
/// `BadRequest` when the object names another namespace.
pub(crate) fn check_namespace(
    kind: &Kind,
    object: &mut Value,
    namespace: &str,
) -> Result<(), ApiError> {
    let given = meta_str(object, "namespace").unwrap_or("");
    if !given.is_empty() && given != namespace {
        return Err(ApiError::bad_request(
            "the namespace of the provided object does not match the namespace sent on the request",
        ));
    }
    if kind.namespaced {
        metadata(object).insert("namespace".into(), namespace.into());
    } else {
        metadata(object).remove("namespace");
    }
    Ok(())
}

fn check_metadata(kind: &Kind, object: &Value) -> Result<(), ApiError> {
    let name = meta_str(object, "name").unwrap_or("");
    let mut causes = Vec::new();
    if let Some(problem) = name_problem(name) {
        causes.push(Cause::invalid("metadata.name", &name.into(), problem));
    }
    for (member, restricted) in [("labels", true), ("annotations", false)] {
        let values = object["metadata"].get(member).and_then(Value::as_object);
        for (key, value) in values.into_iter().flatten() {
            let field = format!("metadata.{member}");
            let Some(text) = value.as_str() else {
                return Err(ApiError::bad_request(format!(
                    "{field}.{key}: the value must be a string"
                )));
            };
            if restricted && !is_label_value(text) {
                causes.push(Cause::invalid(&field, value, LABEL_VALUE));
            }
        }
    }
    match causes.as_slice() {
        [] => Ok(()),
        causes => Err(ApiError::invalid(kind, name, causes)),
    }
}

const LABEL_VALUE: &str = "a valid label must be an empty string or consist of alphanumeric \
     characters, '-', '_' or '.', and must start and end with an alphanumeric character";

fn is_label_value(text: &str) -> bool {
    let bytes = text.as_bytes();
    let inner = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    let edge = |b: Option<&u8>| b.is_none_or(u8::is_ascii_alphanumeric);
    bytes.len() <= 63 && bytes.iter().all(inner) && edge(bytes.first()) && edge(bytes.last())
}

/// Names are DNS subdomains of at most 253 characters; `:` is let through for role-like names.
fn name_problem(name: &str) -> Option<&'static str> {
    let bytes = name.as_bytes();
    let inner =
        |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'.' | b':');
    let edge = |b: Option<&u8>| b.is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    if bytes.len() > 253 {
        return Some("must be no more than 253 characters");
    }
    (!bytes.iter().all(inner) || !edge(bytes.first()) || !edge(bytes.last())).then_some(
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' \
         or '.', and must start and end with an alphanumeric character",
    )
}
