//! Flattening of a request struct into RPC parameters.
//!
//! A request is an ordinary `serde::Serialize` struct whose field names are the parameter names. Lists become
//! `Name.1`, `Name.2`, …; structs become `Name.Field`; both compose (`Tag.1.Key`). Parameters that travel as
//! JSON text (`InstanceIds` of DescribeInstances) are marked with `json_text`.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::{Serialize, Serializer, ser::Error as _};
use serde_json::Value;

/// Parameters of one call, ordered by raw key bytes as the signatures need them.
pub type Params = BTreeMap<String, String>;

/// Flattens `request` into parameters.
///
/// Absent options, nulls and empty lists send nothing. An empty string means "unset" and is left out too,
/// except as the value of a tag or filter (`….Value`), where it is legal. List indexes are contiguous.
///
/// # Errors
/// Only when `request` cannot be represented as JSON, or is not a struct or map.
///
/// Source: Alibaba Cloud OpenAPI, RPC style.
pub fn flatten<T: Serialize + ?Sized>(request: &T) -> Result<Params, serde_json::Error> {
    let value = serde_json::to_value(request)?;
    if !value.is_object() && !value.is_null() {
        return Err(serde_json::Error::custom("an RPC request must be a struct"));
    }
    let mut params = Params::new();
    push(&mut params, &mut String::new(), &value);
    Ok(params)
}

/// Appends the leaves below `prefix`; `prefix` is restored before returning.
fn push(params: &mut Params, prefix: &mut String, value: &Value) {
    match value {
        Value::Null => {}
        Value::Object(fields) => {
            for (name, field) in fields {
                descend(params, prefix, name, field);
            }
        }
        Value::Array(items) => {
            let present = items.iter().filter(|item| !item.is_null());
            for (position, item) in present.enumerate() {
                descend(params, prefix, &(position + 1).to_string(), item);
            }
        }
        Value::Bool(flag) => insert(params, prefix, flag.to_string()),
        Value::Number(number) => insert(params, prefix, decimal(number)),
        Value::String(text) if text.is_empty() && !prefix.ends_with(".Value") => {}
        Value::String(text) => insert(params, prefix, text.clone()),
    }
}

fn descend(params: &mut Params, prefix: &mut String, name: &str, value: &Value) {
    let end = prefix.len();
    if end > 0 {
        prefix.push('.');
    }
    prefix.push_str(name);
    push(params, prefix, value);
    prefix.truncate(end);
}

fn insert(params: &mut Params, key: &str, value: String) {
    params.insert(key.to_owned(), value);
}

/// The shortest decimal without an exponent; whole floats lose their fraction.
fn decimal(number: &serde_json::Number) -> String {
    let mut text = String::new();
    let written = match number.as_f64() {
        Some(float) if number.is_f64() => write!(text, "{float}"),
        _ => write!(text, "{number}"),
    };
    debug_assert!(written.is_ok(), "writing to a string cannot fail");
    text
}

/// `serialize_with` for parameters whose value is compact JSON text; an empty list sends nothing.
pub(crate) fn json_text<S: Serializer>(ids: &[String], serializer: S) -> Result<S::Ok, S::Error> {
    if ids.is_empty() {
        return serializer.serialize_none();
    }
    let text = serde_json::to_string(ids).map_err(S::Error::custom)?;
    serializer.serialize_str(&text)
}

/// `serialize_with` for optional structs whose value is compact JSON text.
pub(crate) fn json_struct<T: Serialize, S: Serializer>(
    value: &Option<T>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let Some(value) = value else {
        return serializer.serialize_none();
    };
    serializer.serialize_str(&serde_json::to_string(value).map_err(S::Error::custom)?)
}

/// `serialize_with` for parameters whose value is a comma-separated list; an empty list sends nothing.
pub(crate) fn comma_text<S: Serializer>(
    items: &[String],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    if items.is_empty() {
        return serializer.serialize_none();
    }
    serializer.serialize_str(&items.join(","))
}

#[cfg(test)]
mod tests;
