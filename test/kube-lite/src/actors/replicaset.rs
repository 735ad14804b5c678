//! Keeps as many pods of each replica set as it wishes for.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::pods;
use super::runner::{Controller, Plan};
use super::world::{PODS, REPLICASETS, Watched, World};
use super::write::Write;
use crate::object::{Key, is_terminating, meta_str, str_at};

/// Most pods created or deleted per replica set and pass.
const BURST: usize = 500;

/// Annotation that makes a pod dearer than others. Source: Kubernetes API.
const DELETION_COST: &str = "controller.kubernetes.io/pod-deletion-cost";

/// The actor.
#[derive(Debug)]
pub(super) struct ReplicaSets;

impl Controller for ReplicaSets {
    const KINDS: &'static [Watched] = &[REPLICASETS, PODS];

    fn plan(&mut self, world: &World, now: Timestamp) -> Plan {
        let mut plan = Plan::default();
        let owned = pods::by_controller(world.objects(PODS));
        let sets = world.objects(REPLICASETS).iter();
        for (key, set) in sets.filter(|(_, set)| !is_terminating(set)) {
            let pods = owned.get(pods::uid(set)).map_or(&[][..], Vec::as_slice);
            let active: Vec<_> =
                pods.iter().copied().filter(|(_, pod)| pods::is_active(pod)).collect();
            if resize(key, set, &active, &mut plan) {
                plan.wake(now);
            }
            let ready_at = active.iter().filter_map(|(_, pod)| pods::available_at(pod, set));
            if let Some(soon) = ready_at.filter(|at| *at > now).min() {
                plan.wake(soon);
            }
            plan.writes.extend(status(key, set, &active, now));
        }
        plan
    }
}

/// Writes that bring the number of pods to the wished one; true when a burst was not enough.
fn resize(key: &Key, set: &Value, active: &[Pod<'_>], plan: &mut Plan) -> bool {
    let wished = usize::try_from(pods::replicas(set)).unwrap_or_default();
    let missing = wished.saturating_sub(active.len());
    for _ in 0..missing.min(BURST) {
        let object = pods::from_template(set, "ReplicaSet");
        let namespace = key.namespace.clone();
        plan.writes.push(Write::Create { kind: PODS, namespace, object });
    }
    let surplus = active.len().saturating_sub(wished);
    if surplus > 0 {
        for (key, pod) in cheapest_first(active).into_iter().take(surplus.min(BURST)) {
            let (uid, key) = (pods::uid(pod).to_owned(), key.clone());
            plan.writes.push(Write::Delete { kind: PODS, key, uid, grace_seconds: None });
        }
    }
    missing.max(surplus) > BURST
}

/// A pod with its key.
type Pod<'a> = (&'a Key, &'a Arc<Value>);

/// The order in which pods are given up: without a node, pending, not ready, of low deletion
/// cost, on a node with many copies, ready for the shortest time, youngest, last by name.
///
/// Source: Kubernetes API (ReplicaSet, scaling down). Differs: copies on a node are those of the
/// same replica set.
fn cheapest_first<'a>(active: &[Pod<'a>]) -> Vec<Pod<'a>> {
    let mut on_node: BTreeMap<&str, usize> = BTreeMap::new();
    for node in active.iter().filter_map(|(_, pod)| pods::node(pod)) {
        *on_node.entry(node).or_default() += 1;
    }
    let mut order = active.to_vec();
    order.sort_by_cached_key(|(key, pod)| {
        let node = pods::node(pod);
        let phase = match str_at(pod, "/status/phase") {
            None | Some("Pending") => 0,
            Some("Running") => 2,
            Some(_) => 1,
        };
        let crowd = node.and_then(|node| on_node.get(node)).copied().unwrap_or_default();
        let created = meta_str(pod, "creationTimestamp").unwrap_or("").to_owned();
        (
            (node.is_some(), phase, pods::is_ready(pod)),
            deletion_cost(pod),
            Reverse(crowd),
            Reverse(pods::ready_since(pod)),
            Reverse((created, (*key).clone())),
        )
    });
    order
}

fn deletion_cost(pod: &Value) -> i64 {
    let text = pod["metadata"]["annotations"][DELETION_COST].as_str();
    text.and_then(|text| text.parse().ok()).unwrap_or_default()
}

fn status(key: &Key, set: &Value, active: &[Pod<'_>], now: Timestamp) -> Option<Write> {
    let ready = active.iter().filter(|(_, pod)| pods::is_ready(pod)).count();
    let is_available = |pod: &Value| pods::available_at(pod, set).is_some_and(|at| at <= now);
    let available = active.iter().filter(|(_, pod)| is_available(pod)).count();
    let status = json!({
        "replicas": active.len(), "fullyLabeledReplicas": active.len(), "readyReplicas": ready,
        "availableReplicas": available, "observedGeneration": set["metadata"]["generation"],
    });
    let body = pods::status_patch(set, &status)?;
    Some(Write::Patch { kind: REPLICASETS, key: key.clone(), status: true, body })
}
