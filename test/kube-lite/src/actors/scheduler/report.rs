//! What the scheduler says about pods it cannot place.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::pod::PodInfo;
use crate::actors::event;
use crate::actors::pods;
use crate::actors::world::PODS;
use crate::actors::write::Write;
use crate::object::{Key, list, set_condition};

/// Condition and event of a pod that has no node, unless both are there already; `nominated` is
/// the node where room is being made.
pub(super) fn unschedulable(
    pod: &PodInfo,
    message: &str,
    nominated: Option<&str>,
    now: Timestamp,
) -> Vec<Write> {
    let condition = json!({
        "type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": message});
    let Some(patch) = condition_patch(&pod.key, &pod.object, &condition, nominated, now) else {
        return Vec::new();
    };
    let said = event::Said { kind: "Warning", reason: "FailedScheduling", message };
    vec![patch, event::about(PODS, &pod.key, &pod.object, &said, "default-scheduler", now)]
}

/// Condition of a pod whose scheduling gates are closed.
pub(super) fn gated(key: &Key, pod: &Value, now: Timestamp) -> Option<Write> {
    let condition = json!({
        "type": "PodScheduled", "status": "False", "reason": "SchedulingGated",
        "message": "Scheduling is blocked due to non-empty scheduling gates",
    });
    condition_patch(key, pod, &condition, None, now)
}

/// Condition of a pod that makes room for another.
pub(super) fn preempted(victim: &PodInfo, now: Timestamp) -> Option<Write> {
    let condition = json!({
        "type": "DisruptionTarget", "status": "True", "reason": "PreemptionByScheduler",
        "message": "default-scheduler: preempting to accommodate a higher priority pod",
    });
    condition_patch(&victim.key, &victim.object, &condition, None, now)
}

fn condition_patch(
    key: &Key,
    pod: &Value,
    condition: &Value,
    nominated: Option<&str>,
    now: Timestamp,
) -> Option<Write> {
    let known = list(pod, "/status/conditions").iter().find(|c| c["type"] == condition["type"]);
    let same = known.is_some_and(|known| {
        ["status", "reason", "message"].iter().all(|member| known[*member] == condition[*member])
    });
    let mut edited = pod.clone();
    if !same {
        set_condition(&mut edited, condition.clone(), &crate::time::text(now));
    }
    let mut status = json!({"conditions": edited["status"]["conditions"]});
    if let Some(node) = nominated {
        status["nominatedNodeName"] = json!(node);
    }
    let body = pods::status_patch(pod, &status)?;
    Some(Write::Patch { kind: PODS, key: key.clone(), status: true, body })
}
