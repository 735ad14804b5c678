//! The user's example is accepted as it is, the rules refuse what they should, and the hash is stable.

use kube::CustomResourceExt;
use kube_cel::{compile_schema, validate_compiled};
use serde_json::{Value, json};

use super::conditions::{DEPENDENTS, IMAGES_READY, READY, V_SWITCHES_READY, Verdict, find, fold};
use super::crd::document;
use super::disk_sizes::{DiskSizeError, size_gib};
use super::hash::hash;
use super::node_class::ECSNodeClass;
use crate::testing::{at, noon};

const EXAMPLE: &str = r#"
apiVersion: karpenter.alibabacloud.com/v1alpha1
kind: ECSNodeClass
metadata:
  name: default
spec:
  # 集群 ID
  clusterID: ""
  # VSwitch 选择器
  vSwitchSelectorTerms:
    - tags:
        karpenter.sh/discovery: my-cluster
    - id: "vsw-bp1h5w****"

  # 安全组选择器
  securityGroupSelectorTerms:
    - tags:
        karpenter.sh/discovery: my-cluster
    - id: "sg-bp1h5w****"

  # 镜像选择器
  imageSelectorTerms:
    - imageFamily: "acs:alibaba_cloud_linux_3_2104_lts_x64"
    - id: "aliyun_3_x64_20G_container_optimized_alibase_20250629.vhd"
"#;

fn schema() -> Value {
    let value = document();
    value["spec"]["versions"][0]["schema"]["openAPIV3Schema"].clone()
}

fn minimal() -> Value {
    json!({
        "vSwitchSelectorTerms": [{ "id": "vsw-a" }],
        "securityGroupSelectorTerms": [{ "id": "sg-a" }],
        "imageSelectorTerms": [{ "id": "img" }],
    })
}

/// Messages of the rules that refuse `object`.
fn messages(object: &Value) -> Vec<String> {
    let refused = validate_compiled(&compile_schema(&schema()), object, None).err();
    refused.into_iter().flat_map(|errors| errors.into_vec()).map(|error| error.message).collect()
}

/// Messages of the rules that refuse the minimal spec with `more` in it.
fn refusals(more: &Value) -> Vec<String> {
    let mut spec = minimal();
    for (key, value) in more.as_object().into_iter().flatten() {
        spec[key] = value.clone();
    }
    let object = json!({ "metadata": { "name": "default" }, "spec": spec });
    messages(&object)
}

// behaviour 01#139
#[test]
fn example_of_the_documentation_is_accepted_unchanged() {
    let class: ECSNodeClass = serde_saphyr::from_str(EXAMPLE).expect("a node class");
    assert_eq!(class.spec.cluster_id.as_deref(), Some(""));
    assert_eq!(class.spec.effective_cluster_id("c1"), "c1");
    let object: Value = serde_json::to_value(&class).expect("JSON");
    assert_eq!(messages(&object), Vec::<String>::new());
    assert_eq!(hash(&class.spec), "44136fa355b3678a");
}

#[test]
fn every_rule_compiles() {
    let compiled = compile_schema(&schema());
    assert!(!compiled.has_errors(), "{:?}", compiled.compilation_errors());
}

#[test]
fn rules_refuse_what_they_should() {
    let cases = [
        (json!({}), None),
        (json!({ "vSwitchSelectorTerms": [{}] }), Some("at least one of id, tags or zoneID")),
        (
            json!({ "vSwitchSelectorTerms": [{ "id": "vsw-a", "tags": {} }] }),
            Some("id is mutually exclusive"),
        ),
        (json!({ "vSwitchSelectorTerms": [{ "zoneID": "cn-hangzhou-h" }] }), None),
        (
            json!({ "securityGroupSelectorTerms": [{ "tags": {} }] }),
            Some("at least one of id, tags or name"),
        ),
        (
            json!({ "imageSelectorTerms": [{ "imageOwnerAlias": "system" }] }),
            Some("at least one of alias"),
        ),
        (
            json!({ "imageSelectorTerms": [{ "alias": "ContainerOS", "name": "a" }] }),
            Some("alias is mutually exclusive"),
        ),
        (json!({ "imageSelectorTerms": [{ "alias": "Foo@latest" }] }), Some("family of the alias")),
        (json!({ "imageSelectorTerms": [{ "alias": "ContainerOS" }] }), None),
        (
            json!({ "systemDisk": { "category": "cloud", "categories": ["cloud"] } }),
            Some("category and categories"),
        ),
        (json!({ "systemDisk": { "categories": ["cloud", "cloud"] } }), Some("must be unique")),
        (json!({ "systemDisk": { "kmsKeyID": "k", "encrypted": false } }), Some("needs encrypted")),
        (json!({ "spotStrategy": "SpotWithPriceLimit" }), Some("needs spotPriceLimit")),
        (json!({ "tags": { "": "a" } }), Some("empty tag keys")),
        (json!({ "tags": { "acs:a": "a" } }), Some("must not begin with")),
        (json!({ "tags": { "karpenter.sh/nodepool": "a" } }), Some("restricted key")),
        (json!({ "tags": { "karpenter.sh/discovery": "a" } }), None),
        (json!({ "tags": { "a": "http://b" } }), Some("contain a URL")),
    ];
    for (spec, expected) in cases {
        let refusals = refusals(&spec);
        match expected {
            None => assert!(refusals.is_empty(), "{spec}: {refusals:?}"),
            Some(text) => {
                assert!(refusals.iter().any(|r| r.contains(text)), "{spec}: {refusals:?}");
            }
        }
    }
}

#[test]
fn published_schema_is_structural() {
    let text = schema().to_string();
    assert!(!text.contains("\"nullable\"") && !text.contains("Source:"));
    assert!(!text.contains("\"oneOf\"") && !text.contains("\"$ref\""));
    assert_eq!(ECSNodeClass::crd_name(), "ecsnodeclasses.karpenter.alibabacloud.com");
}

#[test]
fn disk_sizes_round_up_and_must_agree() {
    assert_eq!(size_gib(None, None), Ok(None));
    assert_eq!(size_gib(None, Some("60G")), Ok(Some(56)));
    assert_eq!(size_gib(Some(1024), Some("1Ti")), Ok(Some(1024)));
    assert_eq!(size_gib(None, Some("60Mi")), Err(DiskSizeError::Malformed("60Mi".to_owned())));
    assert!(matches!(size_gib(Some(50), Some("60Gi")), Err(DiskSizeError::Contradiction { .. })));
}

#[test]
fn ready_is_false_before_unknown_before_true() {
    let all = |verdict: Verdict| {
        let others = DEPENDENTS.into_iter().filter(|kind| *kind != verdict.kind);
        let mut verdicts: Vec<Verdict> = others.map(|kind| Verdict::ok(kind, "")).collect();
        verdicts.push(verdict);
        verdicts
    };
    let status = |verdicts: &[Verdict]| {
        let conditions = fold(&[], verdicts, 1, noon());
        find(&conditions, READY).map(|ready| ready.status.clone()).unwrap_or_default()
    };
    let failed = Verdict::failed(V_SWITCHES_READY, "VSwitchesNotFound", "none");
    let unknown = Verdict::unknown(IMAGES_READY, "CloudAPIError", "no answer");
    assert_eq!(status(&all(Verdict::ok(IMAGES_READY, ""))), "True");
    assert_eq!(status(&all(unknown.clone())), "Unknown");
    let mut both = all(failed);
    both.push(unknown);
    assert_eq!(status(&both), "False");
    assert_eq!(status(&[]), "Unknown");
}

#[test]
fn transition_time_moves_with_the_status_only() {
    let ok = [Verdict::ok(IMAGES_READY, "")];
    let first = fold(&[], &ok, 1, noon());
    let again = fold(&first, &[Verdict::ok(IMAGES_READY, "note")], 2, at("2026-08-01T13:00:00Z"));
    let images = find(&again, IMAGES_READY).expect("a condition");
    assert_eq!((images.last_transition_time.0, images.observed_generation), (noon(), Some(2)));
}
