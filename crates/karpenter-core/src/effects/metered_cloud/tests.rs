use std::sync::Arc;

use super::MeteredCloud;
use crate::clock::Clock;
use crate::cloud_provider::{CloudProvider, CloudProviderError};
use crate::observe::cloud::CloudMetrics;
use crate::testing::cloud::ScriptedCloud;
use crate::testing::cluster::{at, claim};
use prometheus_client::encoding::text::encode;
use prometheus_client::registry::Registry;

/// The text of the metrics after `create` was answered with `errors`.
async fn metrics_after(errors: impl IntoIterator<Item = CloudProviderError>) -> String {
    let inner = Arc::new(ScriptedCloud::default());
    inner.create.lock().extend(errors.into_iter().map(Err));
    let metrics = CloudMetrics::default();
    let clock = Clock::simulated(at(0));
    let cloud = MeteredCloud { inner: inner.clone(), controller: "row", metrics, clock };
    let claim = claim("a", serde_json::json!({}));
    while !inner.create.lock().is_empty() {
        cloud.create(&claim).await.expect_err("only errors are scripted");
    }
    let mut registry = Registry::default();
    cloud.metrics.register(&mut registry);
    let mut text = String::new();
    encode(&mut text, &registry).expect("text can be written");
    text
}

// behaviour 04#222
#[tokio::test]
async fn kinds_of_errors_map_to_three_labels_and_the_others_to_none() {
    let text = || "x".to_owned();
    let text = metrics_after([
        CloudProviderError::NodeClaimNotFound(text()),
        CloudProviderError::InsufficientCapacity(text()),
        CloudProviderError::NodeClassNotReady(text()),
        CloudProviderError::Create { reason: text(), message: text() },
        CloudProviderError::UnevaluatedNodePool(text()),
        CloudProviderError::Throttled { retry_after: None, message: text() },
        CloudProviderError::Denied(text()),
        CloudProviderError::Transient(text()),
        CloudProviderError::Other(text()),
    ])
    .await;
    let labels = r#"controller="row",method="Create",provider="scripted""#;
    for (error, n) in [
        ("NodeClaimNotFoundError", 1),
        ("InsufficientCapacityError", 1),
        ("NodeClassNotReadyError", 1),
        ("", 6),
    ] {
        let line =
            format!("karpenter_cloudprovider_errors_total{{{labels},error=\"{error}\"}} {n}\n");
        assert!(text.contains(&line), "{line}{text}");
    }
    let count = format!("karpenter_cloudprovider_duration_seconds_count{{{labels}}} 9\n");
    assert!(text.contains(&count), "{text}");
}
