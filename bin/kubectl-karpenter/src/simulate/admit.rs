//! What an API server and a kubelet would add to an object before the controller sees it.
//!
//! Nothing that is written is changed.
//!
//! Source: Kubernetes API, defaults of pods, nodes and namespaces.

use karpenter_core::model::persistent_volume_claim::BIND_COMPLETED;
use serde_json::{Value, json};

/// Fills `object` of `kind` in: namespace, uid, and what its kind calls for.
pub fn admit(object: &mut Value, kind: &str, is_namespaced: bool) {
    if !object["metadata"].is_object() {
        return;
    }
    let namespace = object["metadata"]["namespace"].as_str().unwrap_or("default").to_owned();
    let name = object["metadata"]["name"].as_str().unwrap_or_default().to_owned();
    if is_namespaced {
        fill(object, "/metadata", "namespace", json!(namespace));
    }
    let owner =
        if is_namespaced { format!("{kind}/{namespace}/{name}") } else { format!("{kind}/{name}") };
    fill(object, "/metadata", "uid", json!(owner));
    match kind {
        "Pod" => request_limits(object),
        "Node" => {
            label(object, "kubernetes.io/hostname", &name);
            if let Some(capacity) = object.pointer("/status/capacity").cloned() {
                fill(object, "/status", "allocatable", capacity);
            }
        }
        "PersistentVolumeClaim" => complete_binding(object),
        "Namespace" => label(object, "kubernetes.io/metadata.name", &name),
        _ => {}
    }
}

/// Counts a limit without request as request.
fn request_limits(pod: &mut Value) {
    for list in ["/spec/containers", "/spec/initContainers"] {
        let containers = pod.pointer_mut(list).and_then(Value::as_array_mut);
        for container in containers.into_iter().flatten() {
            let limits = container.pointer("/resources/limits").and_then(Value::as_object).cloned();
            let Some(limits) = limits else { continue };
            fill(container, "/resources", "requests", json!({}));
            for (name, amount) in limits {
                fill(container, "/resources/requests", &name, amount);
            }
        }
    }
}

/// A claim that names its volume and says nothing of its state is bound to it.
fn complete_binding(claim: &mut Value) {
    let names_volume = claim.pointer("/spec/volumeName").is_some_and(Value::is_string);
    if names_volume && claim["status"].is_null() {
        fill(claim, "/metadata", "annotations", json!({}));
        fill(claim, "/metadata/annotations", BIND_COMPLETED, json!("yes"));
    }
}

fn label(object: &mut Value, key: &str, value: &str) {
    fill(object, "/metadata", "labels", json!({}));
    fill(object, "/metadata/labels", key, json!(value));
}

/// Sets `member` of the map at `path`, unless it is there.
fn fill(object: &mut Value, path: &str, member: &str, value: Value) {
    if let Some(map) = object.pointer_mut(path).and_then(Value::as_object_mut) {
        let known = map.entry(member).or_insert(Value::Null);
        if known.is_null() {
            *known = value;
        }
    }
}
