//! What becomes of each field, and what people are told.

use serde_json::{Value, json};

use super::*;

/// The converted spec as people read it, and the warnings.
fn converted(old: Value) -> (Value, Vec<String>) {
    let old: LegacySpec = serde_json::from_value(old).expect("a spec");
    let Converted { spec, warnings } = convert(&old);
    (serde_json::to_value(spec).expect("JSON"), warnings)
}

// behaviour 01#171
#[test]
fn data_disks_that_had_no_effect_are_left_out_and_told() {
    let (spec, warnings) = converted(json!({ "dataDisks": [{ "volumeSize": "40Gi" }] }));
    assert_eq!(spec.get("dataDisks"), None);
    assert!(warnings[0].starts_with("dataDisks: left out"), "{warnings:?}");
    let (spec, warnings) = converted(json!({
        "dataDisks": [{ "volumeSize": "40Gi", "device": "/dev/xvdb" }],
        "dataDiskCategories": ["cloud_essd"],
    }));
    assert_eq!(spec["dataDisks"], json!([{ "volumeSize": "40Gi", "device": "/dev/xvdb" }]));
    assert_eq!(spec["dataDiskCategories"], json!(["cloud_essd"]));
    assert!(warnings.is_empty());
}

// behaviour 01#172
#[test]
fn system_disk_keeps_the_defaults_it_had() {
    let six = json!([
        "cloud",
        "cloud_efficiency",
        "cloud_ssd",
        "cloud_essd",
        "cloud_auto",
        "cloud_essd_entry"
    ]);
    let (spec, _) = converted(json!({}));
    assert_eq!(spec["systemDisk"], json!({ "categories": six, "size": 20 }));
    let (spec, _) = converted(json!({ "systemDisk": { "size": 60 } }));
    assert_eq!(spec["systemDisk"]["size"], 60);
    let filled = json!({ "systemDisk": { "size": 60, "volumeSize": "60Gi" } });
    let (spec, _) = converted(filled);
    assert_eq!(spec["systemDisk"]["volumeSize"], "60Gi");
    assert_eq!(spec["systemDisk"].get("size"), None);
}

#[test]
fn terms_with_several_members_keep_the_one_that_decided() {
    let tags = json!({ "a": "b" });
    let (spec, warnings) = converted(json!({
        "vSwitchSelectorTerms": [{ "tags": tags }, { "id": "vsw-1", "tags": tags }],
        "securityGroupSelectorTerms": [{ "name": "web", "tags": tags }],
        "imageSelectorTerms": [{ "alias": "ContainerOS" }, { "id": "m-1" }],
    }));
    assert_eq!(spec["vSwitchSelectorTerms"], json!([{ "tags": tags }, { "id": "vsw-1" }]));
    assert_eq!(spec["securityGroupSelectorTerms"], json!([{ "name": "web" }]));
    assert_eq!(
        spec["imageSelectorTerms"],
        json!([{ "alias": "ContainerOS@latest" }, { "id": "m-1" }])
    );
    let [first, second] = warnings.as_slice() else { panic!("{warnings:?}") };
    assert!(first.starts_with("vSwitchSelectorTerms[1]: "), "{first}");
    assert!(second.starts_with("securityGroupSelectorTerms[0]: "), "{second}");
}

#[test]
fn other_fields_keep_their_value_under_our_name() {
    let (spec, warnings) = converted(json!({
        "kubeletConfiguration": { "maxPods": 30 },
        "resourceGroupId": "rg-1",
        "userData": "#!/bin/sh",
        "password": "Plain-text-1",
        "formatDataDisk": true,
        "vSwitchSelectionPolicy": "balanced",
    }));
    assert_eq!(spec["kubelet"], json!({ "maxPods": 30 }));
    assert_eq!(spec["resourceGroupID"], "rg-1");
    assert_eq!(spec["userDataPolicy"], "Merge");
    assert_eq!(spec["bootstrapMode"], "ACK");
    assert_eq!(
        (&spec["formatDataDisk"], &spec["password"]),
        (&json!(true), &json!("Plain-text-1"))
    );
    assert_eq!(warnings.len(), 1);
    assert!(!warnings[0].contains("Plain-text-1"), "{warnings:?}");
}
