//! Questions about pods that several actors ask.

use std::sync::Arc;

use serde_json::{Value, json};

use super::world::Objects;
use crate::object::{Key, condition, int_at, is_terminating, list, meta_str, str_at};

/// Node of a pod; `None` while it has none.
pub(super) fn node(pod: &Value) -> Option<&str> {
    str_at(pod, "/spec/nodeName").filter(|node| !node.is_empty())
}

/// Whether all containers have ended for good.
pub(super) fn is_over(pod: &Value) -> bool {
    matches!(str_at(pod, "/status/phase"), Some("Succeeded" | "Failed"))
}

/// Whether the pod counts as a copy of its workload.
pub(super) fn is_active(pod: &Value) -> bool {
    !is_terminating(pod) && !is_over(pod)
}

/// Whether the pod's condition `Ready` is true.
pub(super) fn is_ready(pod: &Value) -> bool {
    condition(pod, "Ready") == Some("True")
}

/// The uid of an object; empty when it has none.
pub(super) fn uid(object: &Value) -> &str {
    meta_str(object, "uid").unwrap_or("")
}

/// The managing owner of an object.
pub(super) fn controller(object: &Value) -> Option<&Value> {
    list(object, "/metadata/ownerReferences").iter().find(|owner| owner["controller"] == true)
}

/// Objects of a namespace that an owner manages, in key order.
pub(super) fn owned<'a>(
    objects: &'a Objects,
    namespace: &'a str,
    owner_uid: &'a str,
) -> impl Iterator<Item = (&'a Key, &'a Arc<Value>)> {
    objects
        .range(Key::new(namespace, "")..)
        .take_while(move |(key, _)| key.namespace == namespace)
        .filter(move |(_, object)| controller(object).is_some_and(|o| o["uid"] == owner_uid))
}

/// The reference that makes `owner` the managing owner.
pub(super) fn owner_reference(api_version: &str, kind: &str, owner: &Value) -> Value {
    json!({
        "apiVersion": api_version, "kind": kind, "name": meta_str(owner, "name"),
        "uid": uid(owner), "controller": true, "blockOwnerDeletion": true,
    })
}

/// A pod made from the template of its owner.
pub(super) fn from_template(owner: &Value, kind: &str) -> Value {
    let template = &owner["spec"]["template"];
    let mut pod = json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": template["metadata"],
        "spec": template["spec"],
    });
    if !pod["metadata"].is_object() {
        pod["metadata"] = json!({});
    }
    let name = meta_str(owner, "name").unwrap_or("");
    pod["metadata"]["generateName"] = json!(format!("{name}-"));
    pod["metadata"]["ownerReferences"] = json!([owner_reference("apps/v1", kind, owner)]);
    pod
}

/// Wished number of copies.
pub(super) fn replicas(workload: &Value) -> i64 {
    int_at(workload, "/spec/replicas").unwrap_or(1).max(0)
}

/// A status patch, when it would change anything; guarded by the version it was computed from.
pub(super) fn status_patch(object: &Value, status: &Value) -> Option<Value> {
    let mut merged = object["status"].clone();
    json_patch::merge(&mut merged, status);
    if merged == object["status"] {
        return None;
    }
    let version = meta_str(object, "resourceVersion");
    Some(json!({"metadata": {"resourceVersion": version}, "status": status}))
}
