//! Requirements from labels, selectors and `spec.requirements`.

use super::Requirements;
use crate::api::v1::requirement::NodeSelectorRequirementWithMinValues;
use crate::model::label_rules::LabelNormalization;
use crate::model::requirement::{Operator, Requirement};
use k8s_openapi::api::core::v1::{NodeSelectorRequirement, NodeSelectorTerm};
use std::collections::BTreeMap;

/// A selector uses an operator nobody knows.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("key {key} has unsupported operator {operator:?}")]
pub struct UnsupportedOperator {
    /// The label.
    pub key: String,
    /// What was written.
    pub operator: String,
}

impl Requirements {
    /// `key In [value]` for every label. Two keys with the same normal form intersect.
    ///
    /// # Example
    /// ```
    /// # use karpenter_core::model::label_rules::LabelNormalization;
    /// # use karpenter_core::model::requirements::Requirements;
    /// let labels = [("team", "a"), ("beta.kubernetes.io/os", "linux")];
    /// let set = Requirements::from_labels(labels, &LabelNormalization::core());
    /// assert_eq!(set.to_string(), "kubernetes.io/os In [linux], team In [a]");
    /// ```
    pub fn from_labels<'a>(
        labels: impl IntoIterator<Item = (&'a str, &'a str)>,
        normalization: &LabelNormalization,
    ) -> Self {
        labels
            .into_iter()
            .map(|(key, value)| Requirement::new(key, Operator::In, [value], normalization))
            .collect()
    }

    /// `key In [value]` for every entry of a pod's `nodeSelector`.
    ///
    /// # Example
    /// ```
    /// # use karpenter_core::model::label_rules::LabelNormalization;
    /// # use karpenter_core::model::requirements::Requirements;
    /// let selector = [("team".to_owned(), "a".to_owned())].into();
    /// let set = Requirements::from_node_selector(&selector, &LabelNormalization::core());
    /// assert_eq!(set.to_string(), "team In [a]");
    /// ```
    pub fn from_node_selector(
        selector: &BTreeMap<String, String>,
        normalization: &LabelNormalization,
    ) -> Self {
        let entries = selector.iter().map(|(key, value)| (key.as_str(), value.as_str()));
        Self::from_labels(entries, normalization)
    }

    /// The expressions of one term, all of which must hold; `matchFields` do not enter.
    ///
    /// # Errors
    /// The first operator that is not known.
    ///
    /// # Example
    /// ```
    /// # use k8s_openapi::api::core::v1::NodeSelectorRequirement;
    /// # use karpenter_core::model::label_rules::LabelNormalization;
    /// # use karpenter_core::model::requirements::Requirements;
    /// let expression = |operator: &str, value: &str| NodeSelectorRequirement {
    ///     key: "cpu".into(), operator: operator.into(), values: Some(vec![value.into()]),
    /// };
    /// let range = [expression("Gt", "3"), expression("Lt", "9")];
    /// let set = Requirements::from_match_expressions(&range, &LabelNormalization::core())?;
    /// assert_eq!(set.to_string(), "cpu Exists >=4 <=8");
    /// # Ok::<(), karpenter_core::model::requirements::UnsupportedOperator>(())
    /// ```
    pub fn from_match_expressions(
        expressions: &[NodeSelectorRequirement],
        normalization: &LabelNormalization,
    ) -> Result<Self, UnsupportedOperator> {
        expressions.iter().map(|expression| from_expression(expression, normalization)).collect()
    }

    /// One set per term, in the order given: the terms are alternatives. A term without expressions is left out,
    /// because it matches no node.
    ///
    /// # Errors
    /// The first operator that is not known.
    ///
    /// # Example
    /// ```
    /// # use k8s_openapi::api::core::v1::{NodeSelectorRequirement, NodeSelectorTerm};
    /// # use karpenter_core::model::label_rules::LabelNormalization;
    /// # use karpenter_core::model::requirements::Requirements;
    /// let exists = NodeSelectorRequirement { key: "team".into(), operator: "Exists".into(), values: None };
    /// let term = |expressions| NodeSelectorTerm { match_expressions: Some(expressions), match_fields: None };
    /// let terms = [term(vec![]), term(vec![exists])];
    /// let sets = Requirements::from_node_selector_terms(&terms, &LabelNormalization::core())?;
    /// assert_eq!(sets.iter().map(ToString::to_string).collect::<Vec<_>>(), ["team Exists"]);
    /// # Ok::<(), karpenter_core::model::requirements::UnsupportedOperator>(())
    /// ```
    ///
    /// Source: Kubernetes API, node selector terms.
    pub fn from_node_selector_terms(
        terms: &[NodeSelectorTerm],
        normalization: &LabelNormalization,
    ) -> Result<Vec<Self>, UnsupportedOperator> {
        terms
            .iter()
            .filter_map(|term| term.match_expressions.as_deref())
            .filter(|expressions| !expressions.is_empty())
            .map(|expressions| Self::from_match_expressions(expressions, normalization))
            .collect()
    }

    /// `spec.requirements` of a NodePool's template or of a NodeClaim.
    ///
    /// # Example
    /// ```
    /// # use karpenter_core::api::v1::requirement::{NodeSelectorRequirementWithMinValues, Operator};
    /// # use karpenter_core::model::label_rules::LabelNormalization;
    /// # use karpenter_core::model::requirements::Requirements;
    /// let family = NodeSelectorRequirementWithMinValues {
    ///     key: "family".into(), operator: Operator::Exists, values: None, min_values: Some(2),
    /// };
    /// let set = Requirements::from_spec(&[family], &LabelNormalization::core());
    /// assert_eq!(set.to_string(), "family Exists minValues 2");
    /// ```
    pub fn from_spec(
        requirements: &[NodeSelectorRequirementWithMinValues],
        normalization: &LabelNormalization,
    ) -> Self {
        requirements
            .iter()
            .map(|entry| {
                let values = entry.values.iter().flatten();
                Requirement::new(&entry.key, entry.operator, values, normalization)
                    .with_min_values(entry.min_values)
            })
            .collect()
    }
}

fn from_expression(
    expression: &NodeSelectorRequirement,
    normalization: &LabelNormalization,
) -> Result<Requirement, UnsupportedOperator> {
    let operator = Operator::parse(&expression.operator).ok_or_else(|| UnsupportedOperator {
        key: expression.key.clone(),
        operator: expression.operator.clone(),
    })?;
    let values = expression.values.iter().flatten();
    Ok(Requirement::new(&expression.key, operator, values, normalization))
}
