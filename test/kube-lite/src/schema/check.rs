//! Types, bounds and shapes; everything but CEL.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::node::{Bounds, Node};
use super::normalize::join;
use crate::error::Cause;

/// What a check found.
#[derive(Debug, Default)]
pub(super) struct Checked {
    pub(super) causes: Vec<Cause>,
    /// An error that makes the rules meaningless: wrong type, missing member, unknown choice, …
    pub(super) blocking: bool,
}

impl Checked {
    fn push(&mut self, cause: Cause) {
        self.causes.push(cause);
    }

    fn block(&mut self, cause: Cause) {
        self.blocking = true;
        self.causes.push(cause);
    }
}

/// Checks a value, skipping what is equal to its old counterpart.
pub(super) fn check(
    node: &Node,
    value: &Value,
    old: Option<&Value>,
    path: &str,
    found: &mut Checked,
) {
    if old == Some(value) || (value.is_null() && node.nullable) {
        return;
    }
    if let Some(expected) = wrong_type(node, value) {
        let detail = format!("{path} in body must be of type {expected}: {:?}", type_name(value));
        let message = format!("Invalid value: {:?}: {detail}", type_name(value));
        found.block(Cause::new("FieldValueTypeInvalid", path, message));
        return;
    }
    if !node.choices.is_empty() && !node.choices.contains(value) {
        let supported: Vec<String> = node.choices.iter().map(Value::to_string).collect();
        let message =
            format!("Unsupported value: {value}: supported values: {}", supported.join(", "));
        found.block(Cause::new("FieldValueNotSupported", path, message));
    }
    match value {
        Value::Object(members) => check_object(node, members, old, path, found),
        Value::Array(items) => check_list(node, items, old, path, found),
        Value::String(text) => check_text(node, text, path, found),
        Value::Number(_) => check_number(&node.bounds, value, path, found),
        Value::Bool(_) | Value::Null => {}
    }
    check_branches(node, value, path, found);
}

/// The expected type, when the value is of another.
fn wrong_type<'a>(node: &'a Node, value: &Value) -> Option<&'a str> {
    if node.int_or_string {
        let fits = value.is_string() || value.is_i64() || value.is_u64();
        return (!fits).then_some("integer or string");
    }
    let expected = node.value_type.as_deref()?;
    let fits = match expected {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "number" => value.is_number(),
        "integer" => value.as_f64().is_some_and(|number| number.fract() == 0.0),
        _ => true,
    };
    (!fits).then_some(expected)
}

fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

fn check_object(
    node: &Node,
    members: &Map<String, Value>,
    old: Option<&Value>,
    path: &str,
    found: &mut Checked,
) {
    for name in node.required.iter().filter(|name| !members.contains_key(*name)) {
        found.block(Cause::required(&join(path, name), ""));
    }
    let count = members.len() as u64;
    if let Some(limit) = node.bounds.max_properties.filter(|limit| count > *limit) {
        found.block(too_many(path, count, limit));
    }
    if let Some(limit) = node.bounds.min_properties.filter(|limit| count < *limit) {
        let detail = format!("{path} in body should have at least {limit} properties");
        found.push(Cause::invalid(path, &json!(count), detail));
    }
    let root = path.is_empty();
    for (name, value) in members.iter().filter(|(name, _)| !(root && *name == "metadata")) {
        if let Some(schema) = node.member(name) {
            let old = old.and_then(|old| old.get(name));
            check(schema, value, old, &join(path, name), found);
        }
    }
}

fn check_list(node: &Node, items: &[Value], old: Option<&Value>, path: &str, found: &mut Checked) {
    let count = items.len() as u64;
    if let Some(limit) = node.bounds.max_items.filter(|limit| count > *limit) {
        found.block(too_many(path, count, limit));
    }
    if let Some(limit) = node.bounds.min_items.filter(|limit| count < *limit) {
        let detail = format!("{path} in body should have at least {limit} items");
        found.push(Cause::invalid(path, &json!(count), detail));
    }
    let mut seen = BTreeSet::new();
    for (index, item) in items.iter().enumerate() {
        let at = format!("{path}[{index}]");
        if let Some(identity) = node.list.identity(item)
            && !seen.insert(identity.clone())
        {
            let message = format!("Duplicate value: {identity}");
            found.block(Cause::new("FieldValueDuplicate", &at, message));
        }
        if let Some(schema) = &node.items {
            let old = old.and_then(|old| node.correlated(item, old));
            check(schema, item, old, &at, found);
        }
    }
}

fn too_many(path: &str, count: u64, limit: u64) -> Cause {
    let message = format!("Too many: {count}: must have at most {limit} items");
    Cause::new("FieldValueTooMany", path, message)
}

fn check_text(node: &Node, text: &str, path: &str, found: &mut Checked) {
    let length = text.chars().count() as u64;
    if let Some(limit) = node.bounds.max_length.filter(|limit| length > *limit) {
        let message = format!("Too long: may not be more than {limit} bytes");
        found.block(Cause::new("FieldValueTooLong", path, message));
    }
    if let Some(limit) = node.bounds.min_length.filter(|limit| length < *limit) {
        let detail = format!("{path} in body should be at least {limit} chars long");
        found.push(Cause::invalid(path, &json!(text), detail));
    }
    if let Some(pattern) = node.pattern.as_ref().filter(|pattern| !pattern.is_match(text)) {
        let detail = format!("{path} in body should match '{pattern}'");
        found.push(Cause::invalid(path, &json!(text), detail));
    }
    if node.format.as_deref() == Some("date-time") && text.parse::<jiff::Timestamp>().is_err() {
        let detail = format!("{path} in body must be of type date-time: {text:?}");
        found.push(Cause::invalid(path, &json!(text), detail));
    }
}

fn check_number(bounds: &Bounds, value: &Value, path: &str, found: &mut Checked) {
    let number = value.as_f64().unwrap_or_default();
    let mut refuse = |detail: String| found.push(Cause::invalid(path, value, detail));
    if let Some(limit) = bounds.minimum {
        let below = if bounds.exclusive_minimum { number <= limit } else { number < limit };
        if below {
            refuse(format!("{path} in body should be greater than or equal to {limit}"));
        }
    }
    if let Some(limit) = bounds.maximum {
        let above = if bounds.exclusive_maximum { number >= limit } else { number > limit };
        if above {
            refuse(format!("{path} in body should be less than or equal to {limit}"));
        }
    }
    if let Some(step) = bounds.multiple_of.filter(|step| number % step != 0.0) {
        refuse(format!("{path} in body should be a multiple of {step}"));
    }
}

/// `allOf`, `anyOf`, `oneOf` and `not`; branches constrain, they never prune or default.
fn check_branches(node: &Node, value: &Value, path: &str, found: &mut Checked) {
    let admits = |branch: &Node| {
        let mut inner = Checked::default();
        check(branch, value, None, path, &mut inner);
        inner.causes.is_empty()
    };
    for branch in &node.all_of {
        check(branch, value, None, path, found);
    }
    let mut refuse = |detail: &str| {
        found.block(Cause::invalid(path, value, format!("{path} in body {detail}")));
    };
    if !node.any_of.is_empty() && !node.int_or_string && !node.any_of.iter().any(admits) {
        refuse("must validate at least one schema (anyOf)");
    }
    if !node.one_of.is_empty() && node.one_of.iter().filter(|branch| admits(branch)).count() != 1 {
        refuse("must validate one and only one schema (oneOf)");
    }
    if node.not.as_ref().is_some_and(|branch| admits(branch)) {
        refuse("must not validate the schema (not)");
    }
}
