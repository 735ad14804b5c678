//! Removes pods whose node is gone, pods that end without ever having had a node, and the oldest
//! of too many that are over.
//!
//! Source: Kubernetes API (pod garbage collector).

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::pods;
use super::runner::{Controller, Plan};
use super::world::{NODES, PODS, Watched, World};
use super::write::Write;
use crate::object::{Key, is_terminating, meta_str};

/// Pods that are over and may stay.
const KEPT: usize = 12_500;

/// The actor.
#[derive(Debug)]
pub(super) struct PodGc {
    /// From the disappearance of a node to the removal of its pods.
    delay: SignedDuration,
    /// Since when each missing node has been missed.
    missing: BTreeMap<String, Timestamp>,
}

impl PodGc {
    pub(super) fn new(delay: Duration) -> Self {
        let delay = SignedDuration::try_from(delay).unwrap_or(SignedDuration::MAX);
        Self { delay, missing: BTreeMap::new() }
    }
}

impl Controller for PodGc {
    const KINDS: &'static [Watched] = &[NODES, PODS];

    fn plan(&mut self, world: &World, now: Timestamp) -> Plan {
        let mut plan = Plan::default();
        let mut still = BTreeMap::new();
        let mut over = Vec::new();
        for (key, pod) in world.objects(PODS) {
            if pods::is_over(pod) && !is_terminating(pod) {
                over.push((meta_str(pod, "creationTimestamp").unwrap_or(""), key, pod));
            }
            let Some(node) = pods::node(pod) else {
                if is_terminating(pod) {
                    plan.writes.push(remove(key, pod));
                }
                continue;
            };
            if world.objects(NODES).contains_key(&Key::new("", node)) {
                continue;
            }
            let since = self.missing.get(node).copied().unwrap_or(now);
            still.insert(node.to_owned(), since);
            let due = since.checked_add(self.delay).unwrap_or(Timestamp::MAX);
            if due > now {
                plan.wake(due);
                continue;
            }
            plan.writes.push(remove(key, pod));
        }
        self.missing = still;
        over.sort_by_key(|(created, key, _)| (*created, *key));
        let surplus = over.len().saturating_sub(KEPT);
        plan.writes.extend(over.into_iter().take(surplus).map(|(_, key, pod)| remove(key, pod)));
        plan
    }
}

fn remove(key: &Key, pod: &Value) -> Write {
    let uid = pods::uid(pod).to_owned();
    Write::Delete { kind: PODS, key: key.clone(), uid, grace_seconds: Some(0) }
}
