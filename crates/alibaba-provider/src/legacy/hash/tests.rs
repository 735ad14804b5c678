//! The published vectors.

use serde_json::{Value, json};

use super::*;

fn of(spec: Value) -> String {
    hash(&serde_json::from_value(spec).expect("a spec"))
}

/// The class that provider ships as its example, as the API server stores it.
fn example(policy: &str, size: &str) -> Value {
    json!({
        "vSwitchSelectionPolicy": policy,
        "vSwitchSelectorTerms": [{ "tags": { "karpenter.sh/discovery": "c" } }],
        "systemDisk": {
            "categories": [
                "cloud", "cloud_efficiency", "cloud_ssd", "cloud_essd", "cloud_auto",
                "cloud_essd_entry",
            ],
            "volumeSize": size,
            "performanceLevel": "PL0",
        },
        "formatDataDisk": false,
        "passwordInherit": false,
    })
}

// behaviour 01#170
#[test]
fn published_vectors_are_met() {
    assert_eq!(of(example("cheapest", "60Gi")), "7133411235148966188");
    assert_eq!(of(example("balanced", "60Gi")), "13204576122446306007");
    assert_eq!(of(json!({ "vSwitchSelectionPolicy": "cheapest" })), "1548523725367125013");
}

#[test]
fn sizes_count_in_canonical_spelling_and_order_of_lists_does_not_count() {
    assert_eq!(of(example("cheapest", "1024Gi")), of(example("cheapest", "1Ti")));
    let disks =
        |a: &str, b: &str| json!({ "dataDisks": [{ "volumeSize": a }, { "volumeSize": b }] });
    assert_eq!(of(disks("20Gi", "40Gi")), of(disks("40Gi", "20Gi")));
    assert_ne!(of(disks("20Gi", "40Gi")), of(disks("20Gi", "41Gi")));
}

#[test]
fn every_setting_but_the_selectors_counts() {
    let settings = [
        json!({}),
        json!({ "kubeletConfiguration": { "maxPods": 30 } }),
        json!({ "kubeletConfiguration": { "maxPods": 31 } }),
        json!({ "kubeletConfiguration": { "evictionSoftGracePeriod": { "a": "1m" } } }),
        json!({ "kubeletConfiguration": { "evictionSoftGracePeriod": { "a": "2m" } } }),
        json!({ "dataDiskCategories": ["cloud_ssd"] }),
        json!({ "formatDataDisk": true }),
        json!({ "tags": { "a": "b" } }),
        json!({ "resourceGroupId": "rg-1" }),
        json!({ "userData": "x" }),
        json!({ "password": "Plain-text-1" }),
        json!({ "keyPairName": "ops" }),
        json!({ "passwordInherit": true }),
    ];
    let mut seen: Vec<String> = settings.iter().map(|spec| of(spec.clone())).collect();
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), settings.len());
    assert_eq!(of(json!({ "imageSelectorTerms": [{ "id": "m-1" }] })), of(json!({})));
}
