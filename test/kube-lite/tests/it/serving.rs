//! Discovery, error bodies and malformed requests.
//!
//! Source: Kubernetes API concepts, "API Discovery"; Kubernetes API reference, "Status".

use axum::body::Body;
use http::{Method, Request};
use kube::discovery::Discovery;
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::support::{PODS, call, call_as, pod, server};

/// Kinds of the group `apps`.
const WORKLOADS: [&str; 5] =
    ["ControllerRevision", "DaemonSet", "Deployment", "ReplicaSet", "StatefulSet"];

#[tokio::test]
async fn both_kinds_of_discovery_find_the_kinds() {
    let server = server();
    let client = server.client("test");
    assert_eq!(client.apiserver_version().await.expect("a version").minor, "33");
    let plain = Discovery::new(client.clone()).run().await.expect("plain");
    let aggregated = Discovery::new(client).run_aggregated().await.expect("aggregated");
    for found in [plain, aggregated] {
        let apps = found.get("apps").expect("the group apps");
        let mut kinds: Vec<_> =
            apps.recommended_resources().into_iter().map(|(resource, _)| resource.kind).collect();
        kinds.sort_unstable();
        assert_eq!(kinds, WORKLOADS);
    }
}

#[tokio::test]
async fn refusals_are_status_objects_with_the_reasons_of_the_api() {
    let server = server();
    let rows = [
        (Method::GET, format!("{PODS}/x"), Value::Null, 404, "NotFound"),
        (Method::GET, "/apis/nope/v1/things".to_owned(), Value::Null, 404, "NotFound"),
        (Method::GET, "/nowhere".to_owned(), Value::Null, 404, "NotFound"),
        (Method::POST, "/api/v1/namespaces/no/pods".to_owned(), pod("a"), 404, "NotFound"),
        (Method::PUT, PODS.to_owned(), pod("a"), 405, "MethodNotAllowed"),
        (Method::POST, PODS.to_owned(), json!([]), 400, "BadRequest"),
        (Method::POST, PODS.to_owned(), json!({"kind": "Node"}), 400, "BadRequest"),
        (Method::POST, PODS.to_owned(), json!({"metadata": {}}), 422, "Invalid"),
        (Method::POST, PODS.to_owned(), json!({"metadata": {"name": "A_b"}}), 422, "Invalid"),
        (Method::POST, PODS.to_owned(), json!({"metadata": "x"}), 422, "Invalid"),
        (
            Method::POST,
            PODS.to_owned(),
            json!({"metadata": {"name": "a", "labels": {"k": "a b"}}}),
            422,
            "Invalid",
        ),
        (
            Method::POST,
            PODS.to_owned(),
            json!({"metadata": {"name": "a", "namespace": "other"}}),
            400,
            "BadRequest",
        ),
    ];
    for (method, path, body, code, reason) in rows {
        let (found, status) = call(&server, method, &path, body).await;
        assert_eq!((found, status["reason"].as_str()), (code, Some(reason)), "{path}: {status}");
        assert_eq!((&status["kind"], &status["code"]), (&json!("Status"), &json!(code)));
    }
}

#[tokio::test]
async fn malformed_and_oversized_bodies_are_refused() {
    let server = kube_lite::KubeLite::new(crate::support::config().max_body_bytes(100));
    for (text, media_type, expected) in [
        ("{", "application/json", 400),
        ("a: [", "application/yaml", 400),
        ("x", "application/vnd.kubernetes.protobuf", 415),
    ] {
        let request = Request::post(PODS).header("content-type", media_type);
        let request = request.body(Body::from(text)).expect("a request");
        let answer = server.router().oneshot(request).await.expect("an answer");
        assert_eq!(answer.status().as_u16(), expected, "{text}");
    }
    let large = json!({"metadata": {"name": "a".repeat(200)}});
    assert_eq!(call(&server, Method::POST, PODS, large).await.0, 413);
}

#[tokio::test]
async fn yaml_is_read_and_leases_are_created_by_put() {
    let server = server();
    let text = json!({"metadata": {"name": "m"}});
    let maps = "/api/v1/namespaces/default/configmaps";
    let code = call_as(&server, Method::POST, maps, "application/yaml", text).await.0;
    assert_eq!(code, 201);
    let path = "/apis/coordination.k8s.io/v1/namespaces/default/leases/l";
    let lease = json!({"metadata": {"name": "l"}, "spec": {"holderIdentity": "me"}});
    assert_eq!(call(&server, Method::PUT, path, lease).await.0, 201);
}

#[tokio::test]
async fn metadata_only_clients_get_metadata_only() {
    let server = server();
    call(&server, Method::POST, PODS, pod("a")).await;
    let pods: kube::Api<k8s_openapi::api::core::v1::Pod> =
        kube::Api::default_namespaced(server.client("test"));
    let found = pods.list_metadata(&Default::default()).await.expect("listed");
    assert_eq!(found.items[0].metadata.name.as_deref(), Some("a"));
}
