//! Notices nodes whose kubelet has fallen silent, and taints nodes after their conditions.
//!
//! # Flow
//! A node whose Lease and status are both old becomes `Unknown`. A node that is not ready carries
//! `not-ready`, one that is unknown `unreachable`, a cordoned one `unschedulable`; the taints go
//! with their causes. What the taints do to pods is left to the scheduler and to taint eviction.
//!
//! # Caveats
//! Pressure conditions cause no taints; evictions are not slowed down when many nodes fail.
//!
//! Source: Kubernetes API (node lifecycle controller).

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::kubelet::LEASE_NAMESPACE;
use super::pods;
use super::runner::{Controller, Plan};
use super::world::{LEASES, NODES, Watched, World};
use super::write::Write;
use crate::object::{Key, condition, is_terminating, list, meta_str, set_condition, str_at};
use crate::time::text;

/// Taints this actor owns, each with the effects it has.
const OWNED: [(&str, &[&str]); 3] = [
    ("node.kubernetes.io/not-ready", &["NoSchedule", "NoExecute"]),
    ("node.kubernetes.io/unreachable", &["NoSchedule", "NoExecute"]),
    ("node.kubernetes.io/unschedulable", &["NoSchedule"]),
];

/// The actor.
#[derive(Debug)]
pub(super) struct NodeLifecycle {
    /// From the last sign of life to an unknown state.
    grace: SignedDuration,
    /// The same for a node without a Lease, whose status comes rarely.
    patience: SignedDuration,
}

impl NodeLifecycle {
    pub(super) fn new(heartbeat: Duration, grace: Duration) -> Self {
        let signed = |delay| SignedDuration::try_from(delay).unwrap_or(SignedDuration::MAX);
        Self { grace: signed(grace), patience: signed(heartbeat.saturating_add(grace)) }
    }
}

impl Controller for NodeLifecycle {
    const KINDS: &'static [Watched] = &[NODES, LEASES];

    fn plan(&mut self, world: &World, now: Timestamp) -> Plan {
        let mut plan = Plan::default();
        for (key, node) in world.objects(NODES).iter().filter(|(_, n)| !is_terminating(n)) {
            let lease = world.objects(LEASES).get(&Key::new(LEASE_NAMESPACE, &key.name));
            let lease = lease.and_then(|lease| time_at(lease, "/spec/renewTime"));
            let wait = if lease.is_some() { self.grace } else { self.patience };
            let beat = lease.max(last_heartbeat(node)).unwrap_or(Timestamp::MIN);
            let due = beat.checked_add(wait).unwrap_or(Timestamp::MAX);
            if due > now {
                plan.wake(due);
            } else if let Some(write) = silence(key, node, now) {
                plan.writes.push(write);
                continue;
            }
            plan.writes.extend(taint(key, node, now));
        }
        plan
    }
}

fn time_at(object: &Value, pointer: &str) -> Option<Timestamp> {
    str_at(object, pointer)?.parse().ok()
}

/// Last time the status of a node was posted; its creation when it never was.
fn last_heartbeat(node: &Value) -> Option<Timestamp> {
    let conditions = list(node, "/status/conditions").iter();
    let ready = conditions.filter(|condition| condition["type"] == "Ready");
    let beat = ready.filter_map(|ready| time_at(ready, "/lastHeartbeatTime")).next();
    beat.or_else(|| time_at(node, "/metadata/creationTimestamp"))
}

/// The write that makes a silent node unknown, unless it is already.
fn silence(key: &Key, node: &Value, now: Timestamp) -> Option<Write> {
    let (reason, message) = match condition(node, "Ready") {
        Some("Unknown") => return None,
        Some(_) => ("NodeStatusUnknown", "Kubelet stopped posting node status."),
        None => ("NodeStatusNeverUpdated", "Kubelet never posted node status."),
    };
    let mut edited = node.clone();
    let known = list(node, "/status/conditions").iter().find(|c| c["type"] == "Ready");
    let mut unknown =
        json!({"type": "Ready", "status": "Unknown", "reason": reason, "message": message});
    if let Some(beat) = known.and_then(|known| known.get("lastHeartbeatTime")) {
        unknown["lastHeartbeatTime"] = beat.clone();
    }
    set_condition(&mut edited, unknown, &text(now));
    let status = json!({"conditions": edited["status"]["conditions"]});
    let body = pods::status_patch(node, &status)?;
    Some(Write::Patch { kind: NODES, key: key.clone(), status: true, body })
}

/// The write that brings the taints in line with the conditions.
fn taint(key: &Key, node: &Value, now: Timestamp) -> Option<Write> {
    let wished = |key: &str| match key {
        "node.kubernetes.io/not-ready" => condition(node, "Ready") == Some("False"),
        "node.kubernetes.io/unreachable" => condition(node, "Ready") == Some("Unknown"),
        _ => node.pointer("/spec/unschedulable") == Some(&json!(true)),
    };
    let known = list(node, "/spec/taints");
    let is =
        |taint: &Value, key: &str, effect: &str| taint["key"] == key && taint["effect"] == effect;
    let obsolete = |taint: &Value| {
        OWNED.iter().any(|(key, effects)| {
            !wished(key) && effects.iter().any(|effect| is(taint, key, effect))
        })
    };
    let unreported = condition(node, "Ready").is_none();
    let keep = |taint: &&Value| {
        let cordon = taint["key"] == "node.kubernetes.io/unschedulable";
        !obsolete(taint) || unreported && !cordon
    };
    let mut taints: Vec<Value> = known.iter().filter(keep).cloned().collect();
    for (key, effects) in OWNED.iter().filter(|(key, _)| wished(key)) {
        for effect in *effects {
            if !taints.iter().any(|taint| is(taint, key, effect)) {
                taints.push(json!({"key": key, "effect": effect, "timeAdded": text(now)}));
            }
        }
    }
    let version = meta_str(node, "resourceVersion");
    (taints != known).then(|| Write::Patch {
        kind: NODES,
        key: key.clone(),
        status: false,
        body: json!({
            "metadata": {"resourceVersion": version},
            "spec": {"taints": if taints.is_empty() { Value::Null } else { json!(taints) }},
        }),
    })
}
