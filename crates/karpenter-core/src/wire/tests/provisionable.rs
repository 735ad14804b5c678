//! Which pods a new node could help.

use serde_json::{Value, json};

use super::SlimPod;
use crate::testing::cluster::merge;
use crate::wire::Decoded;

/// Whether a pod that a scheduler has refused is planned for once `changes` are merged into it.
fn is_provisionable(changes: Value) -> bool {
    let mut object = json!({
        "metadata": { "name": "a", "namespace": "default" },
        "spec": { "containers": [] },
        "status": { "phase": "Pending", "conditions": [
            { "type": "PodScheduled", "status": "False", "reason": "Unschedulable" },
        ] },
    });
    merge(&mut object, changes);
    let slim: SlimPod = serde_json::from_value(object).expect("the slim type reads it");
    slim.decode().expect("the pod is valid").is_provisionable()
}

fn conditions(conditions: &Value) -> Value {
    json!({ "status": { "conditions": conditions } })
}

fn owned_by(version: &str, kind: &str) -> Value {
    let owner = json!({ "apiVersion": version, "kind": kind, "name": "o", "uid": "o" });
    json!({ "metadata": { "ownerReferences": [owner] } })
}

// behaviour 02#11
#[test]
fn reason_of_the_condition_counts_and_its_status_does_not() {
    let condition = |status: &str| {
        conditions(&json!([
            { "type": "PodScheduled", "status": status, "reason": "Unschedulable" },
        ]))
    };
    for status in ["True", "False", "Unknown"] {
        assert!(is_provisionable(condition(status)), "{status}");
    }
}

// behaviour 02#12
#[test]
fn pod_behind_a_scheduling_gate_is_left_alone() {
    let gated = json!([
        { "type": "PodScheduled", "status": "False", "reason": "SchedulingGated" },
    ]);
    assert!(!is_provisionable(conditions(&gated)));
}

// behaviour 02#13
#[test]
fn pod_no_scheduler_has_looked_at_is_left_alone() {
    assert!(!is_provisionable(conditions(&json!([]))));
    assert!(!is_provisionable(conditions(&json!([
        { "type": "Ready", "status": "False", "reason": "Unschedulable" },
    ]))));
}

// behaviour 02#14
#[test]
fn pod_that_preempts_others_is_left_to_the_scheduler() {
    assert!(!is_provisionable(json!({ "status": { "nominatedNodeName": "n" } })));
    assert!(is_provisionable(json!({ "status": { "nominatedNodeName": "" } })));
}

// behaviour 02#15
#[test]
fn pods_of_daemon_sets_and_static_pods_get_no_node_but_others_of_that_name_do() {
    assert!(!is_provisionable(owned_by("apps/v1", "DaemonSet")));
    assert!(!is_provisionable(owned_by("v1", "Node")));
    for version in ["apps.kruise.io/v1alpha1", "extensions/v1beta1"] {
        assert!(is_provisionable(owned_by(version, "DaemonSet")), "{version}");
    }
}

// behaviour 02#16
#[test]
fn pods_of_every_scheduler_are_planned_for() {
    assert!(is_provisionable(json!({ "spec": { "schedulerName": "batch" } })));
}

// behaviour 02#17
#[test]
fn pod_that_has_ended_or_is_ending_gets_no_node() {
    for phase in ["Failed", "Succeeded"] {
        assert!(!is_provisionable(json!({ "status": { "phase": phase } })), "{phase}");
    }
    let ending = json!({ "metadata": { "deletionTimestamp": "2024-01-01T00:00:00Z" } });
    assert!(!is_provisionable(ending));
}
