//! Finalizers, grace periods, preconditions, cascades and namespaces.
//!
//! Source: Kubernetes concepts, "Finalizers", "Garbage Collection" and "Namespaces"; Kubernetes API reference,
//! "DeleteOptions".

use http::Method;
use serde_json::{Value, json};

use crate::support::{PODS, call, call_as, list_of, pod, server};

const MAPS: &str = "/api/v1/namespaces/default/configmaps";

#[tokio::test]
async fn a_finalizer_holds_an_object_until_it_is_removed() {
    let server = server();
    let map = json!({"metadata": {"name": "m", "finalizers": ["x/y"]}});
    call(&server, Method::POST, MAPS, map).await;
    let path = format!("{MAPS}/m");
    let (code, marked) = call(&server, Method::DELETE, &path, Value::Null).await;
    assert_eq!(code, 200);
    assert_eq!(marked["metadata"]["deletionTimestamp"], "2023-11-14T22:13:20Z");
    assert_eq!(marked["metadata"]["deletionGracePeriodSeconds"], 0);
    let merge = "application/merge-patch+json";
    let more = json!({"metadata": {"finalizers": ["x/y", "x/z"]}});
    let (code, status) = call_as(&server, Method::PATCH, &path, merge, more).await;
    assert_eq!((code, &status["reason"]), (422, &json!("Invalid")));
    let none = json!({"metadata": {"finalizers": null}});
    assert_eq!(call_as(&server, Method::PATCH, &path, merge, none).await.0, 200);
    assert_eq!(call(&server, Method::GET, &path, Value::Null).await.0, 404);
}

#[tokio::test]
async fn a_bound_pod_gets_its_grace_and_goes_with_grace_zero() {
    let server = server();
    let mut bound = pod("a");
    bound["spec"]["nodeName"] = json!("n1");
    call(&server, Method::POST, PODS, bound).await;
    let path = format!("{PODS}/a");
    let (_, marked) = call(&server, Method::DELETE, &path, Value::Null).await;
    assert_eq!(marked["metadata"]["deletionTimestamp"], "2023-11-14T22:13:50Z");
    assert_eq!(marked["metadata"]["deletionGracePeriodSeconds"], 30);
    let shorter = json!({"gracePeriodSeconds": 5});
    let (_, marked) = call(&server, Method::DELETE, &path, shorter).await;
    assert_eq!(marked["metadata"]["deletionTimestamp"], "2023-11-14T22:13:25Z");
    let (_, same) = call(&server, Method::DELETE, &path, json!({"gracePeriodSeconds": 9})).await;
    assert_eq!(same["metadata"]["deletionTimestamp"], "2023-11-14T22:13:25Z");
    call(&server, Method::DELETE, &path, json!({"gracePeriodSeconds": 0})).await;
    assert_eq!(call(&server, Method::GET, &path, Value::Null).await.0, 404);
}

#[tokio::test]
async fn a_wrong_uid_in_the_preconditions_is_a_conflict() {
    let server = server();
    call(&server, Method::POST, PODS, pod("a")).await;
    let options = json!({"preconditions": {"uid": "other"}});
    let (code, status) = call(&server, Method::DELETE, &format!("{PODS}/a"), options).await;
    assert_eq!((code, &status["reason"]), (409, &json!("Conflict")));
}

#[tokio::test]
async fn dependents_follow_their_owner_unless_they_are_orphaned() {
    for (policy, left) in [("Background", 0), ("Orphan", 1)] {
        let server = server();
        let owner = json!({"metadata": {"name": "owner"}});
        let (_, owner) = call(&server, Method::POST, MAPS, owner).await;
        let mut child = pod("child");
        child["metadata"]["ownerReferences"] = json!([{
            "apiVersion": "v1", "kind": "ConfigMap", "name": "owner",
            "uid": owner["metadata"]["uid"]}]);
        call(&server, Method::POST, PODS, child).await;
        let options = json!({"propagationPolicy": policy});
        call(&server, Method::DELETE, &format!("{MAPS}/owner"), options).await;
        assert_eq!(list_of(&server, PODS).await.len(), left, "{policy}");
    }
}

#[tokio::test]
async fn a_collection_is_deleted_by_selector() {
    let server = server();
    for (name, app) in [("a", "x"), ("b", "x"), ("c", "y")] {
        let mut labelled = pod(name);
        labelled["metadata"]["labels"] = json!({"app": app});
        call(&server, Method::POST, PODS, labelled).await;
    }
    let path = format!("{PODS}?labelSelector=app%3Dx");
    let (code, list) = call(&server, Method::DELETE, &path, Value::Null).await;
    assert_eq!((code, list["items"].as_array().map(Vec::len)), (200, Some(2)));
    assert_eq!(list_of(&server, PODS).await[0]["metadata"]["name"], "c");
}

#[tokio::test]
async fn a_namespace_goes_after_its_contents_and_takes_nothing_new() {
    let server = server();
    let namespaces = "/api/v1/namespaces";
    call(&server, Method::POST, namespaces, json!({"metadata": {"name": "x"}})).await;
    let maps = "/api/v1/namespaces/x/configmaps";
    let held = json!({"metadata": {"name": "held", "finalizers": ["x/y"]}});
    call(&server, Method::POST, maps, held).await;
    call(&server, Method::POST, maps, json!({"metadata": {"name": "free"}})).await;
    call(&server, Method::DELETE, "/api/v1/namespaces/x", Value::Null).await;
    assert_eq!(list_of(&server, maps).await.len(), 1);
    let (code, status) =
        call(&server, Method::POST, maps, json!({"metadata": {"name": "n"}})).await;
    assert_eq!((code, &status["reason"]), (403, &json!("Forbidden")));
    let merge = "application/merge-patch+json";
    let none = json!({"metadata": {"finalizers": null}});
    call_as(&server, Method::PATCH, &format!("{maps}/held"), merge, none).await;
    assert_eq!(call(&server, Method::GET, "/api/v1/namespaces/x", Value::Null).await.0, 404);
}
