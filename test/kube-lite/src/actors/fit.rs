//! Whether the labels and taints of a node let a pod in.

use serde_json::Value;

use crate::object::{label, list, meta_str, str_at};

/// Effects that keep a new pod away.
pub(super) const EFFECTS: [&str; 2] = ["NoSchedule", "NoExecute"];

/// The first taint of these effects that nothing tolerates.
pub(super) fn untolerated<'a>(
    tolerations: &[Value],
    node: &'a Value,
    effects: &[&str],
) -> Option<&'a Value> {
    list(node, "/spec/taints").iter().find(|taint| {
        let effect = taint["effect"].as_str().unwrap_or("");
        effects.contains(&effect) && !tolerations.iter().any(|one| tolerates(one, taint))
    })
}

/// Whether one toleration covers one taint.
pub(super) fn tolerates(toleration: &Value, taint: &Value) -> bool {
    let text = |value: &Value, member: &str| value[member].as_str().unwrap_or("").to_owned();
    let (key, effect) = (text(toleration, "key"), text(toleration, "effect"));
    let value_fits = match text(toleration, "operator").as_str() {
        "Exists" => true,
        _ => !key.is_empty() && text(toleration, "value") == text(taint, "value"),
    };
    (effect.is_empty() || effect == text(taint, "effect"))
        && (key.is_empty() || key == text(taint, "key"))
        && value_fits
}

/// Node selector and required node affinity.
pub(super) fn matches_affinity(pod: &Value, node: &Value) -> bool {
    let selector = pod.pointer("/spec/nodeSelector").and_then(Value::as_object);
    let selected =
        selector.into_iter().flatten().all(|(key, value)| label(node, key) == value.as_str());
    let required = "/spec/affinity/nodeAffinity/requiredDuringSchedulingIgnoredDuringExecution";
    let Some(required) = pod.pointer(required).filter(|required| required.is_object()) else {
        return selected;
    };
    selected && matches_any(list(required, "/nodeSelectorTerms"), node)
}

/// Whether a node matches at least one node selector term.
pub(super) fn matches_any(terms: &[Value], node: &Value) -> bool {
    terms.iter().any(|term| matches_term(term, node))
}

/// Whether a node matches at least one topology term of a storage class; no terms match all.
pub(super) fn matches_topologies(terms: &[Value], node: &Value) -> bool {
    let allows = |expression: &Value| {
        let value = str_at(expression, "/key").and_then(|key| label(node, key));
        value.is_some_and(|value| list(expression, "/values").iter().any(|v| v == value))
    };
    terms.is_empty()
        || terms.iter().any(|term| list(term, "/matchLabelExpressions").iter().all(allows))
}

/// One term: all of its expressions; an empty term matches nothing.
pub(super) fn matches_term(term: &Value, node: &Value) -> bool {
    let (labels, fields) = (list(term, "/matchExpressions"), list(term, "/matchFields"));
    let field = |expression: &Value| match str_at(expression, "/key") {
        Some("metadata.name") => matches_expression(expression, meta_str(node, "name")),
        _ => false,
    };
    let by_label = |expression: &Value| {
        let key = str_at(expression, "/key").unwrap_or("");
        matches_expression(expression, label(node, key))
    };
    !(labels.is_empty() && fields.is_empty())
        && labels.iter().all(by_label)
        && fields.iter().all(field)
}

fn matches_expression(expression: &Value, value: Option<&str>) -> bool {
    let values = || list(expression, "/values").iter().filter_map(Value::as_str);
    let bound = || values().next().and_then(|text| text.parse::<i64>().ok());
    let number = || value.and_then(|text| text.parse::<i64>().ok());
    match str_at(expression, "/operator") {
        Some("In") => value.is_some_and(|value| values().any(|allowed| allowed == value)),
        Some("NotIn") => value.is_none_or(|value| values().all(|refused| refused != value)),
        Some("Exists") => value.is_some(),
        Some("DoesNotExist") => value.is_none(),
        Some("Gt") => number().zip(bound()).is_some_and(|(number, bound)| number > bound),
        Some("Lt") => number().zip(bound()).is_some_and(|(number, bound)| number < bound),
        _ => false,
    }
}
