//! Keeps as many pods of each replica set as it wishes for.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::pods;
use super::runner::{Controller, Plan};
use super::world::{PODS, REPLICASETS, Watched, World};
use super::write::Write;
use crate::object::{Key, is_terminating, meta_str};

/// Most pods created or deleted per replica set and pass.
const BURST: usize = 500;

/// The actor.
#[derive(Debug)]
pub(super) struct ReplicaSets;

impl Controller for ReplicaSets {
    const KINDS: &'static [Watched] = &[REPLICASETS, PODS];

    fn plan(&mut self, world: &World, now: Timestamp) -> Plan {
        let mut plan = Plan::default();
        let sets = world.objects(REPLICASETS).iter();
        for (key, set) in sets.filter(|(_, set)| !is_terminating(set)) {
            let owned = pods::owned(world.objects(PODS), &key.namespace, pods::uid(set));
            let active: Vec<_> = owned.filter(|(_, pod)| pods::is_active(pod)).collect();
            if resize(key, set, &active, &mut plan) {
                plan.wake(now);
            }
            plan.writes.extend(status(key, set, &active));
        }
        plan
    }
}

/// Writes that bring the number of pods to the wished one; true when a burst was not enough.
fn resize(key: &Key, set: &Value, active: &[(&Key, &Arc<Value>)], plan: &mut Plan) -> bool {
    let wished = usize::try_from(pods::replicas(set)).unwrap_or_default();
    let missing = wished.saturating_sub(active.len());
    for _ in 0..missing.min(BURST) {
        let object = pods::from_template(set, "ReplicaSet");
        let namespace = key.namespace.clone();
        plan.writes.push(Write::Create { kind: PODS, namespace, object });
    }
    let surplus = active.len().saturating_sub(wished);
    let mut order = active.to_vec();
    // Cheapest loss first: without a node, not ready, youngest, last by name.
    order.sort_by_key(|(key, pod)| {
        let created = meta_str(pod, "creationTimestamp").unwrap_or("").to_owned();
        let age = std::cmp::Reverse((created, (*key).clone()));
        (pods::node(pod).is_some(), pods::is_ready(pod), age)
    });
    for (key, pod) in order.into_iter().take(surplus.min(BURST)) {
        plan.writes.push(Write::Delete {
            kind: PODS,
            key: key.clone(),
            uid: pods::uid(pod).to_owned(),
            grace_seconds: None,
        });
    }
    missing.max(surplus) > BURST
}

fn status(key: &Key, set: &Value, active: &[(&Key, &Arc<Value>)]) -> Option<Write> {
    let ready = active.iter().filter(|(_, pod)| pods::is_ready(pod)).count();
    let status = json!({
        "replicas": active.len(), "fullyLabeledReplicas": active.len(), "readyReplicas": ready,
        "availableReplicas": ready, "observedGeneration": set["metadata"]["generation"],
    });
    let body = pods::status_patch(set, &status)?;
    Some(Write::Patch { kind: REPLICASETS, key: key.clone(), status: true, body })
}
