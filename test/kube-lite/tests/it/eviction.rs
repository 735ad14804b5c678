//! The eviction subresource against disruption budgets.
//!
//! Source: Kubernetes concepts, "API-initiated Eviction"; Kubernetes tasks, "Specifying a Disruption Budget".

use http::Method;
use serde_json::{Value, json};

use crate::support::{PODS, call, call_as, pod, server};

const BUDGETS: &str = "/apis/policy/v1/namespaces/default/poddisruptionbudgets";

/// A running, ready pod `a` and budgets of the given names with this many allowed disruptions.
async fn world(budgets: &[&str], allowed: i64) -> kube_lite::KubeLite {
    let server = server();
    let mut labelled = pod("a");
    labelled["metadata"]["labels"] = json!({"app": "a"});
    call(&server, Method::POST, PODS, labelled).await;
    let merge = "application/merge-patch+json";
    let running = json!({"status": {"phase": "Running",
        "conditions": [{"type": "Ready", "status": "True"}]}});
    call_as(&server, Method::PATCH, &format!("{PODS}/a/status"), merge, running).await;
    for name in budgets {
        let budget = json!({"metadata": {"name": name},
            "spec": {"minAvailable": 1, "selector": {"matchLabels": {"app": "a"}}}});
        call(&server, Method::POST, BUDGETS, budget).await;
        let status = json!({"status": {"disruptionsAllowed": allowed, "observedGeneration": 1,
            "currentHealthy": 1, "desiredHealthy": 1, "expectedPods": 1}});
        call_as(&server, Method::PATCH, &format!("{BUDGETS}/{name}/status"), merge, status).await;
    }
    server
}

async fn evict(server: &kube_lite::KubeLite) -> (u16, Value) {
    let eviction = json!({"apiVersion": "policy/v1", "kind": "Eviction",
        "metadata": {"name": "a", "namespace": "default"}});
    call(server, Method::POST, &format!("{PODS}/a/eviction"), eviction).await
}

#[tokio::test]
async fn a_spent_budget_answers_429_with_its_cause() {
    let server = world(&["b"], 0).await;
    let (code, status) = evict(&server).await;
    assert_eq!(code, 429);
    assert_eq!(status["reason"], "TooManyRequests");
    let message = "Cannot evict pod as it would violate the pod's disruption budget.";
    assert_eq!(status["message"], message);
    assert_eq!(
        status["details"]["causes"],
        json!([{"reason": "DisruptionBudget",
        "message": "The disruption budget b needs 1 healthy pods and has 1 currently"}])
    );
    assert_eq!(call(&server, Method::GET, &format!("{PODS}/a"), Value::Null).await.0, 200);
}

#[tokio::test]
async fn an_allowed_eviction_spends_the_budget_and_deletes_the_pod() {
    let server = world(&["b"], 1).await;
    assert_eq!(evict(&server).await.0, 201);
    assert_eq!(call(&server, Method::GET, &format!("{PODS}/a"), Value::Null).await.0, 404);
    let (_, budget) = call(&server, Method::GET, &format!("{BUDGETS}/b"), Value::Null).await;
    assert_eq!(budget["status"]["disruptionsAllowed"], 0);
    assert_eq!(budget["status"]["disruptedPods"], json!({"a": "2023-11-14T22:13:20Z"}));
}

#[tokio::test]
async fn two_budgets_on_one_pod_are_an_error_500() {
    let server = world(&["b", "c"], 1).await;
    let (code, status) = evict(&server).await;
    assert_eq!(code, 500);
    let message = "This pod has more than one PodDisruptionBudget, which the eviction subresource \
                   does not support.";
    assert_eq!(status["message"], message);
}

#[tokio::test]
async fn a_pending_pod_is_evicted_without_asking() {
    let server = world(&["b"], 0).await;
    let merge = "application/merge-patch+json";
    let pending = json!({"status": {"phase": "Pending"}});
    call_as(&server, Method::PATCH, &format!("{PODS}/a/status"), merge, pending).await;
    assert_eq!(evict(&server).await.0, 201);
}

#[tokio::test]
async fn a_budget_that_was_not_observed_yet_answers_429() {
    let server = world(&["b"], 1).await;
    let merge = "application/merge-patch+json";
    let edit = json!({"spec": {"minAvailable": 0}});
    call_as(&server, Method::PATCH, &format!("{BUDGETS}/b"), merge, edit).await;
    let (code, status) = evict(&server).await;
    assert_eq!(code, 429);
    let cause = "The disruption budget b is still being processed by the server.";
    assert_eq!(status["details"]["causes"][0]["message"], cause);
}

#[tokio::test]
async fn an_unready_pod_passes_while_the_budget_is_healthy_and_always_when_told_so() {
    for (policy, desired, code) in
        [(Value::Null, 1, 201), (Value::Null, 2, 429), (json!("AlwaysAllow"), 2, 201)]
    {
        let server = world(&["b"], 0).await;
        let merge = "application/merge-patch+json";
        let unready = json!({"status": {"conditions": null}});
        call_as(&server, Method::PATCH, &format!("{PODS}/a/status"), merge, unready).await;
        let spec = json!({"spec": {"unhealthyPodEvictionPolicy": policy}});
        let path = format!("{BUDGETS}/b");
        let (_, budget) = call_as(&server, Method::PATCH, &path, merge, spec).await;
        let status = json!({"status": {"desiredHealthy": desired,
            "observedGeneration": budget["metadata"]["generation"]}});
        call_as(&server, Method::PATCH, &format!("{path}/status"), merge, status).await;
        assert_eq!(evict(&server).await.0, code, "{policy} {desired}");
    }
}

#[tokio::test]
async fn a_version_precondition_is_judged_before_anything_is_spent() {
    let server = world(&["b"], 1).await;
    let path = format!("{PODS}/a");
    let (_, found) = call(&server, Method::GET, &path, Value::Null).await;
    for (version, code) in [(json!("1"), 409), (found["metadata"]["resourceVersion"].clone(), 201)]
    {
        let eviction = json!({"metadata": {"name": "a"},
            "deleteOptions": {"preconditions": {"resourceVersion": version}}});
        let answer = call(&server, Method::POST, &format!("{path}/eviction"), eviction).await;
        assert_eq!(answer.0, code, "{}", answer.1);
    }
}
