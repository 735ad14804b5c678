//! A process that takes over from another one in the middle of a launch.

use alibaba_sdk::ecs::InstanceType;
use karpenter_core::api::labels as core;
use karpenter_core::model::requirement::Requirement;

use super::*;
use crate::catalog::prices::Quoted;
use crate::catalog::stock::Stock;
use crate::testing::{row, stock};

const TYPE: &str = "ecs.g7.large";
const OTHER: &str = "ecs.g7.xlarge";

/// A Kubernetes API with the ready class [`class`].
fn with_class() -> Router {
    let body = serde_json::to_string(&class(&["h"])).expect("JSON");
    Router::new().route(CLASSES, get(move || async move { body }))
}

fn types() -> Vec<InstanceType> {
    vec![row(TYPE, 2, 8.0), row(OTHER, 4, 16.0)]
}

fn learn_price(provider: &AlibabaProvider, name: &str) {
    provider.market.edit_prices(|prices| {
        let quoted = Quoted { per_hour: 1.0, currency: "CNY".to_owned() };
        prices.learn_on_demand(name, 2, &quoted, noon());
    });
}

/// What has not been read yet is no lack of capacity: a claim that is given up for it leaves an instance behind.
#[tokio::test(start_paused = true)]
async fn launch_waits_until_the_catalogue_is_read_and_then_takes_the_instance_that_is_there() {
    let mut ecs = MockEcsApi::new();
    ecs.expect_describe_instances().times(1).returning(|_| {
        let made_before = Row {
            instance_type: TYPE.to_owned(),
            zone_id: "h".to_owned(),
            tags: BTreeMap::from([(labels::TAG_NODE_CLAIM_UID.to_owned(), "uid-1".to_owned())]),
            ..existing("i-a")
        };
        Ok(answer(vec![made_before], ""))
    });
    let provider = provider(ecs, with_class());
    // Made when the process began: whoever made it may have launched for it.
    let claim = claim([Requirement::in_values(core::INSTANCE_TYPE, [TYPE, OTHER])]);
    let unread = |created: Result<_, CloudProviderError>| match created {
        Err(CloudProviderError::Transient(text)) => assert!(text.contains("read yet"), "{text}"),
        other => panic!("{other:?}"),
    };

    unread(provider.create(&claim).await);
    provider.market.set_types(types(), noon());
    unread(provider.create(&claim).await);
    let there = stock(&[("h", TYPE, "Available", "WithStock")]);
    provider.market.set_stock(Stock { on_demand: there.clone(), spot: there }, noon());
    for name in [TYPE, OTHER] {
        unread(provider.create(&claim).await);
        learn_price(&provider, name);
    }

    let instance = provider.create(&claim).await.expect("the instance of before");
    assert_eq!(instance.provider_id.as_str(), "cn-hangzhou.i-a");
    let label = |key: &str| instance.labels.get(key).map(|value| &**value);
    assert_eq!(label(core::INSTANCE_TYPE), Some(TYPE));
    assert_eq!(label(core::ZONE), Some("h"));
}

/// Types that no pool could use have no prices; a claim that takes any type does not wait for them.
#[tokio::test(start_paused = true)]
async fn claim_that_names_no_type_waits_for_one_price() {
    let mut ecs = MockEcsApi::new();
    ecs.expect_describe_instances().times(1).returning(|_| Ok(answer(vec![existing("i-a")], "")));
    let provider = provider(ecs, with_class());
    provider.market.set_types(types(), noon());
    let there = stock(&[("h", TYPE, "Available", "WithStock")]);
    provider.market.set_stock(Stock { on_demand: there.clone(), spot: there }, noon());
    assert!(provider.create(&claim([])).await.is_err());
    learn_price(&provider, OTHER);
    let instance = provider.create(&claim([])).await.expect("the instance of before");
    assert_eq!(instance.provider_id.as_str(), "cn-hangzhou.i-a");
}

/// Prices that do not come are not waited for for ever.
#[tokio::test(start_paused = true)]
async fn launch_goes_on_without_prices_after_a_while() {
    let mut ecs = MockEcsApi::new();
    ecs.expect_describe_instances().times(1).returning(|_| Ok(answer(vec![existing("i-a")], "")));
    let provider = provider(ecs, with_class());
    let long_ago = noon() - 2 * provider.parts.options.price_patience;
    provider.market.set_types(types(), long_ago);
    let there = stock(&[("h", TYPE, "Available", "WithStock")]);
    provider.market.set_stock(Stock { on_demand: there.clone(), spot: there }, long_ago);
    let instance = provider.create(&claim([])).await.expect("the instance of before");
    assert_eq!(instance.provider_id.as_str(), "cn-hangzhou.i-a");
}
