//! Writing Nodes back: only the fields the engine owns a part of.

use kube::Api;
use serde_json::{Value, json};

use super::clients::Clients;
use super::error::Error;
use super::patch::{self, Deleted, merge_guarded};
use super::write::merge_diff;
use crate::model::node::Node;
use crate::model::taints::Taint;
use crate::state::{Change, ClusterEvent};
use crate::wire::Decoded;
use crate::wire::node::SlimNode;

/// Makes the cluster's copy of `before` look like `after` in labels, annotations, finalizers, owners and taints.
///
/// The answer enters the state. Nothing is sent when nothing differs.
///
/// # Errors
/// A conflict when the node has changed since `before`.
pub async fn write_node(clients: &Clients, before: &Node, after: &Node) -> Result<(), Error> {
    let Some(body) = merge_diff(&owned_fields(before), &owned_fields(after)) else {
        return Ok(());
    };
    let api = Api::<SlimNode>::all(clients.kube.clone());
    let name = before.name.as_str();
    let answer = merge_guarded(&api, name, &before.resource_version, body).await?;
    learn(clients, answer, || format!("patch {name}"))
}

/// Enters the node a write was answered with into the state.
fn learn(clients: &Clients, answer: SlimNode, action: impl Fn() -> String) -> Result<(), Error> {
    let node = answer
        .decode()
        .map_err(|problem| Error::Undecodable { action: action(), problem: problem.to_string() })?;
    clients.learn(ClusterEvent::Node(Change::Written(node.into())));
    Ok(())
}

/// Asks for the deletion of `node`; fine when it is gone. The answer enters the state.
///
/// # Errors
/// A conflict when another node has taken the name.
pub async fn delete_node(clients: &Clients, node: &Node) -> Result<(), Error> {
    let api = Api::<SlimNode>::all(clients.kube.clone());
    let name = node.name.as_str();
    if let Deleted::Marked(answer) = patch::delete(&api, name, &node.uid, None).await? {
        learn(clients, *answer, || format!("delete {name}"))?;
    }
    Ok(())
}

fn owned_fields(node: &Node) -> Value {
    let taints: Vec<Value> = node.taints.iter().map(taint).collect();
    json!({
        "metadata": {
            "labels": &*node.labels,
            "annotations": &*node.annotations,
            "finalizers": node.finalizers,
            "ownerReferences": node.owner_references,
        },
        "spec": { "taints": taints },
    })
}

fn taint(taint: &Taint) -> Value {
    let mut value = json!({ "key": &*taint.key, "effect": taint.effect.as_str() });
    if !taint.value.is_empty() {
        value["value"] = json!(&*taint.value);
    }
    value
}
