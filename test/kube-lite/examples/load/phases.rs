//! What is done to the server, one measurement after the other.

use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use http::{Method, Request};
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::objects::{self, NAMESPACES};
use crate::options::Options;
use crate::report::Report;
use crate::watchers::Sent;

/// Objects per page of a list.
const PAGE: usize = 500;

/// Pause between requests of the mixed phase: about a thousand requests each second.
const PAUSE: Duration = Duration::from_millis(1);

/// Reads the clock.
#[expect(clippy::disallowed_methods, reason = "measures real time")]
pub(crate) fn now() -> Instant {
    Instant::now()
}

/// Runs something and says how long it took.
pub(crate) async fn timed<T>(work: impl AsyncFnOnce() -> T) -> (T, Duration) {
    let start = now();
    let result = work().await;
    (result, start.elapsed())
}

async fn send(api: &Router, method: Method, path: &str, body: Vec<u8>) -> Bytes {
    let media_type = match method {
        Method::PATCH => "application/merge-patch+json",
        _ => "application/json",
    };
    let request = Request::builder().method(method).uri(path).header("content-type", media_type);
    let request = request.body(Body::from(body)).expect("a valid request");
    let answer = api.clone().oneshot(request).await.expect("the router never fails");
    let code = answer.status();
    let body = to_bytes(answer.into_body(), usize::MAX).await.expect("a whole body");
    assert!(code.is_success(), "{path}: {code}: {}", String::from_utf8_lossy(&body));
    body
}

fn text(value: &Value) -> Vec<u8> {
    value.to_string().into_bytes()
}

/// Creates all objects.
#[expect(clippy::print_stderr, reason = "progress")]
pub(crate) async fn fill(api: &Router, options: &Options, report: &mut Report) {
    for number in 0..NAMESPACES {
        let namespace = json!({"metadata": {"name": objects::namespace(number)}});
        send(api, Method::POST, "/api/v1/namespaces", text(&namespace)).await;
    }
    let ((), took) = timed(async || {
        for number in 0..options.nodes {
            send(api, Method::POST, "/api/v1/nodes", text(&objects::node(number))).await;
        }
    })
    .await;
    report.rate("create nodes", options.nodes, took);
    eprintln!("{} nodes in {took:.1?}", options.nodes);
    let mut took = Duration::ZERO;
    for number in 0..options.pods {
        let path = format!("/api/v1/namespaces/{}/pods", objects::namespace(number));
        let body = text(&objects::pod(number, options.nodes));
        took += timed(async || send(api, Method::POST, &path, body).await).await.1;
        if number % 10_000 == 9_999 {
            eprintln!("{} pods in {took:.1?}", number + 1);
        }
    }
    report.rate("create pods", options.pods, took);
}

/// Gets, patches and lists side by side; returns when each patch was sent.
#[expect(clippy::print_stderr, reason = "progress")]
pub(crate) async fn mixed(api: &Router, options: &Options, report: &mut Report) -> Sent {
    eprintln!("mixed requests for {} s", options.seconds);
    let end = now() + Duration::from_secs(options.seconds);
    let lists = tokio::spawn(list_until(api.clone(), end));
    let (mut sent, mut gets, mut patches) = (Sent::new(), Vec::new(), Vec::new());
    let mut number = 0;
    while now() < end {
        number = (number + 7_919) % options.pods;
        let (namespace, name) = (objects::namespace(number), objects::pod_name(number));
        let path = format!("/api/v1/namespaces/{namespace}/pods/{name}");
        let get = timed(async || send(api, Method::GET, &path, Vec::new()).await).await;
        gets.push(get.1);
        let patch = json!({"metadata": {"annotations": {"load/round": patches.len().to_string()}}});
        let start = now();
        let answer = send(api, Method::PATCH, &path, text(&patch)).await;
        patches.push(start.elapsed());
        let object: Value = serde_json::from_slice(&answer).expect("an object");
        let version = object["metadata"]["resourceVersion"].as_str().unwrap_or_default();
        sent.extend(version.parse::<u64>().ok().map(|version| (version, start)));
        tokio::time::sleep(PAUSE).await;
    }
    report.latency("get", gets);
    report.latency("patch", patches);
    report.latency("list of a namespace", lists.await.expect("a whole task"));
    sent
}

async fn list_until(api: Router, end: Instant) -> Vec<Duration> {
    let mut samples = Vec::new();
    while now() < end {
        let path =
            format!("/api/v1/namespaces/{}/pods?limit=500", objects::namespace(samples.len()));
        samples.push(timed(async || send(&api, Method::GET, &path, Vec::new()).await).await.1);
        tokio::time::sleep(10 * PAUSE).await;
    }
    samples
}

/// Lists all pods in pages, and by node and by label.
pub(crate) async fn full_list(api: &Router, report: &mut Report) {
    let (pages, took) = timed(async || pages(api).await).await;
    report.number("full paged list: time", took.as_secs_f64(), "s");
    report.number("full paged list: pages", pages as f64, "");
    for (name, query) in [
        ("list by node", "fieldSelector=spec.nodeName%3Dnode-00001"),
        ("list by label", "labelSelector=app%3Dweb-0001"),
    ] {
        let path = format!("/api/v1/pods?{query}");
        let took = timed(async || send(api, Method::GET, &path, Vec::new()).await).await.1;
        report.number(name, took.as_secs_f64() * 1e3, "ms");
    }
}

async fn pages(api: &Router) -> usize {
    let (mut token, mut pages) = (String::new(), 0);
    loop {
        let path = format!("/api/v1/pods?limit={PAGE}&continue={token}");
        let page = send(api, Method::GET, &path, Vec::new()).await;
        pages += 1;
        // The token stands in the head of the list, before its items.
        let head = String::from_utf8_lossy(&page[..page.len().min(1024)]).into_owned();
        let found = head.split_once("\"continue\":\"").and_then(|(_, rest)| rest.split_once('"'));
        match found {
            Some((next, _)) => next.clone_into(&mut token),
            None => return pages,
        }
    }
}
