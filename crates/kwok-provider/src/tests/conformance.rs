//! The suite every provider runs.

use std::sync::Arc;

use async_trait::async_trait;
use karpenter_core::clock::Clock;
use karpenter_core::cloud_provider::CloudProvider;
use karpenter_core::model::node_claim::NodeClaim;
use karpenter_core::model::node_pool::NodePool;
use karpenter_core::testing::conformance::{Subject, check};
use karpenter_core::testing::objects::{node_claim, node_pool};

use crate::testing::{FakeApi, clock};

struct Kwok {
    api: FakeApi,
    clock: Clock,
}

#[async_trait]
impl Subject for Kwok {
    fn provider(&self) -> Arc<dyn CloudProvider> {
        self.api.provider(&self.clock)
    }

    fn claim(&self, name: &str) -> NodeClaim {
        (*node_claim(name).requests("cpu", "1").build()).clone()
    }

    fn pool(&self) -> NodePool {
        (*node_pool("general").build()).clone()
    }

    async fn settle(&self) {}
}

// behaviour 04#247
#[tokio::test(start_paused = true)]
async fn the_provider_without_machines_conforms() {
    let kwok = Kwok { api: FakeApi::with_class(""), clock: clock() };
    assert_eq!(check(&kwok).await, vec![]);
}
