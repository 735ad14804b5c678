//! Watch semantics.
//!
//! Source: Kubernetes API concepts, "Efficient detection of changes" and "Watch bookmarks".

use axum::body::{Body, to_bytes};
use futures::TryStreamExt;
use http::{Method, Request};
use k8s_openapi::api::core::v1::Pod;
use kube::api::{Api, WatchEvent, WatchParams};
use kube_lite::KubeLite;
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::support::{PODS, call, call_as, config, pod, server};

#[tokio::test(start_paused = true)]
async fn a_watch_shows_changes_after_its_version_in_order() {
    let server = server();
    let pods: Api<Pod> = Api::default_namespaced(server.client("test"));
    let version = server.resource_version().to_string();
    for name in ["a", "b"] {
        call(&server, Method::POST, PODS, pod(name)).await;
    }
    call(&server, Method::DELETE, &format!("{PODS}/a"), Value::Null).await;
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

/// Types and names of the events of a watch that is read to its end.
pub(crate) async fn events(server: &KubeLite, path: &str) -> Vec<(String, Value)> {
    let request = Request::get(path).body(Body::empty()).expect("a request");
    let answer = server.router().oneshot(request).await.expect("an answer");
    let bytes = to_bytes(answer.into_body(), 16 << 20).await.expect("a whole stream");
    let text = String::from_utf8(bytes.to_vec()).expect("text");
    let read = |line: &str| {
        let event: Value = serde_json::from_str(line).expect("one event per line");
        (event["type"].as_str().expect("a type").to_owned(), event["object"].clone())
    };
    text.lines().map(read).collect()
}

pub(crate) fn kinds(events: &[(String, Value)]) -> Vec<&str> {
    events.iter().map(|(kind, _)| kind.as_str()).collect()
}

#[tokio::test(start_paused = true)]
async fn a_version_before_the_window_ends_the_stream_with_an_error_event() {
    let server = KubeLite::new(config().watch_window(2));
    for name in ["a", "b", "c", "d"] {
        call(&server, Method::POST, PODS, pod(name)).await;
    }
    let events = events(&server, &format!("{PODS}?watch=true&resourceVersion=1")).await;
    assert_eq!(kinds(&events), ["ERROR"]);
    assert_eq!((&events[0].1["code"], &events[0].1["reason"]), (&json!(410), &json!("Expired")));
    let path = format!("{PODS}?resourceVersion=1&resourceVersionMatch=Exact");
    assert_eq!(call(&server, Method::GET, &path, Value::Null).await.0, 410);
}

#[tokio::test(start_paused = true)]
async fn a_selected_watch_turns_changes_of_membership_into_additions_and_deletions() {
    let server = server();
    let version = server.resource_version();
    let path = format!("{PODS}/a");
    let label = |value: &str| json!({"metadata": {"labels": {"app": value}}});
    call(&server, Method::POST, PODS, pod("a")).await;
    for value in ["x", "y"] {
        call_as(&server, Method::PATCH, &path, "application/merge-patch+json", label(value)).await;
    }
    let query = format!("watch=1&resourceVersion={version}&timeoutSeconds=1&labelSelector=app%3Dx");
    let events = events(&server, &format!("{PODS}?{query}")).await;
    assert_eq!(kinds(&events), ["ADDED", "DELETED"]);
}

#[tokio::test(start_paused = true)]
async fn a_streaming_list_marks_the_end_of_its_initial_events() {
    let server = server();
    call(&server, Method::POST, PODS, pod("a")).await;
    let query = "watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan\
                 &allowWatchBookmarks=true&timeoutSeconds=1";
    let events = events(&server, &format!("{PODS}?{query}")).await;
    assert_eq!(kinds(&events), ["ADDED", "BOOKMARK"]);
    let meta = &events[1].1["metadata"];
    assert_eq!(meta["annotations"]["k8s.io/initial-events-end"], "true");
    assert_eq!(meta["resourceVersion"], server.resource_version().to_string());
}

#[tokio::test(start_paused = true)]
async fn a_quiet_watch_gets_a_bookmark_every_minute() {
    let server = server();
    let version = server.resource_version();
    let query =
        format!("watch=1&resourceVersion={version}&allowWatchBookmarks=1&timeoutSeconds=150");
    let events = events(&server, &format!("{PODS}?{query}")).await;
    assert_eq!(kinds(&events), ["BOOKMARK", "BOOKMARK"]);
}
