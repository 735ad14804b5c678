//! Patch kinds at the HTTP surface, apply patches, dry runs, scale and binding.
//!
//! Source: Kubernetes API concepts, "Patching" and "Dry-run"; Kubernetes API reference, "Scale" and "Binding".

use http::Method;
use serde_json::{Value, json};

use crate::support::{PODS, call, call_as, pod, server};

const MERGE: &str = "application/merge-patch+json";
const STRATEGIC: &str = "application/strategic-merge-patch+json";
const JSON_PATCH: &str = "application/json-patch+json";

#[tokio::test]
async fn each_patch_type_edits_in_its_own_way() {
    let rows = [
        (JSON_PATCH, json!([{"op": "add", "path": "/metadata/labels", "value": {"x": "1"}}]), 200),
        (JSON_PATCH, json!([{"op": "test", "path": "/metadata/name", "value": "z"}]), 422),
        (JSON_PATCH, json!({"metadata": {}}), 400),
        (MERGE, json!({"metadata": {"labels": {"x": "1"}}}), 200),
        (MERGE, json!({"metadata": {"resourceVersion": "1"}}), 409),
        (MERGE, json!([]), 400),
        (STRATEGIC, json!({"spec": {"containers": [{"name": "main", "image": "new"}]}}), 200),
        ("application/json", json!({}), 415),
    ];
    for (media_type, body, expected) in rows {
        let server = server();
        call(&server, Method::POST, PODS, pod("a")).await;
        let path = format!("{PODS}/a");
        let (code, answer) = call_as(&server, Method::PATCH, &path, media_type, body).await;
        assert_eq!(code, expected, "{media_type}: {answer}");
    }
}

#[tokio::test]
async fn an_apply_patch_creates_and_then_says_all_its_manager_wants() {
    let server = server();
    let apply = "application/apply-patch+yaml";
    let path = "/api/v1/namespaces/default/configmaps/m?fieldManager=me&force=true";
    let map = |data: Value| json!({"apiVersion": "v1", "kind": "ConfigMap", "data": data});
    let (code, _) = call_as(&server, Method::PATCH, path, apply, map(json!({"a": "1"}))).await;
    assert_eq!(code, 201);
    let (code, merged) = call_as(&server, Method::PATCH, path, apply, map(json!({"b": "2"}))).await;
    assert_eq!((code, &merged["data"]), (200, &json!({"b": "2"})));
}

#[tokio::test]
async fn status_and_spec_have_separate_doors() {
    let server = server();
    call(&server, Method::POST, PODS, pod("a")).await;
    let body = json!({"status": {"phase": "Running"}, "spec": {"activeDeadlineSeconds": 9}});
    let (_, after) =
        call_as(&server, Method::PATCH, &format!("{PODS}/a"), MERGE, body.clone()).await;
    assert_eq!(
        (&after["status"]["phase"], &after["spec"]["activeDeadlineSeconds"]),
        (&json!("Pending"), &json!(9))
    );
    let (_, after) = call_as(
        &server,
        Method::PATCH,
        &format!("{PODS}/a/status"),
        MERGE,
        json!({
            "status": {"phase": "Running"}, "spec": {"activeDeadlineSeconds": 8}}),
    )
    .await;
    assert_eq!(
        (&after["status"]["phase"], &after["spec"]["activeDeadlineSeconds"]),
        (&json!("Running"), &json!(9))
    );
}

#[tokio::test]
async fn a_dry_run_answers_as_if_and_stores_nothing() {
    let server = server();
    call(&server, Method::POST, PODS, pod("a")).await;
    let version = server.resource_version();
    let dry = "dryRun=All";
    assert_eq!(call(&server, Method::POST, &format!("{PODS}?{dry}"), pod("b")).await.0, 201);
    let labels = json!({"metadata": {"labels": {"x": "1"}}});
    let path = format!("{PODS}/a?{dry}");
    let (code, shown) = call_as(&server, Method::PATCH, &path, MERGE, labels).await;
    assert_eq!((code, &shown["metadata"]["labels"]), (200, &json!({"x": "1"})));
    assert_eq!(call(&server, Method::DELETE, &path, Value::Null).await.0, 200);
    assert_eq!(server.resource_version(), version);
}

#[tokio::test]
async fn a_pod_is_bound_once() {
    let server = server();
    call(&server, Method::POST, PODS, pod("a")).await;
    let binding = json!({"target": {"kind": "Node", "name": "n1"}});
    let path = format!("{PODS}/a/binding");
    assert_eq!(call(&server, Method::POST, &path, binding.clone()).await.0, 201);
    let (_, bound) = call(&server, Method::GET, &format!("{PODS}/a"), Value::Null).await;
    assert_eq!(bound["spec"]["nodeName"], "n1");
    assert_eq!(bound["status"]["conditions"][0]["type"], "PodScheduled");
    let (code, status) = call(&server, Method::POST, &path, binding).await;
    assert_eq!((code, &status["reason"]), (409, &json!("Conflict")));
}
