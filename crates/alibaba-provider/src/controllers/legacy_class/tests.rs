//! Steps for classes of the older group.

use karpenter_core::model::node_claim::NodeClaim;
use serde_json::{Value, json};

use karpenter_core::state::{Change, ClusterEvent};

use super::*;
use crate::legacy;
use crate::legacy::object::decode;
use crate::testing::{claim, noon};

/// The class with `metadata` merged in.
fn class(metadata: &Value) -> LegacyClass {
    let mut object = json!({
        "apiVersion": "karpenter.k8s.alibabacloud/v1alpha1",
        "kind": "ECSNodeClass",
        "metadata": { "name": "default", "generation": 1 },
        "spec": { "vSwitchSelectionPolicy": "cheapest" },
    });
    for (key, value) in metadata.as_object().into_iter().flatten() {
        object["metadata"][key] = value.clone();
    }
    decode(serde_json::from_value(object).expect("an object")).expect("a class")
}

fn adopted() -> Value {
    json!({
        "finalizers": [legacy::FINALIZER],
        "annotations": { legacy::HASH: "1548523725367125013", legacy::HASH_VERSION: "v3" },
    })
}

fn planned(class: LegacyClass, kept: Option<NodeClaim>) -> Vec<LegacyStep> {
    let state = ClusterState::default();
    if let Some(kept) = kept {
        state.apply(ClusterEvent::NodeClaim(Change::Upsert(Arc::new(kept))), noon());
    }
    let input = Input {
        snapshot: state.snapshot(),
        classes: BTreeMap::from([("default".to_owned(), Arc::new(class))]),
        memories: BTreeMap::new(),
        list_due: Some(noon() + Duration::from_secs(10)),
        is_region_known: true,
    };
    decide::plan(&input, noon()).steps
}

#[test]
fn class_gets_its_own_finalizer_and_hash_and_is_then_resolved() {
    let name = "default".to_owned();
    let show = LegacyStep::Show(name.clone());
    assert_eq!(planned(class(&json!({})), None), [show.clone(), LegacyStep::Adopt(name.clone())]);
    assert_eq!(planned(class(&adopted()), None), [show, LegacyStep::Resolve(name)]);
}

// behaviour 01#160
#[test]
fn claim_of_our_group_does_not_keep_a_class_of_the_same_name() {
    let mut metadata = adopted();
    metadata["deletionTimestamp"] = json!("2026-08-01T12:00:00Z");
    let release = LegacyStep::Release("default".to_owned());
    assert!(planned(class(&metadata), Some(claim([]))).contains(&release));
    let node_class =
        karpenter_core::model::ids::NodeClassKey::new(legacy::GROUP, legacy::KIND, "default");
    let own = NodeClaim { node_class, ..claim([]) };
    assert!(!planned(class(&metadata), Some(own)).contains(&release));
}

#[test]
fn classes_are_listed_first_and_then_at_intervals() {
    let input = |list_due: Option<Timestamp>| Input {
        snapshot: ClusterState::default().snapshot(),
        classes: BTreeMap::new(),
        memories: BTreeMap::new(),
        list_due,
        is_region_known: true,
    };
    let later = noon() + Duration::from_secs(10);
    assert_eq!(decide::plan(&input(None), noon()).steps, [LegacyStep::List]);
    let waiting = decide::plan(&input(Some(later)), noon());
    assert_eq!((waiting.steps, waiting.wake_at), (vec![], Some(later)));
    assert_eq!(decide::plan(&input(Some(later)), later).steps, [LegacyStep::List]);
}
