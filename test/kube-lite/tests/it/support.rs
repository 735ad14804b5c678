//! A server with a fixed clock, and requests without a typed client.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use http::{Method, Request};
use jiff::Timestamp;
use kube_lite::{Config, KubeLite};
use serde_json::{Value, json};
use tower::ServiceExt;

/// Start of every test world.
pub(crate) const EPOCH: i64 = 1_700_000_000;

/// A server whose clock stands still.
pub(crate) fn server() -> KubeLite {
    KubeLite::new(config())
}

/// Settings of [`server`].
pub(crate) fn config() -> Config {
    let now = Timestamp::from_second(EPOCH).expect("a valid second");
    Config::new(Arc::new(move || now), 7)
}

/// Code and body of one request with a JSON body.
pub(crate) async fn call(
    server: &KubeLite,
    method: Method,
    path: &str,
    body: Value,
) -> (u16, Value) {
    let media_type = "application/json";
    call_as(server, method, path, media_type, body).await
}

/// As [`call`] with another content type.
pub(crate) async fn call_as(
    server: &KubeLite,
    method: Method,
    path: &str,
    media_type: &str,
    body: Value,
) -> (u16, Value) {
    let text = if body.is_null() { String::new() } else { body.to_string() };
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("content-type", media_type)
        .body(Body::from(text))
        .expect("a valid request");
    let answer = server.router().oneshot(request).await.expect("the router never fails");
    let code = answer.status().as_u16();
    let bytes = to_bytes(answer.into_body(), 64 << 20).await.expect("a whole body");
    (code, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
}

/// A pod with one container.
pub(crate) fn pod(name: &str) -> Value {
    json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": {"name": name},
        "spec": {"containers": [{"name": "main", "image": "pause"}]},
    })
}

/// Path of the pods of the namespace `default`.
pub(crate) const PODS: &str = "/api/v1/namespaces/default/pods";

/// Items of a list.
pub(crate) async fn list_of(server: &KubeLite, path: &str) -> Vec<Value> {
    let (code, list) = call(server, Method::GET, path, Value::Null).await;
    assert_eq!(code, 200, "{list}");
    list["items"].as_array().cloned().unwrap_or_default()
}
