//! Steps for classes, and what a spec is refused for.

use std::collections::BTreeMap;
use std::sync::Arc;

use karpenter_core::decide::plan::{Plan, Step};
use karpenter_core::model::ids::NodeClassKey;
use karpenter_core::model::node_class::{NodeClass, Readiness};
use karpenter_core::state::{Change, ClusterEvent, ClusterState};

use super::memory::{Memory, PARTS};
use super::validate::validate;
use super::{ClassStep, Input, decide};
use crate::api::disks::SystemDisk;
use crate::api::kubelet::KubeletConfiguration;
use crate::api::node_class::{ECSNodeClass, ECSNodeClassSpec, UserDataPolicy};
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
    if claims {
        state.apply(ClusterEvent::NodeClaim(Change::Upsert(Arc::new(claim([])))), noon());
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

// behaviour 05#79
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
