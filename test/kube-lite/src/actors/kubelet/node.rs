//! What a kubelet writes about its node: the Node itself, its readiness, its Lease, its CSINode.
//!
//! Source: Kubernetes API (Node, Lease, CSINode).

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{LEASE_NAMESPACE, Machine, NOT_READY};
use crate::actors::pods;
use crate::actors::world::{CSI_NODES, LEASES, NODES};
use crate::actors::write::Write;
use crate::object::{Key, condition, meta_str, set_condition, str_at};
use crate::time::text;

/// The Node a machine registers; it begins with the taint of a node that is not ready.
pub(super) fn node(machine: &Machine, now: Timestamp) -> Value {
    let mut labels = machine.labels.clone();
    labels.entry("kubernetes.io/hostname".to_owned()).or_insert_with(|| machine.node_name.clone());
    let mut taints: Vec<Value> = machine
        .taints
        .iter()
        .map(|(key, value, effect)| match value.as_str() {
            "" => json!({"key": key, "effect": effect}),
            value => json!({"key": key, "value": value, "effect": effect}),
        })
        .collect();
    let not_ready = json!({"key": NOT_READY, "effect": "NoSchedule"});
    if !taints.iter().any(|taint| taint["key"] == NOT_READY) {
        taints.push(not_ready);
    }
    let allocatable =
        if machine.allocatable.is_empty() { &machine.capacity } else { &machine.allocatable };
    let mut node = json!({
        "apiVersion": "v1", "kind": "Node",
        "metadata": {
            "name": machine.node_name, "labels": labels, "annotations": machine.annotations},
        "spec": {"providerID": machine.provider_id, "taints": taints},
        "status": {"capacity": machine.capacity, "allocatable": allocatable},
    });
    set_condition(&mut node, ready_condition(false, now), &text(now));
    node
}

/// Whether a Node is the one that `machine` registered.
pub(super) fn is_of(node: &Value, machine: &Machine) -> bool {
    str_at(node, "/spec/providerID").unwrap_or_default() == machine.provider_id
}

fn ready_condition(ready: bool, now: Timestamp) -> Value {
    let (status, reason, message) = if ready {
        ("True", "KubeletReady", "kubelet is posting ready status")
    } else {
        ("False", "KubeletNotReady", "container runtime network not ready")
    };
    json!({
        "type": "Ready", "status": status, "reason": reason, "message": message,
        "lastHeartbeatTime": text(now),
    })
}

/// The write that makes a node ready; `None` when it is.
pub(super) fn becoming_ready(key: &Key, node: &Value, now: Timestamp) -> Option<Write> {
    if condition(node, "Ready") == Some("True") {
        return None;
    }
    let mut edited = node.clone();
    set_condition(&mut edited, ready_condition(true, now), &text(now));
    conditions_patch(key, node, &edited)
}

/// Renews the condition: the machine is there and ready.
pub(super) fn heartbeat(key: &Key, node: &Value, now: Timestamp) -> Option<Write> {
    let mut edited = node.clone();
    set_condition(&mut edited, ready_condition(true, now), &text(now));
    conditions_patch(key, node, &edited)
}

fn conditions_patch(key: &Key, node: &Value, edited: &Value) -> Option<Write> {
    let status = json!({"conditions": edited["status"]["conditions"]});
    let body = pods::status_patch(node, &status)?;
    Some(Write::Patch { kind: NODES, key: key.clone(), status: true, body })
}

/// The first Lease of a node.
pub(super) fn lease(node: &Value, name: &str, renew: Duration, now: Timestamp) -> Write {
    let seconds = renew.as_secs().saturating_mul(4).max(1);
    let object = json!({
        "apiVersion": "coordination.k8s.io/v1", "kind": "Lease",
        "metadata": {
            "name": name, "namespace": LEASE_NAMESPACE, "ownerReferences": [owner(node, name)]},
        "spec": {
            "holderIdentity": name, "leaseDurationSeconds": seconds, "renewTime": micro(now)},
    });
    Write::Create { kind: LEASES, namespace: LEASE_NAMESPACE.to_owned(), object }
}

/// The renewal of a Lease.
pub(super) fn renewal(name: &str, now: Timestamp) -> Write {
    Write::Patch {
        kind: LEASES,
        key: Key::new(LEASE_NAMESPACE, name),
        status: false,
        body: json!({"spec": {"renewTime": micro(now)}}),
    }
}

/// The CSINode of a machine: its drivers, and how many volumes each can hold.
pub(super) fn csi_node(node: &Value, name: &str, machine: &Machine) -> Write {
    let drivers: Vec<Value> = machine
        .csi_drivers
        .iter()
        .map(|(driver, count)| {
            json!({
                "name": driver, "nodeID": name, "topologyKeys": ["topology.kubernetes.io/zone"],
                "allocatable": {"count": count},
            })
        })
        .collect();
    let object = json!({
        "apiVersion": "storage.k8s.io/v1", "kind": "CSINode",
        "metadata": {"name": name, "ownerReferences": [owner(node, name)]},
        "spec": {"drivers": drivers},
    });
    Write::Create { kind: CSI_NODES, namespace: String::new(), object }
}

fn owner(node: &Value, name: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "Node", "name": name, "uid": meta_str(node, "uid")})
}

/// RFC 3339 with microseconds.
fn micro(at: Timestamp) -> String {
    format!("{at:.6}")
}
