//! Status of a deployment.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::Set;
use super::set::{Limits, set_name};
use crate::actors::pods;
use crate::actors::world::DEPLOYMENTS;
use crate::actors::write::Write;
use crate::object::{Key, int_at, list, set_condition};
use crate::time::text;

/// Counts of a deployment's pods.
struct Counts {
    wished: i64,
    replicas: i64,
    updated: i64,
    ready: i64,
    available: i64,
}

/// The status write, when anything changed; `wake_at` learns when the progress deadline ends.
pub(super) fn write(
    key: &Key,
    deployment: &Value,
    sets: &[Set<'_>],
    now: Timestamp,
    wake_at: &mut Option<Timestamp>,
) -> Option<Write> {
    let name = set_name(key, deployment);
    let sum = |pointer: &str| -> i64 { sets.iter().filter_map(|(_, s)| int_at(s, pointer)).sum() };
    let current = sets.iter().find(|(key, _)| key.name == name);
    let updated = current.and_then(|(_, set)| int_at(set, "/status/replicas")).unwrap_or_default();
    let counts = Counts {
        wished: pods::replicas(deployment),
        replicas: sum("/status/replicas"),
        updated,
        ready: sum("/status/readyReplicas"),
        available: sum("/status/availableReplicas"),
    };
    let status = json!({
        "replicas": counts.replicas, "updatedReplicas": counts.updated,
        "readyReplicas": counts.ready, "availableReplicas": counts.available,
        "unavailableReplicas": (counts.wished.max(counts.replicas) - counts.available).max(0),
        "observedGeneration": deployment["metadata"]["generation"],
    });
    let mut merged = deployment["status"].clone();
    json_patch::merge(&mut merged, &status);
    let progressed = merged != deployment["status"];
    let mut edited = deployment.clone();
    set(&mut edited, available(deployment, &counts), false, now);
    let (condition, due) = progressing(deployment, current.is_some(), &counts, progressed, now);
    set(&mut edited, condition, progressed, now);
    if let Some(due) = due.filter(|due| *due > now) {
        *wake_at = Some(wake_at.map_or(due, |known| known.min(due)));
    }
    let mut status = status;
    status["conditions"] = edited["status"]["conditions"].clone();
    let body = pods::status_patch(deployment, &status)?;
    Some(Write::Patch { kind: DEPLOYMENTS, key: key.clone(), status: true, body })
}

fn available(deployment: &Value, counts: &Counts) -> Value {
    let least = counts.wished - Limits::of(deployment, counts.wished).unavailable;
    let (status, reason, message) = if counts.available >= least {
        ("True", "MinimumReplicasAvailable", "Deployment has minimum availability.")
    } else {
        ("False", "MinimumReplicasUnavailable", "Deployment does not have minimum availability.")
    };
    json!({"type": "Available", "status": status, "reason": reason, "message": message})
}

/// The condition, and when it has to be looked at again.
fn progressing(
    deployment: &Value,
    made: bool,
    counts: &Counts,
    progressed: bool,
    now: Timestamp,
) -> (Value, Option<Timestamp>) {
    let known = known(deployment, "Progressing");
    let seconds = int_at(deployment, "/spec/progressDeadlineSeconds").unwrap_or(600);
    let since = known.and_then(|known| known["lastUpdateTime"].as_str()?.parse().ok());
    let since: Timestamp = if progressed { now } else { since.unwrap_or(now) };
    let due = since.checked_add(SignedDuration::from_secs(seconds)).unwrap_or(Timestamp::MAX);
    let complete = counts.updated == counts.wished
        && counts.replicas == counts.wished
        && counts.available == counts.wished;
    let was_complete = known.is_some_and(|known| known["reason"] == "NewReplicaSetAvailable");
    let (status, reason, message) = if !made {
        ("True", "NewReplicaSetCreated", "Created new replica set.")
    } else if complete || was_complete && counts.updated == counts.wished {
        ("True", "NewReplicaSetAvailable", "The replica set has successfully progressed.")
    } else if due <= now {
        ("False", "ProgressDeadlineExceeded", "The replica set has timed out progressing.")
    } else {
        ("True", "ReplicaSetUpdated", "The replica set is progressing.")
    };
    let wake = (reason == "ReplicaSetUpdated").then_some(due);
    let condition =
        json!({"type": "Progressing", "status": status, "reason": reason, "message": message});
    (condition, wake)
}

fn known<'a>(deployment: &'a Value, kind: &str) -> Option<&'a Value> {
    list(deployment, "/status/conditions").iter().find(|condition| condition["type"] == kind)
}

/// Sets a condition; its update time moves when it says something new or `touch` asks for it.
fn set(deployment: &mut Value, mut condition: Value, touch: bool, now: Timestamp) {
    let old = condition["type"].as_str().and_then(|kind| known(deployment, kind));
    let same = old.filter(|old| old["reason"] == condition["reason"] && !touch);
    condition["lastUpdateTime"] =
        same.map_or_else(|| json!(text(now)), |old| old["lastUpdateTime"].clone());
    set_condition(deployment, condition, &text(now));
}
