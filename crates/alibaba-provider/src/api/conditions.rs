//! Conditions of an ECSNodeClass; `Ready` follows from the others.
//!
//! Source: Kubernetes API, conditions; Karpenter behaviour, readiness of node classes.

use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, Time};

/// Root: the class can be used.
pub const READY: &str = "Ready";
/// The spec is free of errors the schema cannot find.
pub const VALIDATION_SUCCEEDED: &str = "ValidationSucceeded";
/// At least one vSwitch was found.
pub const V_SWITCHES_READY: &str = "VSwitchesReady";
/// At least one security group was found, and not too many.
pub const SECURITY_GROUPS_READY: &str = "SecurityGroupsReady";
/// At least one image was found.
pub const IMAGES_READY: &str = "ImagesReady";
/// The role of the spec exists and instances may take it on; also without one.
pub const RAM_ROLE_READY: &str = "RAMRoleReady";
/// At least one capacity reservation was found; only where some are selected. [`READY`] does not follow from it:
/// without reserved capacity nodes can still be launched.
pub const CAPACITY_RESERVATIONS_READY: &str = "CapacityReservationsReady";

/// Conditions [`READY`] follows from, sorted.
pub const DEPENDENTS: [&str; 5] =
    [IMAGES_READY, RAM_ROLE_READY, SECURITY_GROUPS_READY, V_SWITCHES_READY, VALIDATION_SUCCEEDED];

/// What is said about one condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// Type of the condition.
    pub kind: &'static str,
    /// Whether it holds; `None` when that is not known.
    pub holds: Option<bool>,
    /// Why, for programs.
    pub reason: &'static str,
    /// Why, for people, with the fix when it does not hold.
    pub message: String,
}

impl Verdict {
    /// It holds; `message` may carry a note.
    pub fn ok(kind: &'static str, message: impl Into<String>) -> Self {
        Self { kind, holds: Some(true), reason: kind, message: message.into() }
    }

    /// It does not hold.
    pub fn failed(kind: &'static str, reason: &'static str, message: impl Into<String>) -> Self {
        Self { kind, holds: Some(false), reason, message: message.into() }
    }

    /// It is not known whether it holds.
    pub fn unknown(kind: &'static str, reason: &'static str, message: impl Into<String>) -> Self {
        Self { kind, holds: None, reason, message: message.into() }
    }

    fn status(&self) -> &'static str {
        match self.holds {
            Some(true) => "True",
            Some(false) => "False",
            None => "Unknown",
        }
    }
}

/// The condition `kind` among `conditions`.
pub fn find<'a>(conditions: &'a [Condition], kind: &str) -> Option<&'a Condition> {
    conditions.iter().find(|condition| condition.type_ == kind)
}

/// Whether the condition `kind` is `True` for `generation`.
pub fn is_true(conditions: &[Condition], kind: &str, generation: i64) -> bool {
    find(conditions, kind).is_some_and(|condition| {
        condition.status == "True" && condition.observed_generation == Some(generation)
    })
}

/// `old` with `verdicts` and the root that follows from them, sorted by type.
///
/// The transition time of a condition stays while its status stays. Conditions of types nobody speaks about stay.
pub fn fold(
    old: &[Condition],
    verdicts: &[Verdict],
    generation: i64,
    now: Timestamp,
) -> Vec<Condition> {
    let mut result: Vec<Condition> = old.to_vec();
    for verdict in verdicts {
        set(&mut result, verdict, generation, now);
    }
    let root = root_of(&result, generation);
    set(&mut result, &root, generation, now);
    result.sort_by(|a, b| a.type_.cmp(&b.type_));
    result
}

fn set(conditions: &mut Vec<Condition>, verdict: &Verdict, generation: i64, now: Timestamp) {
    let status = verdict.status();
    let since = find(conditions, verdict.kind)
        .filter(|old| old.status == status)
        .map_or(Time(now), |old| old.last_transition_time.clone());
    conditions.retain(|condition| condition.type_ != verdict.kind);
    conditions.push(Condition {
        type_: verdict.kind.to_owned(),
        status: status.to_owned(),
        reason: verdict.reason.to_owned(),
        message: verdict.message.clone(),
        observed_generation: Some(generation),
        last_transition_time: since,
    });
}

/// False beats Unknown beats True.
fn root_of(conditions: &[Condition], generation: i64) -> Verdict {
    let dependents = || DEPENDENTS.iter().map(|kind| (*kind, find(conditions, kind)));
    let current = |c: &Condition| c.observed_generation == Some(generation);
    let failed: Vec<String> = dependents()
        .filter_map(|(kind, condition)| {
            let condition = condition.filter(|c| current(c) && c.status == "False")?;
            Some(format!("{kind}=False ({}: {})", condition.reason, condition.message))
        })
        .collect();
    if !failed.is_empty() {
        return Verdict::failed(READY, "UnhealthyDependents", failed.join("; "));
    }
    let waiting: Vec<String> = dependents()
        .filter(|(_, condition)| !condition.is_some_and(|c| current(c) && c.status == "True"))
        .map(|(kind, condition)| match condition.filter(|c| current(c)) {
            Some(c) => format!("{kind}=Unknown ({}: {})", c.reason, c.message),
            None => format!("{kind}=Unknown"),
        })
        .collect();
    if waiting.is_empty() {
        Verdict::ok(READY, "")
    } else {
        Verdict::unknown(READY, "ReconcilingDependents", waiting.join("; "))
    }
}
