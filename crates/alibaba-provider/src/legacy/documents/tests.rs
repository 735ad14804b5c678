//! Documents in and out.

use super::*;

fn pool() -> Value {
    json!({
        "apiVersion": "karpenter.sh/v1",
        "kind": "NodePool",
        "metadata": { "name": "web", "uid": "u", "labels": { "team": "web" } },
        "spec": {
            "limits": { "cpu": "100" },
            "weight": 100,
            "template": { "spec": { "nodeClassRef": {
                "group": "karpenter.k8s.alibabacloud", "kind": "ECSNodeClass", "name": "default",
            } } },
        },
        "status": { "nodes": 3 },
    })
}

#[test]
fn class_keeps_name_and_labels_and_nothing_of_the_old_object() {
    let object = json!({
        "apiVersion": "karpenter.k8s.alibabacloud/v1alpha1",
        "kind": "ECSNodeClass",
        "metadata": { "name": "default", "uid": "u", "finalizers": ["f"], "labels": { "a": "b" } },
        "spec": { "vSwitchSelectorTerms": [{ "id": "vsw-1" }], "password": "Plain-text-1" },
        "status": {},
    });
    let Document { object, warnings } = convert_document(&object, "-new").expect("a document");
    assert_eq!(object["apiVersion"], "karpenter.alibabacloud.com/v1alpha1");
    assert_eq!(object["metadata"], json!({ "name": "default", "labels": { "a": "b" } }));
    assert_eq!(object["spec"]["vSwitchSelectorTerms"], json!([{ "id": "vsw-1" }]));
    assert_eq!(object.get("status"), None);
    assert!(warnings[0].starts_with("ECSNodeClass default: password"), "{warnings:?}");
}

#[test]
fn pool_becomes_another_that_is_preferred() {
    let Document { object, warnings } = convert_document(&pool(), "-new").expect("a document");
    assert_eq!(object["metadata"]["name"], "web-new");
    assert_eq!(object["spec"]["weight"], 100, "the heaviest stays the heaviest");
    assert_eq!(
        object["spec"]["template"]["spec"]["nodeClassRef"]["group"],
        "karpenter.alibabacloud.com"
    );
    assert!(warnings.iter().any(|text| text.contains("split them")), "{warnings:?}");
    let mut light = pool();
    light["spec"]["weight"] = Value::Null;
    let light = convert_document(&light, "-new").expect("a document");
    assert_eq!(light.object["spec"]["weight"], 1);
}

#[test]
fn foreign_and_unreadable_objects_are_named() {
    let mut ours = pool();
    ours["spec"]["template"]["spec"]["nodeClassRef"]["group"] = api::GROUP.into();
    let error = convert_document(&ours, "").expect_err("not of the older group");
    assert!(error.to_string().starts_with("NodePool web is neither"), "{error}");
    let wrong = json!({
        "apiVersion": "karpenter.k8s.alibabacloud/v1alpha1",
        "kind": "ECSNodeClass",
        "metadata": { "name": "default" },
        "spec": { "tags": 3 },
    });
    let error = convert_document(&wrong, "").expect_err("tags are a map");
    assert!(matches!(error, DocumentError::Malformed { .. }));
}
