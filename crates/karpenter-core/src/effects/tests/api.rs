//! A Kubernetes API for single objects: reads, guarded merge patches, deletions with finalizers, scripted refusals.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Arc;

use http::{Method, Request, Response};
use kube::client::Body;
use parking_lot::Mutex;
use serde_json::{Value, json};

/// The objects by path, and what happened to them.
#[derive(Clone, Default)]
pub(super) struct FakeApi(Arc<Mutex<Inner>>);

#[derive(Default)]
struct Inner {
    objects: BTreeMap<String, Value>,
    refusals: Vec<(String, u16)>,
    requests: Vec<String>,
}

impl FakeApi {
    /// Stores `object` at `path`.
    pub(super) fn put(&self, path: &str, object: Value) {
        self.0.lock().objects.insert(path.to_owned(), object);
    }

    /// The next request `METHOD path` is refused with `code`.
    pub(super) fn refuse(&self, request: &str, code: u16) {
        self.0.lock().refusals.push((request.to_owned(), code));
    }

    /// The object at `path`.
    pub(super) fn get(&self, path: &str) -> Option<Value> {
        self.0.lock().objects.get(path).cloned()
    }

    /// Requests so far, as `METHOD path`.
    pub(super) fn requests(&self) -> Vec<String> {
        self.0.lock().requests.clone()
    }

    pub(super) fn client(&self) -> kube::Client {
        let api = self.clone();
        let service = tower::service_fn(move |request: Request<Body>| {
            let api = api.clone();
            async move {
                let (parts, body) = request.into_parts();
                let body = body.collect_bytes().await.expect("a body");
                let body = serde_json::from_slice(&body).unwrap_or_default();
                let (code, answer) = api.0.lock().answer(&parts.method, parts.uri.path(), &body);
                let answer = Body::from(serde_json::to_vec(&answer).expect("JSON"));
                let response = Response::builder().status(code).body(answer).expect("a response");
                Ok::<_, Infallible>(response)
            }
        });
        kube::Client::new(service, "default")
    }
}

impl Inner {
    fn answer(&mut self, method: &Method, path: &str, body: &Value) -> (u16, Value) {
        let request = format!("{method} {path}");
        self.requests.push(request.clone());
        if let Some(at) = self.refusals.iter().position(|(refused, _)| *refused == request) {
            return failure(self.refusals.remove(at).1);
        }
        let key = path.trim_end_matches("/status").to_owned();
        let Some(mut object) = self.objects.remove(&key) else { return failure(404) };
        match *method {
            Method::PATCH => {
                let wanted = &body["metadata"]["resourceVersion"];
                if wanted.is_string() && *wanted != object["metadata"]["resourceVersion"] {
                    self.objects.insert(key, object);
                    return failure(409);
                }
                super::merge(&mut object, body);
            }
            Method::DELETE => {
                object["metadata"]["deletionTimestamp"] = json!("2001-09-09T01:46:40Z");
            }
            _ => {}
        }
        if *method != Method::GET {
            let version = object["metadata"]["resourceVersion"].as_str().unwrap_or("0");
            let next = version.parse::<u64>().unwrap_or_default() + 1;
            object["metadata"]["resourceVersion"] = json!(next.to_string());
        }
        let held = object["metadata"]["finalizers"].as_array().is_some_and(|list| !list.is_empty());
        if held || object["metadata"]["deletionTimestamp"].is_null() {
            self.objects.insert(key, object.clone());
        }
        (200, object)
    }
}

fn failure(code: u16) -> (u16, Value) {
    let status = json!({
        "kind": "Status", "apiVersion": "v1", "status": "Failure", "code": code,
        "reason": "Scripted", "message": "refused by the test",
    });
    (code, status)
}
