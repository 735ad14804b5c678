//! The generator, the comparison, the rules and the shrinking, without upstream.

mod comparison;
mod generator;
mod shrinking;

use serde_json::{Value, json};

use super::outcome::{Claim, Left, Outcome, Placed};

/// A plan of claims, each of a pool and its pods, all of one instance type.
fn plan(claims: &[(&str, &[&str])]) -> Outcome {
    let claim = |(pool, pods): &(&str, &[&str])| Claim {
        pool: (*pool).to_owned(),
        pods: pods.iter().map(|pod| (*pod).to_owned()).collect(),
        instance_types: ["amd64-02".to_owned()].into(),
    };
    Outcome { claims: claims.iter().map(claim).collect(), ..Outcome::default() }
}

/// The plan, with `pods` left without a place.
fn leaving(mut plan: Outcome, pods: &[&str]) -> Outcome {
    let left = |pod: &&str| Left { pod: (*pod).to_owned(), reasons: vec!["none".to_owned()] };
    plan.unschedulable = pods.iter().map(left).collect();
    plan
}

/// The plan, with `pods` on `node`, which is there.
fn placing(mut plan: Outcome, node: &str, pods: &[&str]) -> Outcome {
    let pods = pods.iter().map(|pod| (*pod).to_owned()).collect();
    plan.placements.push(Placed { node: node.to_owned(), pods });
    plan
}

/// A waiting pod of `spec`.
fn pod(spec: Value) -> Value {
    object("Pod", "a", spec)
}

/// The NodePool `general` whose template has `template` as spec.
fn pool(template: Value) -> Value {
    let mut pool = object("NodePool", "general", json!({ "template": {} }));
    pool["spec"]["template"]["spec"] = template;
    pool
}

/// The node `old-1` with `labels` and `taints`.
fn node(labels: Value, taints: Value) -> Value {
    let mut node = object("Node", "old-1", json!({}));
    node["metadata"]["labels"] = labels;
    node["spec"]["taints"] = taints;
    node
}

fn object(kind: &str, name: &str, spec: Value) -> Value {
    let mut object = json!({ "kind": kind, "metadata": { "name": name } });
    object["spec"] = spec;
    object
}
