//! What clients do wrong, and how the server bears it.

use axum::body::{Body, to_bytes};
use futures::StreamExt;
use http::{Method, Request};
use kube_lite::KubeLite;
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::support::{PODS, call, call_as, config, pod, server};
use crate::watches::{events, kinds};

const MAPS: &str = "/api/v1/namespaces/default/configmaps";
/// A kind that holds free-form data.
const REVISIONS: &str = "/apis/apps/v1/namespaces/default/controllerrevisions";

/// Code and status of a request whose body is no JSON value.
async fn raw(server: &KubeLite, path: &str, media_type: &str, body: String) -> (u16, Value) {
    let request = Request::post(path).header("content-type", media_type);
    let request = request.body(Body::from(body)).expect("a request");
    let answer = server.router().oneshot(request).await.expect("an answer");
    let code = answer.status().as_u16();
    let bytes = to_bytes(answer.into_body(), 64 << 20).await.expect("a whole body");
    (code, serde_json::from_slice(&bytes).expect("a JSON answer"))
}

/// Source: Kubernetes API reference "Common Parameters" and concept page "Kubernetes API Concepts".
#[tokio::test]
async fn parameters_that_make_no_sense_are_refused_by_name() {
    let server = server();
    let rows = [
        ("limit=x", 400, "limit: strconv.ParseInt: parsing \"x\": invalid syntax"),
        (
            "resourceVersion=x",
            400,
            "resourceVersion: Invalid value: \"x\": strconv.ParseUint: parsing \"x\": \
             invalid syntax",
        ),
        ("continue=zz", 400, "continue key is not valid"),
        (
            "resourceVersionMatch=Exact",
            422,
            "ListOptions.meta.k8s.io \"\" is invalid: resourceVersionMatch: Forbidden: \
             resourceVersionMatch is forbidden unless resourceVersion is provided",
        ),
        (
            "resourceVersionMatch=Exact&resourceVersion=0",
            422,
            "ListOptions.meta.k8s.io \"\" is invalid: resourceVersionMatch: Forbidden: \
             resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\"",
        ),
        (
            "resourceVersionMatch=Best&resourceVersion=1",
            422,
            "ListOptions.meta.k8s.io \"\" is invalid: resourceVersionMatch: Unsupported value: \
             \"Best\": supported values: \"Exact\", \"NotOlderThan\"",
        ),
        (
            "sendInitialEvents=true",
            422,
            "ListOptions.meta.k8s.io \"\" is invalid: sendInitialEvents: Forbidden: \
             sendInitialEvents is forbidden for list",
        ),
        (
            "watch=1&resourceVersionMatch=NotOlderThan",
            422,
            "ListOptions.meta.k8s.io \"\" is invalid: resourceVersionMatch: Forbidden: \
             resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided",
        ),
        (
            "watch=1&sendInitialEvents=true",
            422,
            "ListOptions.meta.k8s.io \"\" is invalid: resourceVersionMatch: Forbidden: \
             sendInitialEvents requires setting resourceVersionMatch to NotOlderThan",
        ),
    ];
    for (query, code, message) in rows {
        let path = format!("{PODS}?{query}");
        let (found, status) = call(&server, Method::GET, &path, Value::Null).await;
        assert_eq!((found, &status["message"]), (code, &json!(message)), "{query}");
    }
}

/// Source: Kubernetes concept page "Kubernetes API Concepts" (resource versions).
#[tokio::test]
async fn a_read_of_a_future_version_times_out_and_older_ones_are_served() {
    let server = server();
    call(&server, Method::POST, PODS, pod("a")).await;
    let rows = [
        (format!("{PODS}/a?resourceVersion=999"), 504),
        (format!("{PODS}?resourceVersion=999&resourceVersionMatch=NotOlderThan"), 504),
        (format!("{PODS}?watch=1&resourceVersion=999"), 504),
        (format!("{PODS}/a?resourceVersion=1"), 200),
        (format!("{PODS}?resourceVersion=1&resourceVersionMatch=NotOlderThan"), 200),
    ];
    for (path, code) in rows {
        let (found, status) = call(&server, Method::GET, &path, Value::Null).await;
        assert_eq!(found, code, "{path}");
        assert!(code == 200 || status["reason"] == "Timeout", "{status}");
    }
}

/// Source: Kubernetes API server limits (3 MiB of body, 1.5 MiB of object, 10,000 operations).
#[tokio::test]
async fn sizes_are_bounded() {
    let server = server();
    let map = |bytes: usize| json!({"metadata": {"name": "m"}, "data": {"k": "x".repeat(bytes)}});
    let (code, status) = call(&server, Method::POST, MAPS, map(4 << 20)).await;
    assert_eq!((code, &status["reason"]), (413, &json!("RequestEntityTooLarge")));
    assert_eq!(status["message"], "Request entity is too large: limit is 3145728");
    let (code, status) = call(&server, Method::POST, MAPS, map(2 << 20)).await;
    assert_eq!((code, &status["message"]), (500, &json!("etcdserver: request is too large")));
    assert_eq!(call(&server, Method::POST, MAPS, map(1 << 20)).await.0, 201);
    let operation = json!({"op": "test", "path": "/kind", "value": "ConfigMap"});
    for (operations, expected) in [(10_001, 413), (10_000, 200)] {
        let patch = Value::Array(vec![operation.clone(); operations]);
        let media_type = "application/json-patch+json";
        let path = format!("{MAPS}/m");
        let (code, _) = call_as(&server, Method::PATCH, &path, media_type, patch).await;
        assert_eq!(code, expected, "{operations}");
    }
}

/// Source: Kubernetes concept page "Kubernetes API Concepts" (media types), RFC 9110 (415).
#[tokio::test]
async fn unreadable_bodies_are_refused_without_a_panic() {
    let server = server();
    let nested = format!("{}{}", "{\"a\":".repeat(100_000), "}".repeat(100_000));
    let levels: String = (1..12)
        .map(|n| {
            let refs = vec![format!("*a{}", n - 1); 10].join(", ");
            format!("a{n}: &a{n} [{refs}]\n")
        })
        .collect();
    let bomb = format!("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n{levels}");
    let rows = [
        ("application/json", nested, 400),
        ("application/json", "\u{0}".to_owned(), 400),
        ("application/json", "[1, 2".to_owned(), 400),
        ("application/json", "\"text\"".to_owned(), 400),
        ("application/yaml", bomb, 400),
        ("application/yaml", "{{".to_owned(), 400),
        ("text/html", "<p>".to_owned(), 415),
        ("application/vnd.kubernetes.protobuf", "k8s".to_owned(), 415),
    ];
    for (media_type, body, expected) in rows {
        let start: String = body.chars().take(20).collect();
        let (code, status) = raw(&server, MAPS, media_type, body).await;
        assert_eq!(code, expected, "{media_type}: {start}: {status}");
        assert_eq!(status["kind"], "Status");
    }
}

/// Nesting that a patch adds would be too deep to be read again.
///
/// Source: Kubernetes API server limits.
#[tokio::test]
async fn a_patch_cannot_nest_an_object_deeper_than_it_can_be_read() {
    let server = server();
    let revision = json!({"metadata": {"name": "m"}, "revision": 1, "data": {}});
    let (code, body) = call(&server, Method::POST, REVISIONS, revision).await;
    assert_eq!(code, 201, "{body}");
    let mut deep = json!({});
    for _ in 0..100 {
        deep = json!({"a": deep});
    }
    let media_type = "application/json-patch+json";
    let path = format!("{REVISIONS}/m");
    let mut place = "/data/a".to_owned();
    let mut codes = Vec::new();
    for _ in 0..3 {
        let patch = json!([{"op": "add", "path": place, "value": deep}]);
        codes.push(call_as(&server, Method::PATCH, &path, media_type, patch).await.0);
        place.push_str(&"/a".repeat(100));
    }
    assert_eq!(codes[..2], [200, 400], "{codes:?}");
    assert_eq!(call(&server, Method::GET, &path, Value::Null).await.0, 200);
}

/// Source: Kubernetes API reference (verbs of a resource), RFC 9110 (405).
#[tokio::test]
async fn wrong_methods_and_unknown_paths_are_named_as_such() {
    let server = server();
    call(&server, Method::POST, PODS, pod("a")).await;
    let rows = [
        (Method::POST, format!("{PODS}/a"), 405),
        (Method::PATCH, PODS.to_owned(), 405),
        (Method::OPTIONS, PODS.to_owned(), 405),
        (Method::DELETE, format!("{PODS}/a/status"), 405),
        (Method::GET, format!("{PODS}/a/eviction"), 405),
        (Method::POST, "/api".to_owned(), 405),
        (Method::GET, format!("{PODS}/a/nothing"), 404),
        (Method::GET, format!("{PODS}/a/status/more"), 404),
        (Method::GET, "/api/v2/pods".to_owned(), 404),
        (Method::GET, "/api/v1/namespaces/default/nodes".to_owned(), 404),
        (Method::GET, "/apis/apps/v1beta1/deployments".to_owned(), 404),
        (Method::GET, "/%00%ff".to_owned(), 404),
        (Method::GET, "/".to_owned(), 404),
    ];
    for (method, path, code) in rows {
        let (found, status) = call(&server, method.clone(), &path, Value::Null).await;
        assert_eq!(found, code, "{method} {path}: {status}");
    }
}

/// Source: Kubernetes API reference (a request needs no header beside its content type).
#[tokio::test]
async fn a_flood_of_headers_and_parameters_changes_nothing() {
    let server = server();
    let pairs: String = (0..2_000).map(|n| format!("&p{n}=x")).collect();
    let mut request = Request::get(format!("{PODS}?limit=1{pairs}"));
    for number in 0..5_000 {
        request = request.header(format!("x-{number}"), "x");
    }
    let request = request.body(Body::empty()).expect("a request");
    let answer = server.router().oneshot(request).await.expect("an answer");
    assert_eq!(answer.status().as_u16(), 200);
}

/// Source: Kubernetes concept page "Kubernetes API Concepts" (410 Gone for watches).
#[tokio::test(start_paused = true)]
async fn a_watch_that_is_not_read_is_dropped_when_it_falls_out_of_the_window() {
    let server = KubeLite::new(config().watch_window(8));
    let request = Request::get(format!("{PODS}?watch=1")).body(Body::empty()).expect("a request");
    let slow = server.router().oneshot(request).await.expect("an answer");
    for number in 0..20 {
        call(&server, Method::POST, PODS, pod(&format!("p{number}"))).await;
    }
    let bytes = to_bytes(slow.into_body(), 1 << 20).await.expect("an ended stream");
    let text = String::from_utf8(bytes.to_vec()).expect("text");
    let event: Value = serde_json::from_str(text.trim()).expect("one event");
    assert_eq!((&event["type"], &event["object"]["code"]), (&json!("ERROR"), &json!(410)));
}

/// Source: Kubernetes concept page "Kubernetes API Concepts" (efficient detection of changes).
#[tokio::test(start_paused = true)]
async fn thousands_of_watches_see_one_write_and_broken_ones_harm_nobody() {
    let server = server();
    let mut open = Vec::new();
    for _ in 0..3_000 {
        let request = Request::get(format!("{PODS}?watch=1")).body(Body::empty());
        let answer = server.router().oneshot(request.expect("a request")).await;
        open.push(answer.expect("an answer").into_body().into_data_stream());
    }
    open.truncate(2_000);
    call(&server, Method::POST, PODS, pod("a")).await;
    for stream in &mut open {
        let piece = stream.next().await.expect("an event").expect("a whole piece");
        assert!(piece.starts_with(b"{\"type\":\"ADDED\""), "{piece:?}");
    }
}

/// Source: Kubernetes concept page "Kubernetes API Concepts" (streaming lists).
#[tokio::test(start_paused = true)]
async fn initial_events_are_chosen_by_parameter_and_marked_only_with_bookmarks() {
    let server = server();
    call(&server, Method::POST, PODS, pod("a")).await;
    let rows = [
        ("sendInitialEvents=true&allowWatchBookmarks=true", vec!["ADDED", "BOOKMARK"]),
        ("sendInitialEvents=true", vec!["ADDED"]),
        ("sendInitialEvents=false", vec![]),
        ("sendInitialEvents=true&resourceVersion=1", vec!["ADDED"]),
    ];
    for (query, expected) in rows {
        let tail = "resourceVersionMatch=NotOlderThan&timeoutSeconds=1";
        let seen = events(&server, &format!("{PODS}?watch=1&{query}&{tail}")).await;
        assert_eq!(kinds(&seen), expected, "{query}");
    }
}

/// Source: Kubernetes concept page "Kubernetes API Concepts" (retrieving large results in chunks).
#[tokio::test]
async fn a_page_of_a_forgotten_version_has_expired() {
    let server = KubeLite::new(config().watch_window(2));
    for name in ["a", "b"] {
        call(&server, Method::POST, PODS, pod(name)).await;
    }
    let (_, first) = call(&server, Method::GET, &format!("{PODS}?limit=1"), Value::Null).await;
    for name in ["c", "d", "e"] {
        call(&server, Method::POST, PODS, pod(name)).await;
    }
    let token = first["metadata"]["continue"].as_str().expect("a token");
    let path = format!("{PODS}?limit=1&continue={token}");
    let (code, status) = call(&server, Method::GET, &path, Value::Null).await;
    assert_eq!((code, &status["reason"]), (410, &json!("Expired")));
    let path = format!("{PODS}?resourceVersion=5&continue={token}");
    let (code, status) = call(&server, Method::GET, &path, Value::Null).await;
    let message = "specifying resource version is not allowed when using continue";
    assert_eq!((code, &status["message"]), (400, &json!(message)));
}
