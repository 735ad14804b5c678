//! Choosing, creating, listing, deleting.

use std::sync::Arc;

use karpenter_core::api::labels as core;
use karpenter_core::cloud_provider::{CloudProvider, CloudProviderError, Instance, Termination};
use karpenter_core::model::node_claim::NodeClaim;
use karpenter_core::testing::objects::{ClaimBuilder, node_claim};
use serde_json::{Value, json};

use crate::catalog::InstanceTypes;
use crate::catalog::generic;
use crate::choice::{Lot, choose};
use crate::testing::{FakeApi, class, class_path, clock, with_ready};

fn wants(entries: &Value) -> Arc<NodeClaim> {
    node_claim("c").set("/spec/requirements", entries.clone()).build()
}

fn launched(claim: ClaimBuilder, instance: &Instance) -> Arc<NodeClaim> {
    claim.launched(instance.provider_id.as_str(), 0).build()
}

/// A type offered in `sold`, an empty list of zones meaning nowhere.
fn types(rows: &[(&str, &[&str])]) -> InstanceTypes {
    let mut row = generic::rows().swap_remove(0);
    let all = std::mem::take(&mut row.offerings);
    let rows: Vec<_> = rows
        .iter()
        .map(|(name, zones)| {
            let is_sold =
                |offering: &&_| zones.iter().any(|zone| format!("{offering:?}").contains(zone));
            let offerings = all.iter().filter(is_sold).cloned().collect();
            crate::catalog::file::InstanceTypeRow {
                name: (*name).to_owned(),
                offerings,
                ..row.clone()
            }
        })
        .collect();
    InstanceTypes::from_rows(&rows).expect("rows are a catalogue")
}

// behaviour 04#243
#[test]
fn a_type_without_suitable_offering_is_passed_over() {
    let types =
        types(&[("a-cheap", &[]), ("b-there", &["test-zone-b"]), ("c-here", &["test-zone-a"])]);
    let listed = json!([
        { "key": core::INSTANCE_TYPE, "operator": "In", "values": ["a-cheap", "b-there", "c-here"] },
        { "key": core::ZONE, "operator": "In", "values": ["test-zone-a"] },
    ]);
    let claim = wants(&listed);
    let choice = choose(&claim, &types, Lot::of(&claim, 1)).expect("one type suits");
    assert_eq!(choice.instance_type.name.as_str(), "c-here");
}

// behaviour 04#243
#[tokio::test(start_paused = true)]
async fn a_claim_nothing_suits_is_refused() {
    let provider = FakeApi::with_class("").provider(&clock());
    let mars = json!([{ "key": core::ZONE, "operator": "In", "values": ["mars"] }]);
    let huge = node_claim("c").requests("cpu", "300").build();
    for claim in [wants(&mars), huge] {
        let refused = provider.create(&claim).await;
        assert!(matches!(refused, Err(CloudProviderError::InsufficientCapacity(_))), "{refused:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_cheapest_type_that_holds_the_requests_is_launched_with_its_full_size() {
    let api = FakeApi::with_class("");
    let provider = api.provider(&clock());
    let claim = node_claim("c").requests("cpu", "1900m").build();
    let instance = provider.create(&claim).await.expect("it launches");
    let node = &api.nodes()[0];
    let labels = &node["metadata"]["labels"];
    assert_eq!(labels[core::INSTANCE_TYPE], "c-2x-amd64-linux");
    assert_eq!(labels[core::CAPACITY_TYPE], "spot");
    assert_eq!(labels[core::HOSTNAME], "c");
    assert_eq!(node["status"]["capacity"]["cpu"], "2");
    assert_eq!(node["status"]["allocatable"]["cpu"], "1900m");
    assert_eq!(node["spec"]["taints"][0]["key"], core::UNREGISTERED_TAINT);
    assert_eq!(instance.capacity.get_or_zero("memory").to_string(), "4Gi");
    assert_eq!(instance.provider_id.as_str(), node["spec"]["providerID"]);
    assert_eq!(instance.claim_uid.as_ref().map(|uid| uid.as_str()), Some("uid-c"));
}

#[tokio::test(start_paused = true)]
async fn equal_seeds_launch_equally_and_twice_is_once() {
    let (one, two) = (FakeApi::with_class(""), FakeApi::with_class(""));
    let claim = node_claim("c").build();
    let first = one.provider(&clock()).create(&claim).await.expect("it launches");
    let again = one.provider(&clock()).create(&claim).await.expect("another process finds it");
    assert_eq!((first.provider_id, one.nodes().len()), (again.provider_id, 1));
    two.provider(&clock()).create(&claim).await.expect("it launches");
    assert_eq!(one.nodes(), two.nodes());
}

#[tokio::test(start_paused = true)]
async fn equal_offerings_are_drawn_by_lot() {
    let types = InstanceTypes::generic();
    let zone = |number: usize| {
        let claim = node_claim(&format!("c-{number}")).build();
        let choice = choose(&claim, &types, Lot::of(&claim, 1)).expect("a type suits");
        choice.offering.requirements.get(core::ZONE).map(ToString::to_string)
    };
    let zones: std::collections::BTreeSet<_> = (0..64).map(zone).collect();
    assert_eq!(zones.len(), generic::ZONES.len());
}

#[tokio::test(start_paused = true)]
async fn a_class_that_cannot_be_used_is_said_so() {
    let api = FakeApi::default();
    let provider = api.provider(&clock());
    let claim = node_claim("c").build();
    let missing = provider.create(&claim).await.expect_err("there is no class");
    assert_eq!(
        missing.to_string(),
        "insufficient capacity, KWOKNodeClass default does not exist; create it"
    );
    api.put(&class_path(), with_ready(class(""), "False"));
    let broken = provider.create(&claim).await.expect_err("the class is not ready");
    assert_eq!(
        broken.to_string(),
        "NodeClassRef not ready, KWOKNodeClass default is not ready: Test: says the test"
    );
    api.put(&class_path(), with_ready(class(""), "True"));
    assert!(provider.create(&claim).await.is_ok());
}

// behaviour 04#245
#[tokio::test(start_paused = true)]
async fn deleting_the_instance_of_an_unregistered_claim_removes_its_node() {
    let api = FakeApi::with_class("");
    let provider = api.provider(&clock());
    let instance = provider.create(&node_claim("c").build()).await.expect("it launches");
    let claim = launched(node_claim("c"), &instance);
    let first = provider.delete(&claim).await.expect("it is deleted");
    assert!(matches!(first, Termination::InProgress { .. }));
    assert_eq!(api.nodes(), Vec::<Value>::new());
    assert_eq!(provider.delete(&claim).await.ok(), Some(Termination::Gone));
}

// behaviour 04#245
#[tokio::test(start_paused = true)]
async fn a_node_that_is_being_deleted_is_no_instance() {
    let api = FakeApi::with_class("");
    let provider = api.provider(&clock());
    let instance = provider.create(&node_claim("c").build()).await.expect("it launches");
    api.change_node(|node| node["metadata"]["finalizers"] = json!([core::TERMINATION_FINALIZER]));
    let claim = launched(node_claim("c"), &instance);
    provider.delete(&claim).await.expect("it is deleted");
    assert_eq!(api.nodes().len(), 1, "the finalizer holds it");
    let got = provider.get(&instance.provider_id).await;
    assert!(matches!(got, Err(CloudProviderError::NodeClaimNotFound(_))), "{got:?}");
    assert_eq!(provider.delete(&claim).await.ok(), Some(Termination::Gone));
    assert_eq!(provider.list().await.expect("a list"), vec![]);
}

#[tokio::test(start_paused = true)]
async fn nodes_of_others_are_not_listed() {
    let api = FakeApi::with_class("");
    let foreign = json!({
        "apiVersion": "v1", "kind": "Node", "metadata": { "name": "other" },
        "spec": { "providerID": "cloud://1" },
    });
    api.put("/api/v1/nodes/other", foreign);
    let provider = api.provider(&clock());
    let own = provider.create(&node_claim("c").build()).await.expect("it launches");
    let listed = provider.list().await.expect("a list");
    assert_eq!(listed.iter().map(|i| &i.provider_id).collect::<Vec<_>>(), [&own.provider_id]);
    assert_eq!(listed[0].labels, own.labels);
}
