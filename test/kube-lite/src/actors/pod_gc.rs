//! Removes pods whose node is gone.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::pods;
use super::runner::{Controller, Plan};
use super::world::{NODES, PODS, Watched, World};
use super::write::Write;
use crate::object::Key;

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
        for (key, pod) in world.objects(PODS) {
            let Some(node) = pods::node(pod) else { continue };
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
            let uid = pods::uid(pod).to_owned();
            let (kind, key) = (PODS, key.clone());
            plan.writes.push(Write::Delete { kind, key, uid, grace_seconds: Some(0) });
        }
        self.missing = still;
        plan
    }
}
