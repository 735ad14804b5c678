//! The resource definition of [`ECSNodeClass`], as files and clusters hold it, and the rules this provider adds to
//! those of the core.

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use karpenter_core::api::crd::{self, normalise};
use kube::CustomResourceExt;
use serde_json::{Value, json};

use super::GROUP;
use super::labels::{self, OF_INSTANCE_TYPES, OF_RESERVATIONS};
use super::node_class::ECSNodeClass;

/// Schemas of one key of a requirement in the core's definitions; a definition has one of them.
const REQUIREMENT_KEYS: [&str; 2] = [
    "/properties/spec/properties/requirements/items/properties/key",
    "/properties/spec/properties/template/properties/spec/properties/requirements/items/properties/key",
];
/// Schema of the labels of a NodePool's template.
const TEMPLATE_LABELS: &str =
    "/properties/spec/properties/template/properties/metadata/properties/labels";

/// The definition in the published form.
pub fn crd() -> CustomResourceDefinition {
    normalise(ECSNodeClass::crd())
}

/// The definition as a document to write to a file.
pub fn document() -> Value {
    crd::document(&crd())
}

/// All definitions a cluster needs, by name: the core's, which here know our label domain, and ours.
pub fn documents() -> Vec<Value> {
    let mut all = crd::documents();
    all.iter_mut().for_each(restrict_domain);
    all.push(document());
    all
}

/// Refuses keys of our domain that nobody defines, in requirements and in labels of templates.
fn restrict_domain(definition: &mut Value) {
    let versions = definition["spec"]["versions"].as_array_mut();
    for version in versions.into_iter().flatten() {
        let root = &mut version["schema"]["openAPIV3Schema"];
        for at in REQUIREMENT_KEYS {
            add_rule(root.pointer_mut(at), &is_known("self", Some(labels::NODE_CLASS)));
        }
        let of_template = format!("self.all(x, {})", is_known("x", None));
        add_rule(root.pointer_mut(TEMPLATE_LABELS), &of_template);
    }
}

fn add_rule(schema: Option<&mut Value>, rule: &str) {
    let Some(schema) = schema else { return };
    let message = format!("label domain {GROUP:?} is restricted");
    let rules = &mut schema["x-kubernetes-validations"];
    if !rules.is_array() {
        *rules = json!([]);
    }
    rules.as_array_mut().into_iter().for_each(|rules| {
        rules.push(json!({ "rule": rule, "message": message }));
    });
}

/// The expression that `key` is of another domain or one of our labels; `more` is one of them here.
fn is_known(key: &str, more: Option<&str>) -> String {
    let known = OF_INSTANCE_TYPES.iter().chain(&OF_RESERVATIONS).copied().chain(more);
    let known: Vec<String> = known.map(|label| format!("{label:?}")).collect();
    let known = known.join(", ");
    format!(r#"{key} in [{known}] || !{key}.find("^([^/]+)").endsWith("{GROUP}")"#)
}
