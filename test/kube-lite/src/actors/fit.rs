//! Whether a pod may run on a node.

use serde_json::Value;

use super::quantity::Amounts;
use crate::object::{label, list, meta_str, str_at};

/// Why a pod cannot go to a node, in the words of the Kubernetes scheduler.
pub(super) fn obstacle(
    pod: &Value,
    requests: &Amounts,
    node: &Value,
    free: &Amounts,
) -> Option<String> {
    if !matches_affinity(pod, node) {
        return Some("node(s) didn't match Pod's node affinity/selector".to_owned());
    }
    if let Some(taint) = untolerated(list(pod, "/spec/tolerations"), node, &EFFECTS) {
        let text = |member: &str| taint[member].as_str().unwrap_or("").to_owned();
        return Some(format!(
            "node(s) had untolerated taint {{{}: {}}}",
            text("key"),
            text("value")
        ));
    }
    let short = requests.iter().find(|(name, amount)| {
        **amount > 0 && free.get(*name).copied().unwrap_or_default() < **amount
    });
    short.map(|(name, _)| match name.as_str() {
        "pods" => "Too many pods".to_owned(),
        name => format!("Insufficient {name}"),
    })
}

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

fn tolerates(toleration: &Value, taint: &Value) -> bool {
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
    selected && list(required, "/nodeSelectorTerms").iter().any(|term| matches_term(term, node))
}

/// One term: all of its expressions; an empty term matches nothing.
fn matches_term(term: &Value, node: &Value) -> bool {
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
