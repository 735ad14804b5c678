//! Create, read, update and delete.
//!
//! Source: Kubernetes API concepts, "Standard API terminology"; Kubernetes API reference, "ObjectMeta" and "Status".

use http::Method;
use k8s_openapi::api::core::v1::Pod;
use kube::api::{Api, DeleteParams, ListParams, PostParams};
use serde_json::json;

use crate::support::{PODS, call, pod, server};

#[tokio::test]
async fn a_typed_client_creates_reads_replaces_and_deletes() {
    let server = server();
    let pods: Api<Pod> = Api::default_namespaced(server.client("test"));
    let wanted: Pod = serde_json::from_value(pod("a")).expect("a pod");
    let created = pods.create(&PostParams::default(), &wanted).await.expect("created");
    assert_eq!(created.status.as_ref().and_then(|s| s.phase.as_deref()), Some("Pending"));
    let mut read = pods.get("a").await.expect("found");
    assert_eq!(read, created);
    read.metadata.labels = Some([("x".to_owned(), "1".to_owned())].into());
    let replaced = pods.replace("a", &PostParams::default(), &read).await.expect("replaced");
    assert_ne!(replaced.metadata.resource_version, created.metadata.resource_version);
    let stale = pods.replace("a", &PostParams::default(), &created).await;
    assert!(matches!(stale, Err(kube::Error::Api(status)) if status.is_conflict()));
    pods.delete("a", &DeleteParams::default()).await.expect("deleted");
    assert_eq!(pods.list(&ListParams::default()).await.expect("listed").items, vec![]);
    assert!(pods.get_opt("a").await.expect("answered").is_none());
}

#[tokio::test]
async fn a_second_create_of_a_name_is_already_exists() {
    let server = server();
    assert_eq!(call(&server, Method::POST, PODS, pod("a")).await.0, 201);
    let (code, status) = call(&server, Method::POST, PODS, pod("a")).await;
    assert_eq!((code, &status["reason"]), (409, &json!("AlreadyExists")));
    assert_eq!(status["message"], json!("pods \"a\" already exists"));
}
