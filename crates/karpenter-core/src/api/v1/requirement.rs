//! One entry of `requirements`: a node selector requirement that may also ask for variety.

use super::schema::string_enum;
use crate::api::patterns;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// How a key relates to its values.
///
/// Pods know the first six; the last two exist only in the kinds of `karpenter.sh`.
///
/// Source: Karpenter behaviour, requirements.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Operator {
    /// The label has one of the values.
    In,
    /// The label has none of the values, or is absent.
    NotIn,
    /// The label is present.
    Exists,
    /// The label is absent.
    DoesNotExist,
    /// The label is an integer greater than the value.
    Gt,
    /// The label is an integer less than the value.
    Lt,
    /// The label is an integer greater than or equal to the value.
    Gte,
    /// The label is an integer less than or equal to the value.
    Lte,
}

string_enum!(Operator: In NotIn Exists DoesNotExist Gt Lt Gte Lte);

impl Operator {
    /// All operators, in the order of the schema's enumeration.
    pub const ALL: [Operator; 8] = [
        Operator::In,
        Operator::NotIn,
        Operator::Exists,
        Operator::DoesNotExist,
        Operator::Gt,
        Operator::Lt,
        Operator::Gte,
        Operator::Lte,
    ];

    /// The spelling used in objects.
    pub fn as_str(self) -> &'static str {
        match self {
            Operator::In => "In",
            Operator::NotIn => "NotIn",
            Operator::Exists => "Exists",
            Operator::DoesNotExist => "DoesNotExist",
            Operator::Gt => "Gt",
            Operator::Lt => "Lt",
            Operator::Gte => "Gte",
            Operator::Lte => "Lte",
        }
    }

    /// The operator spelled `text`; case matters.
    pub fn parse(text: &str) -> Option<Operator> {
        Operator::ALL.into_iter().find(|operator| operator.as_str() == text)
    }

    /// Whether pods know the operator too.
    ///
    /// Source: Kubernetes API, node selector operators.
    pub fn is_of_pods(self) -> bool {
        !matches!(self, Operator::Gte | Operator::Lte)
    }

    /// Whether the operator takes exactly one integer.
    pub fn is_bound(self) -> bool {
        matches!(self, Operator::Gt | Operator::Lt | Operator::Gte | Operator::Lte)
    }
}

impl fmt::Display for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A node selector requirement with min values: a key, an operator and values that relate to it, and how many
/// distinct values the chosen instance types must offer together.
///
/// Source: Karpenter behaviour, NodePool and NodeClaim requirements.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct NodeSelectorRequirementWithMinValues {
    /// The label key that the selector applies to.
    pub key: String,
    /// Represents a key's relationship to a set of values: In, NotIn, Exists, DoesNotExist, Gt, Lt, Gte or Lte.
    pub operator: Operator,
    /// Values of the label. Non-empty for In and NotIn, empty for Exists and DoesNotExist, a single integer for
    /// Gt, Lt, Gte and Lte.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(
        inner(length(max = 63), regex(pattern = patterns::LABEL_VALUE)),
        extend("x-kubernetes-list-type" = "atomic")
    )]
    pub values: Option<Vec<String>>,
    /// The minimum number of unique values of this key that the chosen instance types must offer together.
    /// This field is alpha and may change or be removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 50))]
    pub min_values: Option<u32>,
}
