//! Objects in and status out.

use super::*;

fn object() -> DynamicObject {
    serde_json::from_value(json!({
        "apiVersion": "karpenter.k8s.alibabacloud/v1alpha1",
        "kind": "ECSNodeClass",
        "metadata": { "name": "default", "uid": "u", "generation": 2 },
        "spec": { "vSwitchSelectionPolicy": "cheapest" },
        "status": {
            "vSwitches": [{ "id": "vsw-1", "zoneID": "h" }],
            "securityGroups": [{ "id": "sg-1" }],
            "images": [{ "id": "m-1", "requirements": [
                { "key": "kubernetes.io/arch", "operator": "In", "values": ["arm64"] },
            ] }],
        },
    }))
    .expect("an object")
}

#[test]
fn object_keeps_metadata_hash_and_status() {
    let LegacyClass { class, hash, .. } = decode(object()).expect("a class");
    assert_eq!(
        (class.metadata.name.as_deref(), class.metadata.generation),
        (Some("default"), Some(2))
    );
    assert_eq!(hash, "1548523725367125013");
    let status = class.status.as_ref().expect("a status");
    assert_eq!((&*status.v_switches[0].zone, &*status.security_groups[0].id), ("h", "sg-1"));
    assert_eq!(status.images[0].architecture.as_deref(), Some("arm64"));
}

#[test]
fn status_reads_back_as_it_was_written() {
    let class = decode(object()).expect("a class").class;
    let ours = class.status.clone().expect("a status");
    assert_eq!(status(&encode_status(&ours)), ours);
}

#[test]
fn spec_that_cannot_be_read_is_an_error() {
    let mut object = object();
    object.data["spec"]["tags"] = json!(3);
    assert!(decode(object).is_err());
}
