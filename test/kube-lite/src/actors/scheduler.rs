//! Binds pending pods to nodes.
//!
//! # Flow
//! Pods in order of priority, age and name; for each, the nodes that fit; among these the least
//! allocated, then the first by name. A pod that fits nowhere gets `PodScheduled=False`, reason
//! `Unschedulable`, written again only when the message changes.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::fit::obstacle;
use super::pods;
use super::quantity::{Amounts, add, amounts, requests};
use super::runner::{Controller, Plan};
use super::world::{NODES, PODS, Watched, World};
use super::write::Write;
use crate::object::{
    Key, condition, int_at, is_terminating, list, meta_str, set_condition, str_at,
};

/// The actor.
#[derive(Debug)]
pub(super) struct Scheduler;

impl Controller for Scheduler {
    const KINDS: &'static [Watched] = &[NODES, PODS];

    fn plan(&mut self, world: &World, now: Timestamp) -> Plan {
        let mut bins = bins(world);
        let mut plan = Plan::default();
        // Pods of one shape meet the same obstacles until something is bound.
        let mut known: BTreeMap<String, String> = BTreeMap::new();
        for (key, pod) in pending(world) {
            let shape = pod["spec"].to_string();
            if let Some(message) = known.get(&shape) {
                plan.writes.extend(unschedulable(key, pod, message, now));
                continue;
            }
            match choose(pod, &bins) {
                Ok(index) => {
                    bins[index].take(&requests(pod));
                    let node = bins[index].name.clone();
                    let uid = pods::uid(pod).to_owned();
                    plan.writes.push(Write::Bind { pod: key.clone(), uid, node });
                }
                Err(message) => {
                    plan.writes.extend(unschedulable(key, pod, &message, now));
                    known.insert(shape, message);
                }
            }
        }
        plan
    }
}

/// A node that takes pods, and what is left of it.
struct Bin {
    name: String,
    node: Arc<Value>,
    allocatable: Amounts,
    free: Amounts,
}

impl Bin {
    fn take(&mut self, requests: &Amounts) {
        let negative = requests.iter().map(|(name, amount)| (name.clone(), -amount)).collect();
        add(&mut self.free, &negative);
    }

    /// Allocated share in millionths, averaged over processor and memory.
    fn load(&self) -> i128 {
        let share = |name: &str| {
            let total = self.allocatable.get(name).copied().unwrap_or_default();
            let free = self.free.get(name).copied().unwrap_or_default();
            if total == 0 { 0 } else { (total - free) * 1_000_000 / total }
        };
        share("cpu").midpoint(share("memory"))
    }
}

fn bins(world: &World) -> Vec<Bin> {
    let mut used: BTreeMap<&str, Amounts> = BTreeMap::new();
    for pod in world.objects(PODS).values().filter(|pod| !pods::is_over(pod)) {
        if let Some(node) = pods::node(pod) {
            add(used.entry(node).or_default(), &requests(pod));
        }
    }
    let ready = |node: &Value| {
        condition(node, "Ready") == Some("True")
            && node.pointer("/spec/unschedulable") != Some(&json!(true))
    };
    let nodes = world.objects(NODES).iter().filter(|(_, node)| ready(node));
    nodes
        .map(|(key, node)| {
            let allocatable = amounts(node.pointer("/status/allocatable"));
            let mut bin = Bin {
                name: key.name.clone(),
                node: node.clone(),
                free: allocatable.clone(),
                allocatable,
            };
            if let Some(used) = used.get(key.name.as_str()) {
                bin.take(used);
            }
            bin
        })
        .collect()
}

/// Pods to place, most urgent first.
fn pending(world: &World) -> Vec<(&Key, &Arc<Value>)> {
    let waiting = |pod: &Value| {
        pods::node(pod).is_none()
            && !pods::is_over(pod)
            && !is_terminating(pod)
            && list(pod, "/spec/schedulingGates").is_empty()
            && matches!(str_at(pod, "/spec/schedulerName"), None | Some("default-scheduler"))
    };
    let mut pods: Vec<_> = world.objects(PODS).iter().filter(|(_, pod)| waiting(pod)).collect();
    pods.sort_by_key(|(key, pod)| {
        let priority = int_at(pod, "/spec/priority").unwrap_or_default();
        let created = meta_str(pod, "creationTimestamp").unwrap_or("").to_owned();
        (Reverse(priority), created, (*key).clone())
    });
    pods
}

/// Index of the chosen node, or why there is none.
fn choose(pod: &Value, bins: &[Bin]) -> Result<usize, String> {
    let requests = requests(pod);
    let mut obstacles: BTreeMap<String, usize> = BTreeMap::new();
    let mut best: Option<(i128, usize)> = None;
    for (index, bin) in bins.iter().enumerate() {
        match obstacle(pod, &requests, &bin.node, &bin.free) {
            Some(obstacle) => *obstacles.entry(obstacle).or_default() += 1,
            None => {
                let candidate = (bin.load(), index);
                best = Some(best.map_or(candidate, |best| best.min(candidate)));
            }
        }
    }
    best.map(|(_, index)| index).ok_or_else(|| explain(bins.len(), &obstacles))
}

fn explain(nodes: usize, obstacles: &BTreeMap<String, usize>) -> String {
    if nodes == 0 {
        return "no nodes available to schedule pods".to_owned();
    }
    let parts: Vec<String> =
        obstacles.iter().map(|(obstacle, count)| format!("{count} {obstacle}")).collect();
    format!("0/{nodes} nodes are available: {}.", parts.join(", "))
}

/// The status write that says why the pod waits, unless it says so already.
fn unschedulable(key: &Key, pod: &Value, message: &str, now: Timestamp) -> Option<Write> {
    let known = list(pod, "/status/conditions").iter().find(|c| c["type"] == "PodScheduled");
    let same = known.is_some_and(|c| c["status"] == "False" && c["message"] == message);
    if same {
        return None;
    }
    let mut edited = pod.clone();
    let condition = json!({
        "type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": message});
    set_condition(&mut edited, condition, &crate::time::text(now));
    let status = json!({"conditions": edited["status"]["conditions"]});
    let body = pods::status_patch(pod, &status)?;
    Some(Write::Patch { kind: PODS, key: key.clone(), status: true, body })
}
