//! Nodes that appear later.

use std::sync::Arc;
use std::time::Duration;

use karpenter_core::api::labels as core;
use karpenter_core::api::v1::conditions::{self, HasConditions};
use karpenter_core::cloud_provider::{CloudProvider, RegistrationHook, Termination};
use karpenter_core::controllers::reconciler::{Surroundings, run};
use karpenter_core::decide::lifecycle::register::{Joining, settle};
use karpenter_core::observe::runner::RunnerMetrics;
use karpenter_core::signal::Signal;
use karpenter_core::testing::objects::node_claim;
use karpenter_core::wire::Decoded;
use karpenter_core::wire::node::SlimNode;
use tokio_util::sync::CancellationToken;

use crate::provider::KwokProvider;
use crate::registration::Registration;
use crate::testing::{FakeApi, clock};

/// The row runs while the test does.
fn start(provider: &Arc<KwokProvider>, clock: &karpenter_core::clock::Clock) -> Signal {
    let changes = Signal::default();
    let surroundings = Surroundings {
        clock: clock.clone(),
        changes: changes.subscribe(),
        seed: 1,
        metrics: RunnerMetrics::default(),
        cancel: CancellationToken::new(),
    };
    tokio::spawn(run(Registration::new(provider.clone()), surroundings));
    changes
}

async fn wait(seconds: u64) {
    tokio::time::sleep(Duration::from_secs(seconds)).await;
}

// behaviour 04#244
#[tokio::test(start_paused = true)]
async fn a_delayed_node_appears_when_it_is_due_and_its_claim_registers() {
    let (api, clock) = (FakeApi::with_class("30s"), clock());
    let provider = api.provider(&clock);
    let changes = start(&provider, &clock);
    let claim = node_claim("c").build();
    let instance = provider.create(&claim).await.expect("it launches");
    changes.bump();
    wait(29).await;
    assert_eq!(api.nodes().len(), 0);
    assert_eq!(
        provider.list().await.map(|listed| listed.len()).ok(),
        Some(1),
        "it is there already"
    );
    wait(2).await;
    let node: SlimNode = serde_json::from_value(api.nodes().swap_remove(0)).expect("a Node");
    let node = Arc::new(node.decode().expect("a valid Node"));
    assert_eq!(node.provider_id.as_ref(), Some(&instance.provider_id));
    let claim = node_claim("c").launched(instance.provider_id.as_str(), 0).build();
    let joining = Joining { claim, node, outcome: None };
    let registration = settle(&joining, "kwok", Ok(RegistrationHook::Done), clock.now());
    assert!(registration.write.after.is_true(conditions::REGISTERED));
    let (_, node) = registration.write.node.expect("the node is written");
    assert_eq!(node.label(core::REGISTERED), Some("true"));
    assert_eq!(node.taints, vec![]);
}

// behaviour 04#245
#[tokio::test(start_paused = true)]
async fn a_node_whose_claim_is_given_up_never_appears() {
    let (api, clock) = (FakeApi::with_class("30s"), clock());
    let provider = api.provider(&clock);
    let changes = start(&provider, &clock);
    let instance = provider.create(&node_claim("c").build()).await.expect("it launches");
    changes.bump();
    wait(10).await;
    let claim = node_claim("c").launched(instance.provider_id.as_str(), 0).build();
    let first = provider.delete(&claim).await.expect("it is deleted");
    assert!(matches!(first, Termination::InProgress { .. }));
    assert_eq!(provider.delete(&claim).await.ok(), Some(Termination::Gone));
    wait(60).await;
    assert_eq!(api.nodes().len(), 0);
}
