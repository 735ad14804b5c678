use super::*;
use crate::api::structural_hash::text;
use serde_json::{Value, json};

/// The pool of the vectors with members of its template's metadata and spec added or replaced.
fn hash_of(metadata: &Value, spec: &Value) -> u64 {
    let mut pool = json!({
        "apiVersion": "karpenter.sh/v1",
        "kind": "NodePool",
        "metadata": { "name": "default" },
        "spec": { "template": { "spec": {
            "requirements": [],
            "nodeClassRef": {
                "group": "karpenter.alibabacloud.com", "kind": "ECSNodeClass", "name": "default",
            },
            "expireAfter": "720h",
        } } },
    });
    if !metadata.is_null() {
        pool["spec"]["template"]["metadata"] = metadata.clone();
    }
    for (name, value) in spec.as_object().cloned().unwrap_or_default() {
        pool["spec"]["template"]["spec"][name] = value;
    }
    hash(&serde_json::from_value(pool).unwrap()).parse().unwrap()
}

fn taints(name: &str, texts: &[&str]) -> Value {
    let taint = |text: &&str| {
        let (rest, effect) = text.split_once(':').unwrap();
        match rest.split_once('=') {
            Some((key, value)) => json!({ "key": key, "value": value, "effect": effect }),
            None => json!({ "key": rest, "effect": effect }),
        }
    };
    json!({ name: texts.iter().map(taint).collect::<Vec<_>>() })
}

// behaviour 01#82
#[test]
fn the_primitive_is_fnv_1_not_1a() {
    assert_eq!(fnv1(b""), 14_695_981_039_346_656_037);
    assert_eq!(text("a"), 12_638_153_115_695_167_422);
    assert_eq!(text("NodeClaimTemplate"), 17_307_646_073_972_311_821);
}

// behaviour 01#82
#[test]
fn durations_and_references_hash_as_in_clusters() {
    let reference = |group: &str, kind: &str, name: &str| json!({ "nodeClassRef": { "group": group, "kind": kind, "name": name } });
    let (group, kind) = ("karpenter.alibabacloud.com", "ECSNodeClass");
    for (spec, expected) in [
        (json!({}), 10_885_004_343_285_526_048),
        (json!({ "expireAfter": "720h0m0s" }), 10_885_004_343_285_526_048),
        (json!({ "expireAfter": "Never" }), 10_326_368_368_379_923_791),
        (json!({ "expireAfter": "0s" }), 923_147_735_392_594_988),
        (reference(group, kind, "other"), 16_907_168_760_315_054_540),
        (reference(group, "X", "default"), 9_870_117_117_306_980_723),
        (
            reference("karpenter.k8s.alibabacloud", kind, "defaultnodeclass"),
            2_165_280_933_296_831_319,
        ),
        (json!({ "terminationGracePeriod": "60s" }), 16_822_662_142_658_603_703),
        (json!({ "terminationGracePeriod": "0s" }), 7_649_972_561_803_734_927),
    ] {
        assert_eq!(hash_of(&Value::Null, &spec), expected, "{spec}");
    }
}

// behaviour 01#82
#[test]
fn labels_and_annotations_hash_as_in_clusters() {
    for (metadata, expected) in [
        (json!({ "labels": { "team": "platform" } }), 379_120_898_811_539_863),
        (json!({ "labels": { "team": "platform", "env": "prod" } }), 13_419_913_900_937_245_461),
        (json!({ "labels": { "a": "b" } }), 8_578_641_540_811_147_053),
        (json!({ "labels": { "b": "a" } }), 416_648_325_446_396_296),
        (json!({ "labels": {} }), 12_305_817_607_946_097_090),
        (json!({ "annotations": { "example.com/a": "b" } }), 16_068_706_801_331_192_992),
        (json!({}), 10_885_004_343_285_526_048),
    ] {
        assert_eq!(hash_of(&metadata, &json!({})), expected, "{metadata}");
    }
}

// behaviour 01#82
#[test]
fn taints_hash_as_in_clusters_in_any_order() {
    for (spec, expected) in [
        (taints("taints", &["a=b:NoSchedule", "c:NoExecute"]), 2_553_695_908_261_614_485),
        (taints("taints", &["c:NoExecute", "a=b:NoSchedule"]), 2_553_695_908_261_614_485),
        (taints("startupTaints", &["a=b:NoSchedule", "c:NoExecute"]), 7_770_708_535_164_389_192),
        (taints("taints", &[]), 2_760_921_425_145_346_900),
        (taints("taints", &["a=b:NoSchedule", "a=b:NoSchedule"]), 2_760_921_425_145_346_900),
    ] {
        assert_eq!(hash_of(&Value::Null, &spec), expected, "{spec}");
    }
}

// behaviour 01#82
#[test]
fn combinations_hash_as_in_clusters() {
    let labels = json!({ "labels": { "a": "b" } });
    let hash = hash_of(&labels, &taints("taints", &["a=b:NoSchedule"]));
    assert_eq!(hash, 1_906_634_603_949_681_607);
    let metadata =
        json!({ "labels": { "team": "platform" }, "annotations": { "example.com/a": "b" } });
    let mut spec = taints("taints", &["a=b:NoSchedule"]);
    spec["startupTaints"] = taints("taints", &["c:NoExecute"])["taints"].clone();
    spec["terminationGracePeriod"] = json!("60s");
    spec["expireAfter"] = json!("30s");
    assert_eq!(hash_of(&metadata, &spec), 7_357_047_672_677_861_320);
}

// behaviour 01#83
#[test]
fn what_is_not_kept_for_life_does_not_enter() {
    let base = json!({
        "apiVersion": "karpenter.sh/v1",
        "kind": "NodePool",
        "metadata": { "name": "default" },
        "spec": { "template": { "spec": {
            "requirements": [],
            "nodeClassRef": { "group": "g", "kind": "k", "name": "n" },
        } } },
    });
    let read = |pool: &Value| hash(&serde_json::from_value(pool.clone()).unwrap());
    let mut changed = base.clone();
    changed["spec"]["template"]["spec"]["requirements"] =
        json!([{ "key": "a", "operator": "Exists" }]);
    changed["spec"]["limits"] = json!({ "cpu": 10 });
    changed["spec"]["weight"] = json!(5);
    changed["spec"]["disruption"] = json!({ "consolidateAfter": "5m", "budgets": [] });
    assert_eq!(read(&changed), read(&base));
}

#[test]
fn the_time_a_taint_was_added_does_not_enter() {
    let mut spec = taints("taints", &["a=b:NoSchedule"]);
    let without = hash_of(&Value::Null, &spec);
    spec["taints"][0]["timeAdded"] = json!("2026-01-01T00:00:00Z");
    assert_eq!(hash_of(&Value::Null, &spec), without);
}
