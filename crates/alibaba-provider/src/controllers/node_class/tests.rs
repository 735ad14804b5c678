//! Steps for classes, and what a spec is refused for.

use std::collections::BTreeMap;
use std::sync::Arc;

use karpenter_core::decide::plan::{Plan, Step};
use karpenter_core::model::ids::NodeClassKey;
use karpenter_core::model::node_claim::NodeClaim;
use karpenter_core::model::node_class::{NodeClass, Readiness};
use karpenter_core::state::{Change, ClusterEvent, ClusterState};
use serde_json::json;

use super::memory::{Memory, PARTS};
use super::validate::validate;
use super::{ClassStep, Input, adoption, decide};
use crate::api::bootstrap::UserDataPolicy;
use crate::api::disks::SystemDisk;
use crate::api::kubelet::KubeletConfiguration;
use crate::api::node_class::{ECSNodeClass, ECSNodeClassSpec};
use crate::api::{self, hash, labels};
use crate::testing::{at, claim, class, noon};

/// The class with finalizer and hash in place.
fn adopted() -> ECSNodeClass {
    let mut class = class(&["h"]);
    class.metadata.finalizers = Some(vec![labels::FINALIZER.to_owned()]);
    let annotations = BTreeMap::from([
        (labels::HASH.to_owned(), hash::hash(&class.spec)),
        (labels::HASH_VERSION.to_owned(), hash::VERSION.to_owned()),
    ]);
    class.metadata.annotations = Some(annotations);
    class
}

fn deleting() -> ECSNodeClass {
    let mut class = adopted();
    let time = k8s_openapi::apimachinery::pkg::apis::meta::v1::Time(noon());
    class.metadata.deletion_timestamp = Some(time);
    class
}

/// The plan when the watch shows the class at `version` and `read` is what we hold of it.
fn planned(
    version: &str,
    read: Option<ECSNodeClass>,
    memory: Option<Memory>,
    claims: bool,
) -> Plan<ClassStep> {
    planned_with(version, read, memory, claims.then(|| claim([])))
}

/// The same where `kept` is the only claim.
fn planned_with(
    version: &str,
    read: Option<ECSNodeClass>,
    memory: Option<Memory>,
    kept: Option<NodeClaim>,
) -> Plan<ClassStep> {
    let state = ClusterState::default();
    let seen = NodeClass {
        key: NodeClassKey::new(api::GROUP, api::KIND, "default"),
        uid: "class-uid".into(),
        resource_version: version.into(),
        generation: 1,
        deleted_at: None,
        readiness: Readiness::Ready,
    };
    state.apply(ClusterEvent::NodeClass(Change::Upsert(Arc::new(seen))), noon());
    if let Some(kept) = kept {
        state.apply(ClusterEvent::NodeClaim(Change::Upsert(Arc::new(kept))), noon());
    }
    let named = |name: &str| name.to_owned();
    let input = Input {
        snapshot: state.snapshot(),
        classes: read.into_iter().map(|class| (named("default"), Arc::new(class))).collect(),
        memories: memory.into_iter().map(|memory| (named("default"), memory)).collect(),
        is_region_known: true,
    };
    decide::plan(&input, noon())
}

fn name() -> String {
    "default".to_owned()
}

#[test]
fn unread_or_outdated_class_is_read() {
    assert_eq!(planned("10", None, None, false).steps, [ClassStep::Read(name())]);
    assert_eq!(planned("11", Some(adopted()), None, false).steps, [ClassStep::Read(name())]);
}

#[test]
fn new_class_gets_finalizer_and_hash_before_it_is_resolved() {
    assert_eq!(planned("10", Some(class(&["h"])), None, false).steps, [ClassStep::Adopt(name())]);
    assert_eq!(planned("10", Some(adopted()), None, false).steps, [ClassStep::Resolve(name())]);
}

#[test]
fn resolved_class_is_left_alone_until_a_part_is_due() {
    let later = at("2026-08-01T12:01:00Z");
    let due = PARTS.into_iter().map(|part| (part, later)).collect();
    let memory = Memory { generation: 1, due, ..Memory::default() };
    let plan = planned("10", Some(adopted()), Some(memory.clone()), false);
    assert_eq!((plan.steps, plan.wake_at), (vec![], Some(later)));
    let changed = Memory { generation: 0, ..memory };
    let plan = planned("10", Some(adopted()), Some(changed), false);
    assert_eq!(plan.steps, [ClassStep::Resolve(name())]);
}

// behaviour 05#79, 01#160
#[test]
fn deleted_class_stays_while_a_claim_refers_to_it() {
    let kept = planned("10", Some(deleting()), None, true);
    assert_eq!(kept.steps, [ClassStep::Report(name(), vec!["claim-1".to_owned()])]);
    let freed = planned("10", Some(deleting()), None, false);
    assert_eq!(freed.steps, [ClassStep::Release(name())]);
    assert_ne!(kept.steps[0].object(), freed.steps[0].object(), "reports must not delay the end");
}

fn reason(spec: &ECSNodeClassSpec) -> &'static str {
    validate(spec, "c1").reason
}

// behaviour 05#45, 05#63
#[test]
fn errors_of_a_spec_are_told_apart() {
    let spec = || class(&["h"]).spec;
    assert_eq!(reason(&spec()), "ValidationSucceeded");
    let long = ECSNodeClassSpec { user_data: Some("x".repeat(32 * 1024 + 1)), ..spec() };
    assert_eq!(reason(&long), "UserDataTooLarge");
    let map = BTreeMap::from([("memory".to_owned(), "much".to_owned())]);
    let kubelet = KubeletConfiguration { kube_reserved: Some(map), ..Default::default() };
    assert_eq!(reason(&ECSNodeClassSpec { kubelet: Some(kubelet), ..spec() }), "KubeletInvalid");
    let tags = (0..16).map(|n| (format!("k{n}"), String::new())).collect();
    assert_eq!(reason(&ECSNodeClassSpec { tags: Some(tags), ..spec() }), "TagValidationFailed");
    let disk =
        SystemDisk { size: Some(50), volume_size: Some("60Gi".into()), ..Default::default() };
    assert_eq!(reason(&ECSNodeClassSpec { system_disk: Some(disk), ..spec() }), "DiskSizeInvalid");
}

#[test]
fn class_without_any_cluster_needs_a_script_of_its_own() {
    let spec = class(&["h"]).spec;
    assert_eq!(validate(&spec, "").reason, "ClusterIDMissing");
    let own = ECSNodeClassSpec {
        user_data: Some("#!/bin/sh".to_owned()),
        user_data_policy: Some(UserDataPolicy::Replace),
        ..spec
    };
    assert_eq!(validate(&own, "").holds, Some(true));
}

/// A spec with `more` in it.
fn spec_with(more: &serde_json::Value) -> ECSNodeClassSpec {
    let mut spec = serde_json::to_value(class(&["h"]).spec).expect("JSON");
    for (key, value) in more.as_object().into_iter().flatten() {
        spec[key] = value.clone();
    }
    serde_json::from_value(spec).expect("a spec")
}

// behaviour 01#148, 01#149
#[test]
fn disk_no_category_allows_is_an_error_that_names_it() {
    let cases = [
        (
            json!({ "systemDisk": { "category": "cloud_essd", "size": 40, "performanceLevel": "PL3" } }),
            "systemDisk",
        ),
        (
            json!({ "dataDisks": [{}, { "category": "elastic_ephemeral_disk_standard" }] }),
            "dataDisks[1]",
        ),
        (json!({ "systemDisk": { "size": 40, "volumeSize": "50Gi" } }), "systemDisk"),
    ];
    for (more, field) in cases {
        let verdict = validate(&spec_with(&more), "c1");
        assert_eq!(verdict.reason, "DiskSizeInvalid", "{more}");
        assert!(verdict.message.contains(field), "{}", verdict.message);
    }
    let two = json!({ "categories": ["cloud_essd", "cloud_auto"], "size": 40, "performanceLevel": "PL3" });
    assert_eq!(reason(&spec_with(&json!({ "systemDisk": two }))), "ValidationSucceeded");
}

#[test]
fn kubelet_setting_is_refused_where_it_is_wrong_or_cannot_be_carried() {
    let grace = |period: &str| {
        json!({ "kubelet": {
            "evictionSoft": { "memory.available": "5%" },
            "evictionSoftGracePeriod": { "memory.available": period },
        } })
    };
    assert_eq!(reason(&spec_with(&grace("2m"))), "ValidationSucceeded");
    assert_eq!(reason(&spec_with(&grace("soon"))), "KubeletInvalid");
    let carried = json!({ "kubelet": { "evictionMaxPodGracePeriod": 60 } });
    assert_eq!(reason(&spec_with(&carried)), "KubeletInvalid");
}

#[test]
fn bootstrap_without_a_script_of_ours_needs_one_of_the_user() {
    let kubeadm = json!({ "bootstrapMode": "Kubeadm" });
    assert_eq!(reason(&spec_with(&kubeadm)), "BootstrapModeUnsupported");
    let custom = json!({ "bootstrapMode": "Custom", "userData": "#!/bin/sh" });
    assert_eq!(validate(&spec_with(&custom), "").holds, Some(true));
}

#[test]
fn what_has_no_effect_is_noted() {
    let more = json!({
        "deletionProtection": true,
        "metadataOptions": { "httpPutResponseHopLimit": 2 },
        "password": "Plain-text-1",
    });
    let verdict = validate(&spec_with(&more), "c1");
    assert_eq!(verdict.holds, Some(true));
    for text in ["deletionProtection", "HopLimit", "deprecated"] {
        assert!(verdict.message.contains(text), "{}", verdict.message);
    }
    assert!(!verdict.message.contains("Plain-text-1"));
}

// behaviour 01#160
#[test]
fn claim_of_another_group_does_not_keep_a_class_of_the_same_name() {
    let other = NodeClaim {
        node_class: NodeClassKey::new("karpenter.k8s.alibabacloud", api::KIND, "default"),
        ..claim([])
    };
    let freed = planned_with("10", Some(deleting()), None, Some(other));
    assert_eq!(freed.steps, [ClassStep::Release(name())]);
}

/// A claim of an earlier provider: it has an instance and that provider's annotation.
fn taken_over() -> NodeClaim {
    let annotations = BTreeMap::from([(labels::OLD_HASH.into(), "86029c5e5831277d".into())]);
    NodeClaim { launched: true, annotations: Arc::new(annotations), ..claim([]) }
}

/// The adopted class as an earlier provider left it.
fn with_old_hash() -> ECSNodeClass {
    let mut class = adopted();
    let annotations = class.metadata.annotations.get_or_insert_default();
    annotations.insert(labels::OLD_HASH.to_owned(), "0123".to_owned());
    class
}

fn marked(plan: &Plan<ClassStep>) -> Vec<&serde_json::Value> {
    plan.steps
        .iter()
        .filter_map(|step| match step {
            ClassStep::Mark { marks, .. } => Some(marks),
            _ => None,
        })
        .collect()
}

// behaviour 01#167
#[test]
fn claim_without_our_hash_gets_that_of_its_class_and_the_old_one_leaves_the_class_last() {
    let class = with_old_hash();
    let hash = hash::hash(&class.spec);
    let plan = planned_with("10", Some(class.clone()), None, Some(taken_over()));
    assert_eq!(marked(&plan), [&json!({ labels::HASH: hash, labels::HASH_VERSION: "v1" })]);
    assert!(!plan.steps.contains(&ClassStep::Forget(name())));
    let starting = NodeClaim { launched: false, ..taken_over() };
    let plan = planned_with("10", Some(class), None, Some(starting));
    assert!(marked(&plan).is_empty(), "the launch itself brings the hash");
    assert!(plan.steps.contains(&ClassStep::Forget(name())));
}

#[test]
fn claim_of_another_version_keeps_its_hash_if_it_has_drifted_by_it() {
    let drifted = |status: &str| {
        let annotations = BTreeMap::from([
            (labels::HASH.into(), "own".into()),
            (labels::HASH_VERSION.into(), "v0".into()),
        ]);
        let mut object = (*claim([]).object).clone();
        let verdict = json!([{
            "type": "Drifted", "status": status, "reason": "NodeClassDrift", "message": "",
            "lastTransitionTime": "2026-08-01T12:00:00Z",
        }]);
        object.status = serde_json::from_value(json!({ "conditions": verdict })).expect("a status");
        let annotations = Arc::new(annotations);
        NodeClaim { launched: true, annotations, object: Arc::new(object), ..claim([]) }
    };
    let marks = |status: &str| {
        let plan = planned_with("10", Some(adopted()), None, Some(drifted(status)));
        marked(&plan)[0].clone()
    };
    assert_eq!(marks("True"), json!({ labels::HASH_VERSION: "v1" }));
    assert_eq!(marks("False")[labels::HASH], hash::hash(&adopted().spec));
}

// behaviour 01#168, 01#194
#[test]
fn class_whose_user_data_replaced_the_script_waits_for_a_policy_and_so_do_its_claims() {
    let data = Some("#!/bin/sh".to_owned());
    let mut class = with_old_hash();
    class.spec.user_data = data.clone();
    assert!(adoption::needs_policy(&class));
    let verdicts = [adoption::refusal()];
    assert_eq!(verdicts[0].reason, "UserDataPolicyRequired");
    let status = class.status.as_mut().expect("a status");
    status.conditions = crate::api::conditions::fold(&status.conditions, &verdicts, 1, noon());
    let annotations = class.metadata.annotations.get_or_insert_default();
    annotations.insert(labels::HASH.to_owned(), hash::hash(&class.spec));
    let plan = planned_with("10", Some(class.clone()), None, Some(taken_over()));
    assert!(marked(&plan).is_empty(), "an answer of Replace would change the hash");
    for policy in [UserDataPolicy::Replace, UserDataPolicy::Merge] {
        class.spec.user_data_policy = Some(policy);
        assert!(!adoption::needs_policy(&class));
    }
    let fresh = ECSNodeClassSpec { user_data: data, ..class.spec.clone() };
    let fresh = ECSNodeClass::new("new", ECSNodeClassSpec { user_data_policy: None, ..fresh });
    assert!(!adoption::needs_policy(&fresh), "a class nobody else wrote to merges");
}

// behaviour 01#168
#[test]
fn conditions_of_an_earlier_provider_ask_for_a_policy_too() {
    let mut class = adopted();
    class.spec.user_data = Some("#!/bin/sh".to_owned());
    assert!(!adoption::needs_policy(&class));
    let old = crate::api::conditions::Verdict::ok("VSwitchResolved", "Resolved 1 VSwitches");
    let status = class.status.as_mut().expect("a status");
    status.conditions = crate::api::conditions::fold(&status.conditions, &[old], 1, noon());
    assert!(adoption::needs_policy(&class));
}

// behaviour 01#194
#[test]
fn claims_are_marked_with_the_hash_of_the_policy_that_was_chosen() {
    let mut class = with_old_hash();
    class.spec.user_data = Some("#!/bin/sh".to_owned());
    class.spec.user_data_policy = Some(UserDataPolicy::Replace);
    let hash = hash::hash(&class.spec);
    let annotations = class.metadata.annotations.get_or_insert_default();
    annotations.insert(labels::HASH.to_owned(), hash.clone());
    let plan = planned_with("10", Some(class), None, Some(taken_over()));
    assert_eq!(marked(&plan)[0][labels::HASH], hash);
}
