//! Notices nodes whose kubelet has fallen silent.
//!
//! # Caveats
//! No taints follow: pods stay where they are until somebody deletes the Node.
//!
//! Source: Kubernetes API (NodeStatus, condition Ready).

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::pods;
use super::runner::{Controller, Plan};
use super::world::{NODES, Watched, World};
use super::write::Write;
use crate::object::{list, set_condition};
use crate::time::text;

/// The actor.
#[derive(Debug)]
pub(super) struct NodeLifecycle {
    /// From the last heartbeat to an unknown state.
    patience: SignedDuration,
}

impl NodeLifecycle {
    pub(super) fn new(heartbeat: Duration, grace: Duration) -> Self {
        let patience = heartbeat.saturating_add(grace);
        Self { patience: SignedDuration::try_from(patience).unwrap_or(SignedDuration::MAX) }
    }
}

impl Controller for NodeLifecycle {
    const KINDS: &'static [Watched] = &[NODES];

    fn plan(&mut self, world: &World, now: Timestamp) -> Plan {
        let mut plan = Plan::default();
        for (key, node) in world.objects(NODES) {
            let Some(beat) = last_heartbeat(node) else { continue };
            let due = beat.checked_add(self.patience).unwrap_or(Timestamp::MAX);
            if due > now {
                plan.wake(due);
                continue;
            }
            let mut edited = node.as_ref().clone();
            set_condition(&mut edited, unknown(beat), &text(now));
            let status = json!({"conditions": edited["status"]["conditions"]});
            if let Some(body) = pods::status_patch(node, &status) {
                plan.writes.push(Write::Patch {
                    kind: NODES,
                    key: key.clone(),
                    status: true,
                    body,
                });
            }
        }
        plan
    }
}

/// Last sign of life of a node that counts as ready.
fn last_heartbeat(node: &Value) -> Option<Timestamp> {
    let ready = list(node, "/status/conditions").iter().find(|c| c["type"] == "Ready")?;
    let is_ready = ready["status"] == "True";
    ready["lastHeartbeatTime"].as_str().filter(|_| is_ready)?.parse().ok()
}

fn unknown(beat: Timestamp) -> Value {
    json!({
        "type": "Ready", "status": "Unknown", "reason": "NodeStatusUnknown",
        "message": "Kubelet stopped posting node status.", "lastHeartbeatTime": text(beat),
    })
}
