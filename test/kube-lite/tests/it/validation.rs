//! What a genuine server refuses of built-in kinds, and how it says so.

use axum::body::{Body, to_bytes};
use http::{Method, Request};
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::support::{PODS, call, call_as, pod, server};

// Source: Kubernetes API concepts, "Server Side Field Validation".
#[tokio::test]
async fn unknown_fields_are_warned_about_refused_or_dropped_silently() {
    for (validation, code, warned) in
        [("", 201, true), ("Warn", 201, true), ("Ignore", 201, false), ("Strict", 400, false)]
    {
        let server = server();
        let mut odd = pod("a");
        odd["spec"]["foo"] = json!(1);
        let request = Request::post(format!("{PODS}?fieldValidation={validation}"))
            .header("content-type", "application/json")
            .body(Body::from(odd.to_string()))
            .expect("a request");
        let answer = server.router().oneshot(request).await.expect("an answer");
        let warning = answer.headers().get("warning").map(|value| value.as_bytes().to_vec());
        assert_eq!((answer.status().as_u16(), warning.is_some()), (code, warned), "{validation}");
        if let Some(warning) = warning {
            assert_eq!(warning, br#"299 - "unknown field \"spec.foo\"""#);
        }
        let bytes = to_bytes(answer.into_body(), 1 << 20).await.expect("a body");
        let body: Value = serde_json::from_slice(&bytes).expect("JSON");
        if code == 400 {
            let expected = "Pod in version \"v1\" cannot be handled as a Pod: strict decoding \
                            error: unknown field \"spec.foo\"";
            assert_eq!(body["message"], expected);
        }
        assert_eq!(body["spec"].get("foo"), None);
    }
}

// Source: Kubernetes API reference, "Status": 400 for what cannot be read, 422 for what is wrong.
#[tokio::test]
async fn wrong_types_are_bad_requests_and_broken_rules_are_invalid() {
    let server = server();
    let mut typed = pod("a");
    typed["spec"]["containers"] = json!("none");
    let (code, status) = call(&server, Method::POST, PODS, typed).await;
    assert_eq!((code, &status["reason"]), (400, &json!("BadRequest")));
    let mut empty = pod("a");
    empty["spec"]["containers"] = json!([]);
    let (code, status) = call(&server, Method::POST, PODS, empty).await;
    assert_eq!((code, &status["reason"]), (422, &json!("Invalid")));
    assert_eq!(status["message"], "Pod \"a\" is invalid: spec.containers: Required value");
    let cause = json!([{"reason": "FieldValueRequired", "message": "Required value",
        "field": "spec.containers"}]);
    assert_eq!(status["details"]["causes"], cause);
}

// Source: Kubernetes concepts, "Pods": most of the specification of a pod is fixed.
#[tokio::test]
async fn a_pod_moves_to_another_node_only_by_binding() {
    let server = server();
    call(&server, Method::POST, PODS, pod("a")).await;
    let merge = "application/merge-patch+json";
    let path = format!("{PODS}/a");
    let moved = json!({"spec": {"nodeName": "n1"}});
    let (code, status) = call_as(&server, Method::PATCH, &path, merge, moved).await;
    assert_eq!(
        (code, &status["details"]["causes"][0]["reason"]),
        (422, &json!("FieldValueForbidden"))
    );
    let image = json!({"spec": {"containers": [{"name": "main", "image": "new"}]}});
    let strategic = "application/strategic-merge-patch+json";
    assert_eq!(call_as(&server, Method::PATCH, &path, strategic, image).await.0, 200);
}

// Source: Kubernetes concepts, "Deployments": the label selector is immutable.
#[tokio::test]
async fn the_selector_of_a_deployment_fits_its_template_and_stays() {
    let server = server();
    let path = "/apis/apps/v1/namespaces/default/deployments";
    let deployment = |selected: &str, labelled: &str| {
        json!({"metadata": {"name": "d"}, "spec": {
            "selector": {"matchLabels": {"app": selected}},
            "template": {"metadata": {"labels": {"app": labelled}}, "spec": pod("x")["spec"]}}})
    };
    let (code, status) = call(&server, Method::POST, path, deployment("a", "b")).await;
    assert_eq!(
        (code, &status["details"]["causes"][0]["field"]),
        (422, &json!("spec.template.metadata.labels"))
    );
    assert_eq!(call(&server, Method::POST, path, deployment("a", "a")).await.0, 201);
    let other = deployment("b", "b");
    let (code, status) = call(&server, Method::PUT, &format!("{path}/d"), other).await;
    assert_eq!((code, &status["details"]["causes"][0]["field"]), (422, &json!("spec.selector")));
}
