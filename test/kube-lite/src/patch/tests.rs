//! Rows: object, strategic patch, result.

#![expect(clippy::needless_pass_by_value, reason = "rows are read more easily without `&`")]

use serde_json::{Value, json};

use super::strategic::strategic_merge;

fn check(kind: &str, mut object: Value, patch: Value, expected: Value) {
    strategic_merge(kind, &mut object, &patch);
    assert_eq!(object, expected, "patch {patch}");
}

#[test]
fn containers_merge_by_name_and_conditions_by_type() {
    check(
        "Pod",
        json!({"spec": {"containers": [{"name": "a", "image": "1"}, {"name": "b", "image": "1"}]}}),
        json!({"spec": {"containers": [{"name": "b", "image": "2"}, {"name": "c"}]}}),
        json!({"spec": {"containers": [
            {"name": "a", "image": "1"}, {"name": "b", "image": "2"}, {"name": "c"}]}}),
    );
    check(
        "Node",
        json!({"status": {"conditions": [{"type": "Ready", "status": "False", "reason": "x"}]}}),
        json!({"status": {"conditions": [{"type": "Ready", "status": "True"}]}}),
        json!({"status": {"conditions": [{"type": "Ready", "status": "True", "reason": "x"}]}}),
    );
}

#[test]
fn taints_are_replaced_as_a_whole() {
    check(
        "Node",
        json!({"spec": {"taints": [{"key": "a"}, {"key": "b"}]}}),
        json!({"spec": {"taints": [{"key": "b"}]}}),
        json!({"spec": {"taints": [{"key": "b"}]}}),
    );
}

#[test]
fn directives_delete_and_replace() {
    check(
        "Pod",
        json!({"metadata": {"finalizers": ["a", "b"], "labels": {"x": "1"}}, "env": [{"name": "a"}]}),
        json!({
            "metadata": {
                "$deleteFromPrimitiveList/finalizers": ["a"],
                "labels": {"$patch": "replace", "y": "2"},
            },
            "env": [{"name": "a", "$patch": "delete"}],
        }),
        json!({"metadata": {"finalizers": ["b"], "labels": {"y": "2"}}, "env": []}),
    );
}

#[test]
fn finalizers_are_added_and_null_removes_a_member() {
    check(
        "Pod",
        json!({"metadata": {"finalizers": ["a"], "labels": {"x": "1", "y": "2"}}}),
        json!({"metadata": {"finalizers": ["a", "b"], "labels": {"x": null}}}),
        json!({"metadata": {"finalizers": ["a", "b"], "labels": {"y": "2"}}}),
    );
}
