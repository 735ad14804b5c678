use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::*;
use crate::model::label_selector::LabelClause;

fn decoded<K: Decoded<Model = SelectorSource> + DeserializeOwned>(spec: &Value) -> SelectorSource {
    let metadata = json!({ "name": "a", "namespace": "d", "uid": "u", "resourceVersion": "1" });
    let object: K = serde_json::from_value(json!({ "metadata": metadata, "spec": spec }))
        .expect("the slim type reads it");
    object.decode().expect("it is valid")
}

#[test]
fn service_without_selector_differs_from_one_with_an_empty_selector() {
    assert_eq!(decoded::<SelectingService>(&json!({ "ports": [] })).selector, None);
    let empty = decoded::<SelectingService>(&json!({ "selector": {} })).selector;
    assert_eq!(empty, Some(LabelSelector::default()));
}

#[test]
fn map_and_expressions_are_read_where_the_kind_has_them() {
    let controller =
        decoded::<SelectingReplicationController>(&json!({ "selector": { "a": "b" } }));
    let labels = controller.selector.expect("a selector").match_labels;
    assert_eq!(labels.get("a").map(|value| &**value), Some("b"));
    let set = decoded::<SelectingStatefulSet>(&json!({ "selector": {
        "matchExpressions": [{ "key": "a", "operator": "Exists" }],
    } }));
    let clauses = set.selector.expect("a selector").match_expressions;
    assert_eq!(clauses, [LabelClause::Exists("a".into())]);
}
