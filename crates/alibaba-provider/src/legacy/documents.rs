//! Whole documents: older classes and the pools that use them become ones of our group.

#[cfg(test)]
mod tests;

use serde_json::{Value, json};

use super::convert::convert;
use super::node_class::LegacySpec;
use crate::api;

/// Heaviest pool there can be.
const MAX_WEIGHT: i64 = 100;

/// A document in our group.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// The object to apply.
    pub object: Value,
    /// What a person should know, each with the name of the object.
    pub warnings: Vec<String>,
}

/// A document cannot be converted.
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    /// The object is neither a class of the older group nor a pool.
    #[error(
        "{0} is neither an ECSNodeClass of karpenter.k8s.alibabacloud nor a NodePool that uses one"
    )]
    Foreign(String),
    /// Its spec cannot be read.
    #[error("{name}: the spec cannot be read")]
    Malformed {
        /// Kind and name of the object.
        name: String,
        /// What is wrong.
        source: serde_json::Error,
    },
}

/// `object`, a class of the older group or a NodePool that uses one, in our group.
///
/// A class keeps its name. A pool gets the name with `suffix`, because the group of the class it refers to cannot be
/// changed on the pool that exists; it weighs one more, so that new nodes come from it.
///
/// # Errors
/// [`DocumentError`].
pub fn convert_document(object: &Value, suffix: &str) -> Result<Document, DocumentError> {
    let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let name = format!("{} {}", text("/kind"), text("/metadata/name"));
    let group = text("/apiVersion").split('/').next().unwrap_or_default();
    match (group, text("/kind")) {
        (super::GROUP, super::KIND) => class(object, &name),
        ("karpenter.sh", "NodePool")
            if text("/spec/template/spec/nodeClassRef/group") == super::GROUP =>
        {
            Ok(pool(object, &name, suffix))
        }
        _ => Err(DocumentError::Foreign(name)),
    }
}

fn class(object: &Value, name: &str) -> Result<Document, DocumentError> {
    let malformed = |source| DocumentError::Malformed { name: name.to_owned(), source };
    let old: LegacySpec = serde_json::from_value(object["spec"].clone()).map_err(malformed)?;
    let converted = convert(&old);
    let spec = serde_json::to_value(&converted.spec).map_err(malformed)?;
    let object = json!({
        "apiVersion": format!("{}/{}", api::GROUP, api::VERSION),
        "kind": api::KIND,
        "metadata": metadata(&object["metadata"], ""),
        "spec": spec,
    });
    let warnings = converted.warnings.into_iter().map(|text| format!("{name}: {text}"));
    Ok(Document { object, warnings: warnings.collect() })
}

fn pool(object: &Value, name: &str, suffix: &str) -> Document {
    let mut spec = object["spec"].clone();
    spec["template"]["spec"]["nodeClassRef"]["group"] = api::GROUP.into();
    let is_static = spec.get("replicas").is_some();
    if !is_static {
        let weight = spec["weight"].as_i64().unwrap_or(0).saturating_add(1).min(MAX_WEIGHT);
        spec["weight"] = weight.into();
    }
    let mut warnings = vec![format!(
        "{name}: a pool of its own; nodes of the old pool are replaced when that is deleted"
    )];
    if spec.get("limits").is_some() {
        warnings.push(format!("{name}: both pools have the whole limits; split them"));
    }
    let object = json!({
        "apiVersion": object["apiVersion"],
        "kind": "NodePool",
        "metadata": metadata(&object["metadata"], suffix),
        "spec": spec,
    });
    Document { object, warnings }
}

/// Name, with `suffix`, and labels; everything else belongs to the object that exists.
fn metadata(old: &Value, suffix: &str) -> Value {
    let mut metadata = json!({
        "name": format!("{}{suffix}", old["name"].as_str().unwrap_or_default()),
    });
    if old["labels"].is_object() {
        metadata["labels"] = old["labels"].clone();
    }
    metadata
}
