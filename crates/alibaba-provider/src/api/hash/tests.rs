//! The vectors of the published algorithm, and what leaves the hash as it is.

use serde_json::json;

use super::*;

/// The smallest spec with `more` in it.
fn spec(more: &Value) -> ECSNodeClassSpec {
    let mut spec = json!({
        "vSwitchSelectorTerms": [{ "id": "vsw-a" }],
        "securityGroupSelectorTerms": [{ "id": "sg-a" }],
        "imageSelectorTerms": [{ "id": "img" }],
    });
    for (key, value) in more.as_object().into_iter().flatten() {
        spec[key] = value.clone();
    }
    serde_json::from_value(spec).expect("a spec")
}

// behaviour 01#157
#[test]
fn hash_sees_effects_and_nothing_else() {
    let essd = r#"{"systemDisk":{"categories":["cloud_essd"]}}"#;
    let script = "#!/bin/sh\necho hi\n";
    let cases = [
        (
            json!({ "role": "KarpenterNodeRole" }),
            r#"{"role":"KarpenterNodeRole"}"#,
            "9250d97da2f2f075",
        ),
        (
            json!({ "systemDisk": { "category": "cloud_essd", "size": 40, "performanceLevel": "PL0" } }),
            essd,
            "80f60a6d8647e8d8",
        ),
        (
            json!({ "systemDisk": { "categories": ["cloud_essd"], "volumeSize": "40Gi" } }),
            essd,
            "80f60a6d8647e8d8",
        ),
        (
            json!({ "systemDisk": {
                "categories": [
                    "cloud", "cloud_efficiency", "cloud_ssd", "cloud_essd", "cloud_auto",
                    "cloud_essd_entry",
                ],
                "volumeSize": "60Gi",
            } }),
            concat!(
                r#"{"systemDisk":{"categories":["cloud","cloud_efficiency","cloud_ssd","cloud_essd","#,
                r#""cloud_auto","cloud_essd_entry"],"sizeGiB":60}}"#
            ),
            "25e8b66f0d3f120c",
        ),
        (
            json!({ "userData": script, "userDataPolicy": "Merge" }),
            r##"{"userData":"#!/bin/sh\necho hi\n"}"##,
            "09c04171d1884c33",
        ),
        (
            json!({ "userData": script, "userDataPolicy": "Replace" }),
            r##"{"userData":"#!/bin/sh\necho hi\n","userDataPolicy":"Replace"}"##,
            "f649ae3669efe559",
        ),
        (
            json!({
                "systemDisk": { "category": "cloud_essd", "size": 40, "performanceLevel": "PL0" },
                "dataDisks": [{ "category": "cloud_essd", "size": 120, "performanceLevel": "PL0" }],
            }),
            concat!(
                r#"{"dataDisks":[{"categories":["cloud_essd"],"sizeGiB":120}],"#,
                r#""systemDisk":{"categories":["cloud_essd"]}}"#
            ),
            "f217a2e8de7bcb98",
        ),
        (
            json!({ "tags": { "a": "b" }, "clusterID": "c2", "spotDuration": 1 }),
            "{}",
            "44136fa355b3678a",
        ),
    ];
    for (more, expected_view, expected) in cases {
        let spec = spec(&more);
        assert_eq!(view(&spec).to_string(), expected_view);
        assert_eq!(hash(&spec), expected);
    }
}

fn view_of(more: &Value) -> String {
    view(&spec(more)).to_string()
}

// behaviour 01#157
#[test]
fn explicit_default_leaves_no_trace() {
    let defaults = json!({
        "bootstrapMode": "Auto",
        "formatDataDisk": false,
        "passwordInherit": false,
        "deletionProtection": false,
        "keyPairName": "",
        "kubelet": { "systemReserved": {} },
        "metadataOptions": {
            "httpTokens": "optional", "httpEndpoint": "enabled", "httpPutResponseHopLimit": 1,
        },
        "systemDisk": { "size": 40, "encrypted": false, "burstingEnabled": false },
        "dataDisks": [],
        "userDataPolicy": "Replace",
    });
    assert_eq!(view_of(&defaults), "{}");
    let disk = json!({ "dataDisks": [{ "size": 20, "deleteWithInstance": true, "device": "" }] });
    assert_eq!(view_of(&disk), view_of(&json!({ "dataDisks": [{}] })));
}

// behaviour 01#157
#[test]
fn what_changes_no_instance_changes_no_hash() {
    let unseen = json!({
        "tags": { "team": "web" },
        "vSwitchSelectorTerms": [{ "zoneID": "cn-hangzhou-h" }],
        "securityGroupSelectorTerms": [{ "name": "web" }],
        "imageSelectorTerms": [{ "alias": "ContainerOS" }],
        "vSwitchSelectionPolicy": "balanced",
        "spotStrategy": "SpotWithPriceLimit",
        "spotPriceLimit": 0.5,
        "spotDuration": 1,
        "capacityReservationPreference": "open",
        "capacityReservationSelectorTerms": [{ "id": "crp-1" }],
        "clusterID": "c2",
        "clusterName": "other",
        "password": "Plain-text-1",
    });
    assert_eq!(view_of(&unseen), "{}");
}

#[test]
fn every_setting_of_an_instance_counts() {
    let settings = [
        json!({ "bootstrapMode": "Custom", "userData": "x" }),
        json!({ "passwordSecretRef": { "name": "a", "key": "b" } }),
        json!({ "launchTemplateID": "lt-1" }),
        json!({ "launchTemplateID": "lt-1", "launchTemplateVersion": 2 }),
        json!({ "deploymentSetID": "ds-1" }),
        json!({ "metadataOptions": { "httpPutResponseHopLimit": 2 } }),
        json!({ "kubelet": { "clusterDNS": ["10.0.0.10"] } }),
        json!({ "systemDisk": { "category": "cloud_auto", "provisionedIOPS": 100 } }),
        json!({ "dataDisks": [{ "name": "logs" }] }),
    ];
    let mut seen: Vec<String> = settings.iter().map(|more| hash(&spec(more))).collect();
    seen.push(hash(&spec(&json!({}))));
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), settings.len() + 1);
}

#[test]
fn shared_categories_count_where_a_disk_uses_them() {
    let shared = json!({ "dataDiskCategories": ["cloud_ssd"], "dataDisks": [{}] });
    assert_eq!(view_of(&shared), r#"{"dataDisks":[{"categories":["cloud_ssd"]}]}"#);
    assert_eq!(view_of(&json!({ "dataDiskCategories": ["cloud_ssd"] })), "{}");
}

// behaviour 01#187
#[test]
fn level_of_a_category_without_levels_is_ignored() {
    let disk = |level: Value| {
        let disk = json!({ "category": "cloud_efficiency", "size": 40, "performanceLevel": level });
        view_of(&json!({ "systemDisk": disk }))
    };
    assert_eq!(disk(json!("PL0")), disk(Value::Null));
    assert_eq!(disk(json!("PL2")), disk(Value::Null));
}

// behaviour 01#193
#[test]
fn given_number_of_addresses_counts_even_where_it_is_the_default() {
    assert_eq!(view_of(&json!({ "ipv6AddressCount": 1 })), r#"{"ipv6AddressCount":1}"#);
    assert_eq!(view_of(&json!({ "ipv6AddressCount": 0 })), r#"{"ipv6AddressCount":0}"#);
    assert_eq!(view_of(&json!({})), "{}");
}
