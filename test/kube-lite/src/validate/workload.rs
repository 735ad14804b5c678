//! Rules of what makes pods from a template.

use serde_json::Value;

use super::{not_negative, pod};
use crate::error::Cause;
use crate::kind::Kind;
use crate::object::{list, str_at};

/// Checks selector, template and number of pods.
pub(super) fn check(kind: &Kind, object: &Value, old: Option<&Value>, causes: &mut Vec<Cause>) {
    not_negative(object, "/spec/replicas", causes);
    let selector = &object["spec"]["selector"];
    if !selector.is_object() {
        causes.push(Cause::required("spec.selector", ""));
    } else if is_empty(selector) {
        let field = "spec.selector";
        let message = format!(
            "Invalid value: {}: empty selector is invalid for {}",
            go_selector(selector),
            kind.kind.to_lowercase()
        );
        causes.push(Cause::new("FieldValueInvalid", field, message));
    } else if !selects(selector, &object["spec"]["template"]["metadata"]["labels"]) {
        let labels = &object["spec"]["template"]["metadata"]["labels"];
        let message = format!(
            "Invalid value: {}: `selector` does not match template `labels`",
            go_labels(labels)
        );
        let field = "spec.template.metadata.labels";
        causes.push(Cause::new("FieldValueInvalid", field, message));
    }
    let template = &object["spec"]["template"];
    if old.is_none_or(|old| old["spec"]["template"] != *template) {
        pod::check(template, "spec.template.spec", causes);
    }
    if old.is_some_and(|old| old["spec"]["selector"] != *selector) {
        let message = format!("Invalid value: {}: field is immutable", go_selector(selector));
        causes.push(Cause::new("FieldValueInvalid", "spec.selector", message));
    }
}

fn is_empty(selector: &Value) -> bool {
    let labels = selector["matchLabels"].as_object();
    labels.is_none_or(serde_json::Map::is_empty) && list(selector, "/matchExpressions").is_empty()
}

fn selects(selector: &Value, labels: &Value) -> bool {
    let wanted = selector["matchLabels"].as_object().into_iter().flatten();
    let mut wanted = wanted.map(|(key, value)| labels.get(key) == Some(value));
    wanted.all(|fits| fits)
        && list(selector, "/matchExpressions").iter().all(|expression| {
            let found = labels.get(str_at(expression, "/key").unwrap_or(""));
            let listed = found.is_some_and(|value| list(expression, "/values").contains(value));
            match str_at(expression, "/operator").unwrap_or("") {
                "In" => listed,
                "NotIn" => !listed,
                "Exists" => found.is_some(),
                "DoesNotExist" => found.is_none(),
                _ => false,
            }
        })
}

/// Labels as messages print them.
fn go_labels(labels: &Value) -> String {
    let Some(labels) = labels.as_object() else { return "map[string]string(nil)".to_owned() };
    let shown: Vec<String> = labels.iter().map(|(key, value)| format!("{key:?}:{value}")).collect();
    format!("map[string]string{{{}}}", shown.join(", "))
}

/// A selector as messages print it.
fn go_selector(selector: &Value) -> String {
    let expressions = list(selector, "/matchExpressions").iter().map(|expression| {
        let text = |pointer| str_at(expression, pointer).unwrap_or("");
        let values: Vec<String> =
            list(expression, "/values").iter().map(Value::to_string).collect();
        format!(
            "v1.LabelSelectorRequirement{{Key:{:?}, Operator:{:?}, Values:[]string{{{}}}}}",
            text("/key"),
            text("/operator"),
            values.join(", ")
        )
    });
    let expressions: Vec<String> = expressions.collect();
    let expressions = match expressions.as_slice() {
        [] => "[]v1.LabelSelectorRequirement(nil)".to_owned(),
        some => format!("[]v1.LabelSelectorRequirement{{{}}}", some.join(", ")),
    };
    let labels = go_labels(&selector["matchLabels"]);
    format!("v1.LabelSelector{{MatchLabels:{labels}, MatchExpressions:{expressions}}}")
}
