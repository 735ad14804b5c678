//! A Kubernetes API with Nodes and node classes, and a provider over it.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Arc;

use http::{Method, Request, Response};
use jiff::Timestamp;
use karpenter_core::clock::Clock;
use kube::client::Body;
use parking_lot::Mutex;
use serde_json::{Value, json};

use crate::catalog::InstanceTypes;
use crate::labels;
use crate::provider::{KwokProvider, Parts};

const NODES: &str = "/api/v1/nodes";
const CLASSES: &str = "/apis/karpenter.kwok.sh/v1alpha1/kwoknodeclasses";

/// Objects by path. A deleted object with finalizers stays and is marked; creation times are whole seconds.
#[derive(Clone, Default)]
pub(crate) struct FakeApi(Arc<Mutex<BTreeMap<String, Value>>>);

impl FakeApi {
    /// With a node class `default` whose nodes appear after `delay`.
    pub(crate) fn with_class(delay: &str) -> Self {
        let api = Self::default();
        api.put(&format!("{CLASSES}/default"), class(delay));
        api
    }

    pub(crate) fn put(&self, path: &str, object: Value) {
        self.0.lock().insert(path.to_owned(), object);
    }

    /// The Nodes, by name.
    pub(crate) fn nodes(&self) -> Vec<Value> {
        let objects = self.0.lock();
        objects
            .iter()
            .filter(|(path, _)| path.starts_with(NODES))
            .map(|(_, node)| node.clone())
            .collect()
    }

    /// Changes the only Node.
    pub(crate) fn change_node(&self, change: impl FnOnce(&mut Value)) {
        let mut objects = self.0.lock();
        let node = objects.iter_mut().find(|(path, _)| path.starts_with(NODES));
        change(node.expect("there is a Node").1);
    }

    /// A provider over this API, as a process that has just started.
    pub(crate) fn provider(&self, clock: &Clock) -> Arc<KwokProvider> {
        Arc::new(KwokProvider::new(Parts {
            kube: self.client(),
            clock: clock.clone(),
            types: InstanceTypes::generic(),
            seed: 7,
        }))
    }

    fn client(&self) -> kube::Client {
        let api = self.clone();
        let service = tower::service_fn(move |request: Request<Body>| {
            let api = api.clone();
            async move {
                let (parts, body) = request.into_parts();
                let body = body.collect_bytes().await.expect("a body");
                let body: Value = serde_json::from_slice(&body).unwrap_or_default();
                let (code, answer) = api.answer(&parts.method, parts.uri.path(), body);
                let answer = Body::from(serde_json::to_vec(&answer).expect("JSON"));
                Ok::<_, Infallible>(
                    Response::builder().status(code).body(answer).expect("a response"),
                )
            }
        });
        kube::Client::new(service, "default")
    }

    fn answer(&self, method: &Method, path: &str, mut body: Value) -> (u16, Value) {
        let mut objects = self.0.lock();
        match *method {
            Method::GET if path == NODES => {
                let nodes = objects.iter().filter(|(path, _)| path.starts_with(NODES));
                let nodes: Vec<&Value> = nodes.map(|(_, node)| node).collect();
                (
                    200,
                    json!({ "apiVersion": "v1", "kind": "NodeList", "metadata": {}, "items": nodes }),
                )
            }
            Method::GET => {
                objects.get(path).map_or_else(|| failure(404), |object| (200, object.clone()))
            }
            Method::POST => {
                let path =
                    format!("{path}/{}", body["metadata"]["name"].as_str().unwrap_or_default());
                if objects.contains_key(&path) {
                    return failure(409);
                }
                body["metadata"]["creationTimestamp"] = json!("1970-01-01T00:00:00Z");
                objects.insert(path, body.clone());
                (201, body)
            }
            Method::DELETE => {
                let Some(mut object) = objects.remove(path) else { return failure(404) };
                if !object["metadata"]["finalizers"].is_null() {
                    object["metadata"]["deletionTimestamp"] = json!("1970-01-01T00:00:00Z");
                    objects.insert(path.to_owned(), object.clone());
                }
                (200, object)
            }
            _ => failure(409),
        }
    }
}

/// A node class whose nodes appear after `delay`; at once when it is empty.
pub(crate) fn class(delay: &str) -> Value {
    let spec = if delay.is_empty() { json!({}) } else { json!({ "nodeRegistrationDelay": delay }) };
    json!({
        "apiVersion": format!("{}/v1alpha1", labels::GROUP),
        "kind": "KWOKNodeClass",
        "metadata": { "name": "default" },
        "spec": spec,
    })
}

/// Sets the condition `Ready` of the class.
pub(crate) fn with_ready(mut class: Value, status: &str) -> Value {
    class["status"] = json!({ "conditions": [{
        "type": "Ready", "status": status, "reason": "Test", "message": "says the test",
        "lastTransitionTime": "1970-01-01T00:00:00Z",
    }] });
    class
}

/// A simulated clock at the epoch.
pub(crate) fn clock() -> Clock {
    Clock::simulated(Timestamp::UNIX_EPOCH)
}

fn failure(code: u16) -> (u16, Value) {
    let reason = if code == 404 { "NotFound" } else { "AlreadyExists" };
    let status = json!({
        "kind": "Status", "apiVersion": "v1", "status": "Failure", "code": code,
        "reason": reason, "message": "refused by the test",
    });
    (code, status)
}

/// Path of the class every claim of the tests names.
pub(crate) fn class_path() -> String {
    format!("{CLASSES}/default")
}
