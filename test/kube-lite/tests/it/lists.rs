//! Pages, selectors and versions of lists.
//!
//! Source: Kubernetes API concepts, "Retrieving large results sets in chunks" and "Resource versions"; "Field Selectors";
//! "Labels and Selectors".

use http::Method;
use serde_json::{Value, json};

use crate::support::{PODS, call, list_of, pod, server};

fn names(list: &Value) -> Vec<&str> {
    let items = list["items"].as_array().map_or(&[][..], Vec::as_slice);
    items.iter().filter_map(|item| item["metadata"]["name"].as_str()).collect()
}

#[tokio::test]
async fn pages_show_the_state_of_the_first_page() {
    let server = server();
    for name in ["a", "b", "c", "d"] {
        call(&server, Method::POST, PODS, pod(name)).await;
    }
    let (_, first) = call(&server, Method::GET, &format!("{PODS}?limit=2"), Value::Null).await;
    assert_eq!(names(&first), ["a", "b"]);
    assert_eq!(first["metadata"]["remainingItemCount"], 2);
    call(&server, Method::DELETE, &format!("{PODS}/c"), Value::Null).await;
    call(&server, Method::POST, PODS, pod("e")).await;
    let token = first["metadata"]["continue"].as_str().expect("a token");
    let path = format!("{PODS}?limit=2&continue={token}");
    let (_, second) = call(&server, Method::GET, &path, Value::Null).await;
    assert_eq!(names(&second), ["c", "d"]);
    assert_eq!(second["metadata"]["resourceVersion"], first["metadata"]["resourceVersion"]);
    assert_eq!(second["metadata"].get("continue"), None);
}

#[tokio::test]
async fn selectors_choose_by_labels_and_fields() {
    let server = server();
    for (name, app, node) in [("a", "x", "n1"), ("b", "y", "n1"), ("c", "x", "n2")] {
        let mut object = pod(name);
        object["metadata"]["labels"] = json!({"app": app});
        object["spec"]["nodeName"] = json!(node);
        call(&server, Method::POST, PODS, object).await;
    }
    let rows = [
        ("labelSelector=app%3Dx", vec!["a", "c"]),
        ("labelSelector=app%21%3Dx", vec!["b"]),
        ("labelSelector=app%20in%20(x%2Cy)%2C%21other", vec!["a", "b", "c"]),
        ("labelSelector=app%20notin%20(x)", vec!["b"]),
        ("labelSelector=other", vec![]),
        ("fieldSelector=spec.nodeName%3Dn1", vec!["a", "b"]),
        ("fieldSelector=metadata.name%3Dc%2Cstatus.phase%3DPending", vec!["c"]),
        ("fieldSelector=metadata.namespace%21%3Ddefault", vec![]),
        ("labelSelector=app%3Dx&fieldSelector=spec.nodeName%3Dn2", vec!["c"]),
    ];
    for (query, expected) in rows {
        let (_, list) = call(&server, Method::GET, &format!("{PODS}?{query}"), Value::Null).await;
        assert_eq!(names(&list), expected, "{query}");
    }
    for query in ["fieldSelector=spec.foo%3Dx", "labelSelector=a%20b", "limit=x", "continue=zz"] {
        let (code, _) = call(&server, Method::GET, &format!("{PODS}?{query}"), Value::Null).await;
        assert_eq!(code, 400, "{query}");
    }
}

#[tokio::test]
async fn a_version_from_the_future_is_a_timeout_and_an_exact_one_shows_the_past() {
    let server = server();
    let (_, first) = call(&server, Method::POST, PODS, pod("a")).await;
    call(&server, Method::POST, PODS, pod("b")).await;
    let version = first["metadata"]["resourceVersion"].as_str().expect("a version");
    let path = format!("{PODS}?resourceVersion={version}&resourceVersionMatch=Exact");
    assert_eq!(list_of(&server, &path).await.len(), 1);
    let path = format!("{PODS}?resourceVersion=999999");
    let (code, status) = call(&server, Method::GET, &path, Value::Null).await;
    assert_eq!((code, &status["reason"]), (504, &json!("Timeout")));
}
