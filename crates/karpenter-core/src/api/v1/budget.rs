//! How many nodes of a pool may be disrupted at once.

#[cfg(test)]
mod tests;

use super::rules;
use super::schema::string_enum;
use crate::api::duration::TextDuration;
use crate::api::patterns;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Why a node is disrupted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum DisruptionReason {
    /// Its pods fit elsewhere, or on something cheaper.
    Underutilized,
    /// It has no pods that count.
    Empty,
    /// It no longer matches its pool or NodeClass.
    Drifted,
}

string_enum!(DisruptionReason: Underutilized Empty Drifted);

impl DisruptionReason {
    /// The spelling used in objects.
    pub fn as_str(self) -> &'static str {
        match self {
            DisruptionReason::Underutilized => "Underutilized",
            DisruptionReason::Empty => "Empty",
            DisruptionReason::Drifted => "Drifted",
        }
    }
}

/// Budget defines when the number of NodeClaims that can be terminating simultaneously is restricted.
///
/// Source: Karpenter behaviour, disruption budgets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Budget {
    /// The disruption reasons this budget applies to; all of them if absent, none if empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("maxItems" = 50, "x-kubernetes-list-type" = "set"))]
    pub reasons: Option<Vec<DisruptionReason>>,
    /// The maximum number of nodes of this NodePool that can be terminating at once: a number, or a percentage of its
    /// nodes, rounded up.
    #[serde(default = "Budget::default_nodes")]
    #[schemars(extend("pattern" = patterns::BUDGET_NODES))]
    pub nodes: String,
    /// When the budget begins being active, in cron syntax and UTC; always active if omitted. Must be set with
    /// duration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("pattern" = patterns::SCHEDULE))]
    pub schedule: Option<String>,
    /// How long the budget is active from each hit of the schedule, in hours and minutes. Must be set with schedule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("pattern" = patterns::BUDGET_DURATION))]
    pub duration: Option<TextDuration>,
}

impl Budget {
    fn default_nodes() -> String {
        "10%".to_owned()
    }

    /// A budget of `nodes` for every reason at all times.
    pub fn always(nodes: impl Into<String>) -> Self {
        Self { reasons: None, nodes: nodes.into(), schedule: None, duration: None }
    }

    /// Whether the budget restricts disruption for `reason`.
    pub fn applies_to(&self, reason: DisruptionReason) -> bool {
        self.reasons.as_ref().is_none_or(|reasons| reasons.contains(&reason))
    }
}

/// A number of nodes, or a percentage of them.
///
/// # Example
/// ```
/// # use karpenter_core::api::v1::budget::NodeCount;
/// assert_eq!("10%".parse::<NodeCount>().unwrap().of(11), 2);
/// ```
///
/// Source: Karpenter behaviour, disruption budgets. Differs: numbers beyond 32 bits saturate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NodeCount {
    /// So many nodes.
    Absolute(u32),
    /// So many per cent; the schema limits it to 100, an object written around it may not.
    Percent(u32),
}

/// The text is neither a number nor a percentage.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is neither a number of nodes nor a percentage")]
pub struct ParseNodeCountError(pub String);

impl NodeCount {
    /// More than any pool has; what no restriction means.
    pub const UNLIMITED: u32 = i32::MAX.unsigned_abs();

    /// The number of nodes out of `n_nodes`; a percentage is rounded up. At most [`Self::UNLIMITED`].
    pub fn of(self, n_nodes: u32) -> u32 {
        match self {
            NodeCount::Absolute(count) => count.min(Self::UNLIMITED),
            NodeCount::Percent(percent) => {
                let nodes = (u64::from(n_nodes) * u64::from(percent)).div_ceil(100);
                u32::try_from(nodes).unwrap_or(Self::UNLIMITED).min(Self::UNLIMITED)
            }
        }
    }
}

impl FromStr for NodeCount {
    type Err = ParseNodeCountError;

    /// Reads decimal digits, with a `%` for a percentage; up to the largest 64-bit integer, saturating at 32 bits.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (digits, make): (&str, fn(u32) -> NodeCount) = match text.strip_suffix('%') {
            Some(digits) => (digits, NodeCount::Percent),
            None => (text, NodeCount::Absolute),
        };
        let error = || ParseNodeCountError(text.to_owned());
        if !digits.bytes().all(|digit| digit.is_ascii_digit()) {
            return Err(error());
        }
        let number = digits.parse::<i64>().map_err(|_| error())?;
        Ok(make(u32::try_from(number).unwrap_or(Self::UNLIMITED)))
    }
}

impl fmt::Display for NodeCount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NodeCount::Absolute(count) => write!(f, "{count}"),
            NodeCount::Percent(percent) => write!(f, "{percent}%"),
        }
    }
}

/// The list of budgets of a pool.
pub(super) fn list_schema(generator: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "array",
        "maxItems": 50,
        "default": [{ "nodes": Budget::default_nodes() }],
        "items": generator.subschema_for::<Budget>(),
        "x-kubernetes-list-type": "atomic",
        "x-kubernetes-validations": rules::budgets(),
    })
}
