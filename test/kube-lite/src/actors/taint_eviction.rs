//! Sends pods away from nodes whose `NoExecute` taints they do not tolerate, or no longer.
//!
//! Source: Kubernetes API (taint based eviction).

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::fit::tolerates;
use super::pods;
use super::runner::{Controller, Plan};
use super::world::{NODES, PODS, Watched, World};
use super::write::Write;
use crate::object::{Key, int_at, is_terminating, list, set_condition};
use crate::time::text;

/// The actor.
#[derive(Debug)]
pub(super) struct TaintEviction;

impl Controller for TaintEviction {
    const KINDS: &'static [Watched] = &[NODES, PODS];

    fn plan(&mut self, world: &World, now: Timestamp) -> Plan {
        let mut plan = Plan::default();
        for (key, pod) in world.objects(PODS).iter().filter(|(_, pod)| !is_terminating(pod)) {
            let node =
                pods::node(pod).and_then(|node| world.objects(NODES).get(&Key::new("", node)));
            let Some(due) = node.and_then(|node| leaves_at(pod, node, now)) else { continue };
            if due > now {
                plan.wake(due);
                continue;
            }
            plan.writes.extend(target(key, pod, now));
            let uid = pods::uid(pod).to_owned();
            plan.writes.push(Write::Delete {
                kind: PODS,
                key: key.clone(),
                uid,
                grace_seconds: None,
            });
        }
        plan
    }
}

/// When a pod has to leave its node; `None` when it may stay.
fn leaves_at(pod: &Value, node: &Value, now: Timestamp) -> Option<Timestamp> {
    let taints = list(node, "/spec/taints").iter();
    taints.filter(|taint| taint["effect"] == "NoExecute").filter_map(|t| end(pod, t, now)).min()
}

/// When the toleration of one taint ends; `now` when there is none.
fn end(pod: &Value, taint: &Value, now: Timestamp) -> Option<Timestamp> {
    let tolerations = list(pod, "/spec/tolerations").iter().filter(|one| tolerates(one, taint));
    let mut known = tolerations.peekable();
    if known.peek().is_none() {
        return Some(now);
    }
    let added = taint["timeAdded"].as_str().and_then(|at| at.parse::<Timestamp>().ok());
    let added = added.unwrap_or(now);
    let seconds = known.filter_map(|one| int_at(one, "/tolerationSeconds")).min()?;
    Some(added.checked_add(SignedDuration::from_secs(seconds.max(0))).unwrap_or(Timestamp::MAX))
}

fn target(key: &Key, pod: &Value, now: Timestamp) -> Option<Write> {
    let mut edited = pod.clone();
    let condition = json!({
        "type": "DisruptionTarget", "status": "True", "reason": "DeletionByTaintManager",
        "message": "Taint manager: deleting due to NoExecute taint",
    });
    set_condition(&mut edited, condition, &text(now));
    let body = pods::status_patch(pod, &json!({"conditions": edited["status"]["conditions"]}))?;
    Some(Write::Patch { kind: PODS, key: key.clone(), status: true, body })
}
