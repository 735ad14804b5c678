mod api;
mod lifecycle;

use serde_json::json;

use super::write::merge_diff;

#[test]
fn a_merge_diff_holds_exactly_what_differs() {
    let before = json!({ "a": 1, "gone": 2, "deep": { "same": 1, "list": [1, 2] } });
    let after = json!({ "a": 1, "new": 3, "deep": { "same": 1, "list": [2] } });
    let patch = merge_diff(&before, &after).expect("they differ");
    assert_eq!(patch, json!({ "gone": null, "new": 3, "deep": { "list": [2] } }));
    assert_eq!(merge_diff(&before, &before), None);
}

#[test]
fn applying_a_merge_diff_gives_the_wanted_object() {
    let before =
        json!({ "metadata": { "labels": { "a": "1", "b": "2" } }, "spec": { "taints": [1] } });
    let after = json!({ "metadata": { "labels": { "b": "3" } }, "spec": { "taints": [1, 2] } });
    let mut patched = before.clone();
    merge(&mut patched, &merge_diff(&before, &after).expect("they differ"));
    assert_eq!(patched, after);
}

/// RFC 7396, as the API server applies it.
fn merge(target: &mut serde_json::Value, patch: &serde_json::Value) {
    let serde_json::Value::Object(patch) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = json!({});
    }
    let Some(members) = target.as_object_mut() else { return };
    for (key, value) in patch {
        if value.is_null() {
            members.remove(key);
        } else {
            merge(members.entry(key.clone()).or_insert_with(|| json!({})), value);
        }
    }
}
