//! What the status of a buffer says.

use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;

use super::{Resolved, Unresolved};
use crate::api::v1::conditions::{Condition, ConditionStatus, Verdict};
use crate::api::v1beta1::capacity_buffer::{CapacityBuffer, CapacityBufferStatus, LocalObjectRef};
use crate::decide::draft::whole_seconds;
use crate::model::capacity_buffer::Round;

/// The buffer is understood.
pub const READY_FOR_PROVISIONING: &str = "ReadyForProvisioning";
/// There is room for it.
pub const PROVISIONING: &str = "Provisioning";
/// Longest message of a condition, in characters.
const MESSAGE_LIMIT: usize = 32_768;

/// The status of `buffer` at `now`; `round` is the last round of planning, if it saw any of its pods.
///
/// Conditions that say the same keep their time, and `Provisioning` keeps what it says when there was no round.
///
/// Source: Karpenter behaviour, conditions of a CapacityBuffer.
pub fn status(
    buffer: &CapacityBuffer,
    resolution: &Result<Resolved, Unresolved>,
    round: Option<Round>,
    now: Timestamp,
) -> CapacityBufferStatus {
    let mut status = buffer.status.clone().unwrap_or_default();
    status.provisioning_strategy = Some(buffer.spec.strategy().to_owned());
    if let Ok(resolved) = resolution {
        let template = resolved.pod_template.clone();
        status.pod_template_generation = template.as_ref().map(|_| resolved.template.generation);
        status.pod_template_ref = template.map(|name| LocalObjectRef { name });
        status.replicas = Some(resolved.chunks);
    }
    let generation = buffer.metadata.generation.unwrap_or_default();
    let verdicts = [Some(readiness(resolution)), provisioning(resolution, round)];
    for verdict in verdicts.into_iter().flatten() {
        put(&mut status.conditions, verdict, generation, whole_seconds(now));
    }
    status
}

fn readiness(resolution: &Result<Resolved, Unresolved>) -> Verdict {
    match resolution {
        Ok(_) => Verdict::new(
            READY_FOR_PROVISIONING,
            ConditionStatus::True,
            "Resolved",
            "Pod template resolved successfully",
        ),
        Err(why) => {
            let message: String = why.to_string().chars().take(MESSAGE_LIMIT).collect();
            Verdict::failed(READY_FOR_PROVISIONING, why.reason(), message)
        }
    }
}

fn provisioning(
    resolution: &Result<Resolved, Unresolved>,
    round: Option<Round>,
) -> Option<Verdict> {
    let failed = |reason: &str, message: &str| Some(Verdict::failed(PROVISIONING, reason, message));
    match (resolution, round) {
        (Err(_), _) => failed("NotReadyForProvisioning", "Buffer is not ReadyForProvisioning"),
        (Ok(resolved), _) if resolved.chunks == 0 => {
            failed("BufferEmpty", "Buffer has zero desired replicas")
        }
        (Ok(_), None) => None,
        (Ok(_), Some(Round { pods, on_new_nodes: 0, failed: 0 })) => Some(Verdict::new(
            PROVISIONING,
            ConditionStatus::True,
            "FitsExistingCapacity",
            format!("All {pods} virtual pods fit on existing capacity"),
        )),
        (Ok(_), Some(Round { pods, on_new_nodes, failed: lost })) => failed(
            "RequiresNewCapacity",
            &format!("{on_new_nodes}/{pods} virtual pods required new capacity, {lost} failed"),
        ),
    }
}

/// Puts a verdict in place of the former one of its type; the time changes with the status only.
fn put(conditions: &mut Vec<Condition>, verdict: Verdict, generation: i64, now: Timestamp) {
    let known = conditions.iter_mut().find(|known| known.r#type == verdict.r#type);
    let since = match &known {
        Some(known) if known.status == verdict.status => known.last_transition_time.0,
        Some(_) | None => now,
    };
    let Verdict { r#type, status, reason, message } = verdict;
    let condition = Condition {
        r#type,
        status,
        observed_generation: Some(generation),
        last_transition_time: Time(since),
        reason,
        message,
    };
    match known {
        Some(known) => *known = condition,
        None => conditions.push(condition),
    }
}
