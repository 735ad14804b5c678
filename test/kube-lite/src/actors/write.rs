//! Writes as data, and their way to the server.

use http::Request;
use serde_json::{Value, json};

use super::world::{PODS, Watched};
use crate::object::Key;

/// One write an actor wants.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Write {
    /// POST; a name that exists already is fine.
    Create { kind: Watched, namespace: String, object: Value },
    /// Merge patch; with a `resourceVersion` in the body it is refused when stale.
    Patch { kind: Watched, key: Key, status: bool, body: Value },
    /// DELETE; zero grace removes a pod at once.
    Delete { kind: Watched, key: Key, uid: String, grace_seconds: Option<u32> },
    /// POST to the pod's binding.
    Bind { pod: Key, uid: String, node: String },
}

impl Write {
    /// Kind of the written object.
    pub(super) fn kind(&self) -> Watched {
        match self {
            Self::Create { kind, .. } | Self::Patch { kind, .. } | Self::Delete { kind, .. } => {
                *kind
            }
            Self::Bind { .. } => PODS,
        }
    }

    /// Sends the write; the answer is the object or a `Status`.
    ///
    /// # Errors
    /// Whatever the server or the way to it says.
    pub(super) async fn send(&self, client: &kube::Client) -> Result<Value, kube::Error> {
        let (method, path, media_type, body) = self.parts();
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("content-type", media_type)
            .body(body.to_string().into_bytes())
            .map_err(kube::Error::HttpError)?;
        client.request(request).await
    }

    fn parts(&self) -> (&'static str, String, &'static str, Value) {
        const JSON: &str = "application/json";
        match self {
            Self::Create { kind, namespace, object } => {
                ("POST", collection(*kind, namespace), JSON, object.clone())
            }
            Self::Patch { kind, key, status, body } => {
                let suffix = if *status { "/status" } else { "" };
                let path = format!("{}/{}{suffix}", collection(*kind, &key.namespace), key.name);
                ("PATCH", path, "application/merge-patch+json", body.clone())
            }
            Self::Delete { kind, key, uid, grace_seconds } => {
                let path = format!("{}/{}", collection(*kind, &key.namespace), key.name);
                let mut options = json!({
                    "preconditions": {"uid": uid}, "propagationPolicy": "Background"});
                if let Some(seconds) = grace_seconds {
                    options["gracePeriodSeconds"] = json!(seconds);
                }
                ("DELETE", path, JSON, options)
            }
            Self::Bind { pod, uid, node } => {
                let path = format!("{}/{}/binding", collection(PODS, &pod.namespace), pod.name);
                let body = json!({
                    "apiVersion": "v1", "kind": "Binding",
                    "metadata": {"name": pod.name, "namespace": pod.namespace, "uid": uid},
                    "target": {"apiVersion": "v1", "kind": "Node", "name": node},
                });
                ("POST", path, JSON, body)
            }
        }
    }
}

fn collection(kind: Watched, namespace: &str) -> String {
    let root = match kind.group {
        "" => "/api/v1".to_owned(),
        group => format!("/apis/{group}/v1"),
    };
    match namespace {
        "" => format!("{root}/{}", kind.plural),
        namespace => format!("{root}/namespaces/{namespace}/{}", kind.plural),
    }
}
