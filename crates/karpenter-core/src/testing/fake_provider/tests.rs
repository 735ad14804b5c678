use super::FakeProvider;
use crate::api::labels;
use crate::cloud_provider::{CloudProvider, CloudProviderError, Termination};
use crate::model::instance_type::Catalog;
use crate::model::node_claim::NodeClaim;
use crate::testing::instance_types::{catalog, instance_type};
use crate::testing::objects::node_claim;

fn sold() -> Catalog {
    let small = instance_type("small").cpu("2").memory("4Gi").offering("z1", "on-demand", 1.0);
    let large = instance_type("large").cpu("8").memory("16Gi").offering("z1", "on-demand", 4.0);
    catalog([small.build(), large.build()])
}

async fn kind(provider: &FakeProvider, claim: &NodeClaim) -> Option<String> {
    let instance = provider.create(claim).await.ok()?;
    instance.labels.get(labels::CAPACITY_TYPE).map(ToString::to_string)
}

// behaviour 04#246
#[tokio::test]
async fn a_failure_that_was_asked_for_happens_once() {
    let provider = FakeProvider::new(sold());
    provider.cloud.lock().next_create_error = Some(CloudProviderError::Denied("no".to_owned()));
    let claim = node_claim("a").build();
    assert!(matches!(provider.create(&claim).await, Err(CloudProviderError::Denied(_))));
    assert!(provider.create(&claim).await.is_ok());
    assert_eq!(provider.cloud.lock().creates.len(), 1, "the failure was not recorded");
}

// behaviour 04#246
#[tokio::test]
async fn launches_beyond_the_allowed_ones_fail() {
    let provider = FakeProvider::new(sold());
    provider.cloud.lock().allowed_creates = Some(2);
    for (name, works) in [("a", true), ("b", true), ("c", false)] {
        assert_eq!(provider.create(&node_claim(name).build()).await.is_ok(), works, "{name}");
    }
}

// behaviour 04#246
#[tokio::test]
async fn a_reservation_that_is_used_up_is_not_launched_from() {
    let it = instance_type("small").cpu("2").memory("4Gi").offering("z1", "on-demand", 1.0);
    let mut it = (*it.offering("z1", "reserved", 0.0).build()).clone();
    it.offerings[1].reservation_capacity = 1;
    let provider = FakeProvider::new(catalog([std::sync::Arc::new(it)]));
    let first = kind(&provider, &node_claim("a").build()).await;
    let second = kind(&provider, &node_claim("b").build()).await;
    assert_eq!((first.as_deref(), second.as_deref()), (Some("reserved"), Some("on-demand")));
}

// behaviour 04#246
#[tokio::test]
async fn a_second_deletion_finds_nothing_left() {
    let provider = FakeProvider::new(sold());
    let instance = provider.create(&node_claim("a").build()).await.expect("it launches");
    let claim = node_claim("a").launched(instance.provider_id.as_str(), 0).build();
    let first = provider.delete(&claim).await.expect("it is deleted");
    assert!(matches!(first, Termination::InProgress { .. }));
    assert_eq!(provider.delete(&claim).await.ok(), Some(Termination::Gone));
}

#[tokio::test]
async fn the_cheapest_type_with_room_is_launched() {
    let provider = FakeProvider::new(sold());
    let claim = node_claim("a").requests("cpu", "4").build();
    let instance = provider.create(&claim).await.expect("it launches");
    let name = instance.labels.get(labels::INSTANCE_TYPE).map(ToString::to_string);
    assert_eq!(name.as_deref(), Some("large"));
}
