//! Behaviour of the end of nodes, one decision at a time.

mod drain;
mod eviction;
mod finalization;

use serde_json::{Value, json};

use super::*;
use crate::testing::cluster::{
    NODE_CLASS_LABEL, World, at, claim, condition, node, text, with_conditions,
};

fn input(world: &World) -> TerminationInput {
    TerminationInput {
        cluster: world.snapshot(),
        node_class_labels: vec![NODE_CLASS_LABEL.to_owned()],
        bound_volumes: BoundVolumes::new(),
        settings: TerminationSettings::default(),
    }
}

/// Makes an object one that is being deleted since the beginning of time.
fn deleting() -> Value {
    json!({ "metadata": { "deletionTimestamp": text(at(0)) } })
}

/// A node that is being deleted and carries taint and label.
fn draining_node(name: &str) -> Node {
    let mut node = node(name, deleting());
    node.taints.push(crate::model::taints::Taint::disrupted());
    let labels = Arc::make_mut(&mut node.labels);
    labels.insert(labels::EXCLUDE_FROM_EXTERNAL_LOAD_BALANCERS.into(), "karpenter".into());
    node
}

/// The claim of a draining node with these further conditions.
fn draining_claim(name: &str, conditions: &[Value]) -> NodeClaim {
    let mut changes = with_conditions(conditions);
    changes["metadata"] = deleting()["metadata"].clone();
    claim(name, changes)
}

/// Like [`draining_claim`], with a deadline.
fn ending_claim(name: &str, deadline: &str, conditions: &[Value]) -> NodeClaim {
    let mut changes = with_conditions(conditions);
    changes["metadata"] = deleting()["metadata"].clone();
    changes["metadata"]["annotations"] =
        json!({ labels::NODECLAIM_TERMINATION_TIMESTAMP: deadline });
    claim(name, changes)
}

/// `Drained` is Unknown since the beginning of time.
fn draining_since_start() -> Value {
    let mut condition = condition(conditions::DRAINED, "Unknown", at(0));
    condition["reason"] = json!("Draining");
    condition["message"] = json!("Draining");
    condition
}
