//! Conditions of an object: a root that follows from its dependents, and independent ones.
//!
//! The root is True when all dependents are True for the current generation, False when one of them is False for it,
//! and Unknown otherwise. Time is an argument of every change.

mod engine;
#[cfg(test)]
mod tests;

use engine::Facts;
pub use engine::{ClearError, ConditionSet};
use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use kube::Resource;
use serde::{Deserialize, Serialize};

/// NodePool and NodeClaim, root: everything it depends on is True.
pub const READY: &str = "Ready";
/// NodePool: the spec is free of errors the schema cannot find.
pub const VALIDATION_SUCCEEDED: &str = "ValidationSucceeded";
/// NodePool: its NodeClass is Ready.
pub const NODE_CLASS_READY: &str = "NodeClassReady";
/// NodePool: of the last nodes enough joined the cluster.
pub const NODE_REGISTRATION_HEALTHY: &str = "NodeRegistrationHealthy";
/// NodeClaim: the instance exists.
pub const LAUNCHED: &str = "Launched";
/// NodeClaim: the node joined the cluster.
pub const REGISTERED: &str = "Registered";
/// NodeClaim: the node is ready for pods.
pub const INITIALIZED: &str = "Initialized";
/// NodeClaim: it may be consolidated.
pub const CONSOLIDATABLE: &str = "Consolidatable";
/// NodeClaim: it no longer matches what it was made from.
pub const DRIFTED: &str = "Drifted";
/// NodeClaim: all pods left.
pub const DRAINED: &str = "Drained";
/// NodeClaim: all volumes were detached.
pub const VOLUMES_DETACHED: &str = "VolumesDetached";
/// NodeClaim: the instance is being deleted.
pub const INSTANCE_TERMINATING: &str = "InstanceTerminating";
/// NodeClaim: the node is what was promised.
pub const CONSISTENT_STATE_FOUND: &str = "ConsistentStateFound";
/// NodeClaim: a disruption command is executing; the reason says why.
pub const DISRUPTION_REASON: &str = "DisruptionReason";

/// Reason of a condition nobody has judged yet.
pub const AWAITING_RECONCILIATION: &str = "AwaitingReconciliation";
/// Message that goes with [`AWAITING_RECONCILIATION`].
const AWAITING_MESSAGE: &str = "object is awaiting reconciliation";
/// Reason of a root that is Unknown.
pub const RECONCILING_DEPENDENTS: &str = "ReconcilingDependents";
/// Reason of a root that is False.
pub const UNHEALTHY_DEPENDENTS: &str = "UnhealthyDependents";

/// Whether a condition holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum ConditionStatus {
    /// It holds.
    True,
    /// It does not hold.
    False,
    /// It is not known whether it holds.
    Unknown,
}

impl ConditionStatus {
    /// The spelling used in objects.
    pub fn as_str(self) -> &'static str {
        match self {
            ConditionStatus::True => "True",
            ConditionStatus::False => "False",
            ConditionStatus::Unknown => "Unknown",
        }
    }
}

/// One aspect of the current state of an object.
///
/// Source: Kubernetes API, conditions. Differs: reason and message may be missing on reading.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Condition {
    /// Which aspect.
    pub r#type: String,
    /// Whether it holds.
    pub status: ConditionStatus,
    /// `metadata.generation` it was judged for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed_generation: Option<i64>,
    /// When the status last changed.
    pub last_transition_time: Time,
    /// Why, for programs.
    #[serde(default)]
    pub reason: String,
    /// Why, for people.
    #[serde(default)]
    pub message: String,
}

/// What is said about one condition; reason and message may be left empty for the usual ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Which condition.
    pub r#type: String,
    /// Whether it holds.
    pub status: ConditionStatus,
    /// Why, for programs.
    pub reason: String,
    /// Why, for people.
    pub message: String,
}

impl Verdict {
    /// It holds; the reason is the type.
    pub fn ok(r#type: &str) -> Self {
        Self::new(r#type, ConditionStatus::True, r#type, "")
    }

    /// It does not hold.
    pub fn failed(r#type: &str, reason: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(r#type, ConditionStatus::False, reason, message)
    }

    /// Nobody has judged it yet.
    pub fn awaiting(r#type: &str) -> Self {
        Self::unknown(r#type, AWAITING_RECONCILIATION, AWAITING_MESSAGE)
    }

    /// It is not known, for a reason.
    pub fn unknown(r#type: &str, reason: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(r#type, ConditionStatus::Unknown, reason, message)
    }

    /// Any verdict.
    pub fn new(
        r#type: &str,
        status: ConditionStatus,
        reason: impl Into<String>,
        message: impl Into<String>,
    ) -> Self {
        Self { r#type: r#type.into(), status, reason: reason.into(), message: message.into() }
    }
}

/// The root of a kind and the conditions it follows from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConditionTypes {
    /// Type of the root.
    pub root: &'static str,
    /// Types the root follows from, in the order they are listed when equally old.
    pub dependents: &'static [&'static str],
}

impl ConditionTypes {
    fn has(&self, r#type: &str) -> bool {
        self.root == r#type || self.dependents.contains(&r#type)
    }
}

/// A kind with conditions in its status.
pub trait HasConditions: Resource {
    /// Root and dependents of the kind.
    const TYPES: ConditionTypes;

    /// The conditions, in the order they are stored.
    fn conditions(&self) -> &[Condition];

    /// The conditions, for changes; creates the status if there is none.
    fn conditions_mut(&mut self) -> &mut Vec<Condition>;

    /// The condition of a type.
    fn condition(&self, r#type: &str) -> Option<&Condition> {
        self.conditions().iter().find(|condition| condition.r#type == r#type)
    }

    /// Whether the condition of a type is present and True.
    fn is_true(&self, r#type: &str) -> bool {
        self.condition(r#type).is_some_and(|condition| condition.status == ConditionStatus::True)
    }

    /// Opens the conditions for changes; see [`ConditionSet`].
    fn condition_set(&mut self, now: Timestamp) -> ConditionSet<'_> {
        let meta = self.meta();
        let facts = Facts {
            generation: meta.generation.unwrap_or(0),
            created: meta.creation_timestamp.as_ref().map_or(now, |time| time.0),
            is_deleting: meta.deletion_timestamp.is_some(),
            now,
        };
        ConditionSet::open(Self::TYPES, facts, self.conditions_mut())
    }
}
