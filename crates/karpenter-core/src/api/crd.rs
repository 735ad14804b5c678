//! The resource definitions of this crate's kinds, as files and clusters hold them.
//!
//! The derived schema says more than the API server should hear, and misses what Go's generator adds; [`normalise`]
//! settles both, for providers' kinds too.

#[cfg(test)]
mod tests;

use crate::api::v1::nodeclaim::NodeClaim;
use crate::api::v1::nodepool::NodePool;
use crate::api::v1alpha1::node_overlay::NodeOverlay;
use crate::api::v1beta1::capacity_buffer::CapacityBuffer;
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::CustomResourceExt;
use serde_json::{Map, Value, json};

/// All definitions, by name.
pub fn crds() -> Vec<CustomResourceDefinition> {
    let derived = [CapacityBuffer::crd(), NodeClaim::crd(), NodeOverlay::crd(), NodePool::crd()];
    derived.map(normalise).into()
}

/// All definitions as documents to write to files, by name: bounds, which the typed form holds as fractions, are whole
/// numbers.
pub fn documents() -> Vec<Value> {
    crds().iter().map(document).collect()
}

/// A definition as a document to write to a file.
pub fn document(crd: &CustomResourceDefinition) -> Value {
    let mut value = serde_json::to_value(crd).unwrap_or_default();
    whole_numbers(&mut value);
    value
}

/// Brings a derived definition into the published form: no `nullable`, no formats the API server
/// does not know, int-or-string spelled out, defaults without nulls, fields with a default inside a list required, the
/// members every object has, and the name of the list kind. Notes for readers of the code are cut from descriptions.
///
/// A definition that cannot be read back after that is returned as it was.
///
/// Source: Kubernetes API, structural schemas.
pub fn normalise(crd: CustomResourceDefinition) -> CustomResourceDefinition {
    let mut value = serde_json::to_value(&crd).unwrap_or_default();
    if let Some(kind) = value["spec"]["names"]["kind"].as_str() {
        value["spec"]["names"]["listKind"] = format!("{kind}List").into();
    }
    if let Some(versions) = value["spec"]["versions"].as_array_mut() {
        for version in versions {
            let root = &mut version["schema"]["openAPIV3Schema"];
            schema(root);
            root["properties"]["apiVersion"] =
                json!({ "type": "string", "description": API_VERSION });
            root["properties"]["kind"] = json!({ "type": "string", "description": KIND });
            root["properties"]["metadata"] = json!({ "type": "object" });
        }
    }
    serde_json::from_value(value).unwrap_or(crd)
}

const API_VERSION: &str = "The versioned schema of this representation of an object.";
const KIND: &str = "The REST resource this object represents, in CamelCase.";

/// One schema and all below it.
fn schema(node: &mut Value) {
    let Value::Object(node) = node else { return };
    node.remove("nullable");
    node.remove("title");
    if node.get("format").and_then(Value::as_str).is_some_and(|f| f.starts_with("uint")) {
        node.remove("format");
    }
    if node.contains_key("x-kubernetes-int-or-string") {
        node.insert("anyOf".into(), json!([{ "type": "integer" }, { "type": "string" }]));
    }
    if let Some(default) = node.get_mut("default") {
        drop_nulls(default);
    }
    if let Some(Value::String(description)) = node.get_mut("description") {
        *description = for_users(description);
    }
    if let Some(Value::Object(properties)) = node.get_mut("properties") {
        properties.values_mut().for_each(schema);
    }
    for below in ["items", "additionalProperties"] {
        if let Some(below) = node.get_mut(below) {
            schema(below);
        }
    }
    require_defaulted_scalars(node);
}

/// A field with a scalar default that stands in an entry of a list is always there, so it is required.
fn require_defaulted_scalars(node: &mut Map<String, Value>) {
    let Some(Value::Object(items)) = node.get_mut("items") else { return };
    let Some(Value::Object(properties)) = items.get("properties") else { return };
    let is_defaulted = |field: &Value| field.get("default").is_some_and(Value::is_string);
    let defaulted: Vec<Value> = properties
        .iter()
        .filter(|(_, field)| is_defaulted(field))
        .map(|(name, _)| name.as_str().into())
        .collect();
    if defaulted.is_empty() {
        return;
    }
    let required = items.entry("required").or_insert_with(|| Value::Array(Vec::new()));
    if let Value::Array(required) = required {
        let new: Vec<Value> = defaulted.into_iter().filter(|d| !required.contains(d)).collect();
        required.extend(new);
        required.sort_by(|a, b| a.as_str().cmp(&b.as_str()));
    }
}

/// Turns numbers without a fraction into integers, everywhere.
fn whole_numbers(value: &mut Value) {
    match value {
        Value::Object(members) => members.values_mut().for_each(whole_numbers),
        Value::Array(elements) => elements.iter_mut().for_each(whole_numbers),
        Value::Number(number) => {
            let text = number.to_string();
            if let Some(Ok(integer)) = text.strip_suffix(".0").map(str::parse::<i64>) {
                *value = integer.into();
            }
        }
        Value::Null | Value::Bool(_) | Value::String(_) => {}
    }
}

fn drop_nulls(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.retain(|_, member| !member.is_null());
            members.values_mut().for_each(drop_nulls);
        }
        Value::Array(elements) => elements.iter_mut().for_each(drop_nulls),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// The description up to the line that names its source.
fn for_users(description: &str) -> String {
    let lines = description.lines().take_while(|line| !line.starts_with("Source:"));
    lines.collect::<Vec<_>>().join(" ").trim().to_owned()
}
