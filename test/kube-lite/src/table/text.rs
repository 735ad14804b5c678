//! Pieces of cells that several kinds share.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::age;
use crate::object::{int_at, list, meta_str, str_at};

/// Age of an object.
pub(super) fn age(object: &Value, now: Timestamp) -> Value {
    json!(age::since(meta_str(object, "creationTimestamp"), now))
}

/// Text at a pointer, or `absent`.
pub(super) fn or(object: &Value, pointer: &str, absent: &str) -> Value {
    json!(str_at(object, pointer).filter(|text| !text.is_empty()).unwrap_or(absent))
}

/// Number at a pointer, or zero.
pub(super) fn count(object: &Value, pointer: &str) -> i64 {
    int_at(object, pointer).unwrap_or_default()
}

/// A scalar as it is printed: text without quotes.
pub(super) fn scalar(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Names and images of a pod template's containers, each joined by commas.
pub(super) fn containers(pod_spec: Option<&Value>) -> [Value; 2] {
    let containers = pod_spec.map(|spec| list(spec, "/containers")).unwrap_or_default();
    ["name", "image"].map(|member| {
        let texts: Vec<&str> = containers.iter().filter_map(|c| c[member].as_str()).collect();
        json!(texts.join(","))
    })
}

/// A label selector, or a plain map of labels, in the form the command line takes.
pub(super) fn selector(selector: Option<&Value>) -> Value {
    let Some(selector) = selector.filter(|s| s.is_object()) else { return json!("<none>") };
    let structured = selector.get("matchLabels").or(selector.get("matchExpressions")).is_some();
    let labels = if structured { selector.get("matchLabels") } else { Some(selector) };
    let labels = labels.and_then(Value::as_object).into_iter().flatten();
    let mut terms: Vec<String> =
        labels.map(|(key, value)| format!("{key}={}", scalar(value))).collect();
    terms.extend(list(selector, "/matchExpressions").iter().map(expression));
    match terms.join(",") {
        none if none.is_empty() => json!("<none>"),
        terms => json!(terms),
    }
}

fn expression(expression: &Value) -> String {
    let key = str_at(expression, "/key").unwrap_or("");
    let values: Vec<&str> = list(expression, "/values").iter().filter_map(Value::as_str).collect();
    match str_at(expression, "/operator").unwrap_or("") {
        "In" => format!("{key} in ({})", values.join(",")),
        "NotIn" => format!("{key} notin ({})", values.join(",")),
        "DoesNotExist" => format!("!{key}"),
        _ => key.to_owned(),
    }
}

/// Number of members of a map.
pub(super) fn size(object: &Value, pointer: &str) -> usize {
    object.pointer(pointer).and_then(Value::as_object).map_or(0, serde_json::Map::len)
}
