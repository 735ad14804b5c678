//! Questions about pods that several actors ask.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::event::fnv;
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

/// Objects by the uid of their managing owner, each list in key order.
pub(super) fn by_controller(objects: &Objects) -> BTreeMap<&str, Vec<(&Key, &Arc<Value>)>> {
    let mut owned: BTreeMap<&str, Vec<_>> = BTreeMap::new();
    for (key, object) in objects {
        let uid = controller(object).and_then(|owner| owner["uid"].as_str());
        if let Some(uid) = uid {
            owned.entry(uid).or_default().push((key, object));
        }
    }
    owned
}

/// Ten characters that depend on the text of a pod template.
pub(super) fn template_hash(template: &Value) -> String {
    const ALPHABET: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";
    let mut state = fnv(&template.to_string());
    let mut text = String::new();
    for _ in 0..10 {
        let index = usize::try_from(state % ALPHABET.len() as u64).unwrap_or_default();
        text.push(char::from(ALPHABET[index]));
        state /= ALPHABET.len() as u64;
    }
    text
}

/// Since when a pod has been ready; `None` when it is not.
pub(super) fn ready_since(pod: &Value) -> Option<Timestamp> {
    let conditions = list(pod, "/status/conditions").iter();
    let ready = conditions.filter(|c| c["type"] == "Ready" && c["status"] == "True");
    ready.filter_map(|ready| ready["lastTransitionTime"].as_str()?.parse().ok()).next()
}

/// When a ready pod counts as available: `minReadySeconds` of its workload later.
pub(super) fn available_at(pod: &Value, workload: &Value) -> Option<Timestamp> {
    let wait = int_at(workload, "/spec/minReadySeconds").unwrap_or_default();
    ready_since(pod)?.checked_add(SignedDuration::from_secs(wait)).ok()
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
