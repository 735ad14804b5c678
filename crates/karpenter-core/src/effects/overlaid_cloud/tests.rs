//! What planning gets to see.

use std::sync::Arc;

use serde_json::json;

use super::{OverlaidCloud, Overlays};
use crate::cloud_provider::{CloudProvider, CloudProviderError};
use crate::effects::fakes::idle_cloud;
use crate::model::instance_type::Catalog;
use crate::model::overlay::OverlayEffects;
use crate::testing::instance_types::{catalog, instance_type};
use crate::testing::node_pools::node_pool;

// behaviour 01#70
// behaviour 02#241
#[tokio::test]
async fn a_pool_nobody_has_evaluated_yields_an_error_of_its_own() {
    let overlays = Overlays::default();
    let cloud = OverlaidCloud { inner: Arc::new(idle_cloud()), overlays: overlays.clone() };
    let pool = node_pool("p").build();
    let before = cloud.instance_types(&pool).await;
    assert!(matches!(before, Err(CloudProviderError::UnevaluatedNodePool(_))), "{before:?}");
    let mut effects = OverlayEffects::default();
    effects.evaluated(&pool.name);
    overlays.replace(&effects);
    assert!(cloud.instance_types(&pool).await.is_ok());
}

#[test]
fn the_generation_grows_with_either_side_and_rests_otherwise() {
    let overlays = Overlays::default();
    let pool = node_pool("p").build().name.clone();
    let own = catalog([instance_type("t").offering("z", "spot", 2.0).build()]);
    let newer = Catalog { generation: own.generation + 1, types: own.types.clone() };
    let mut effects = OverlayEffects::default();
    effects.evaluated(&pool);
    overlays.replace(&effects);
    let seen = |catalog| overlays.apply(&pool, catalog).expect("evaluated").generation;
    let first = seen(&own);
    overlays.replace(&effects);
    assert_eq!(seen(&own), first, "equal effects change nothing");
    let capacity = serde_json::from_value(json!({ "example.com/x": "1" })).expect("quantities");
    let capacity = crate::model::resources::Resources::from_api(&capacity).expect("quantities");
    effects.evaluated(&pool).entry("t".into()).or_default().capacity = capacity;
    overlays.replace(&effects);
    let second = seen(&own);
    assert!(second > first);
    assert!(seen(&newer) > second);
}
