//! Watch semantics.

use futures::TryStreamExt;
use http::Method;
use k8s_openapi::api::core::v1::Pod;
use kube::api::{Api, WatchEvent, WatchParams};

use crate::support::{PODS, call, pod, server};

#[tokio::test(start_paused = true)]
async fn a_watch_shows_changes_after_its_version_in_order() {
    let server = server();
    let pods: Api<Pod> = Api::default_namespaced(server.client("test"));
    let version = server.resource_version().to_string();
    for name in ["a", "b"] {
        call(&server, Method::POST, PODS, pod(name)).await;
    }
    call(&server, Method::DELETE, &format!("{PODS}/a"), serde_json::Value::Null).await;
    let params = WatchParams::default().timeout(1);
    let events = pods.watch(&params, &version).await.expect("opened");
    let events: Vec<WatchEvent<Pod>> = events.try_collect().await.expect("a whole stream");
    let seen: Vec<(&str, Option<&str>)> = events
        .iter()
        .map(|event| match event {
            WatchEvent::Added(pod) => ("added", pod.metadata.name.as_deref()),
            WatchEvent::Deleted(pod) => ("deleted", pod.metadata.name.as_deref()),
            _ => ("other", None),
        })
        .collect();
    assert_eq!(seen, [("added", Some("a")), ("added", Some("b")), ("deleted", Some("a"))]);
}
