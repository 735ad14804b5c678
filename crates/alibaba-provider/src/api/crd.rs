//! The resource definition of [`ECSNodeClass`], as files and clusters hold it.

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::CustomResourceExt;
use serde_json::{Map, Value};

use super::node_class::ECSNodeClass;

/// The definition in the published form: structural, without `nullable`, with whole bounds as whole numbers, and
/// with descriptions that end where notes for readers of the code begin.
///
/// Source: Kubernetes API, structural schemas.
pub fn crd() -> CustomResourceDefinition {
    let derived = ECSNodeClass::crd();
    let mut value = serde_json::to_value(&derived).unwrap_or_default();
    for version in value["spec"]["versions"].as_array_mut().into_iter().flatten() {
        normalise(&mut version["schema"]["openAPIV3Schema"]);
    }
    serde_json::from_value(value).unwrap_or(derived)
}

/// One schema and all below it.
fn normalise(schema: &mut Value) {
    let Value::Object(schema) = schema else { return };
    schema.remove("nullable");
    schema.remove("title");
    for bound in ["minimum", "maximum"] {
        whole(schema, bound);
    }
    if let Some(Value::String(description)) = schema.get_mut("description") {
        let lines = description.lines().take_while(|line| !line.starts_with("Source:"));
        *description = lines.collect::<Vec<_>>().join(" ").trim().to_owned();
    }
    if let Some(Value::Object(properties)) = schema.get_mut("properties") {
        properties.values_mut().for_each(normalise);
    }
    for below in ["items", "additionalProperties"] {
        if let Some(below) = schema.get_mut(below) {
            normalise(below);
        }
    }
}

fn whole(schema: &mut Map<String, Value>, bound: &str) {
    let Some(number) = schema.get_mut(bound) else { return };
    let text = number.to_string();
    if let Some(Ok(integer)) = text.strip_suffix(".0").map(str::parse::<i64>) {
        *number = integer.into();
    }
}
