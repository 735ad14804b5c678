//! What a pod that waits for a node may ask for.
//!
//! Node selector and required node affinity are validated; preferences are not, for they can be given up.

use super::unschedulable::Unschedulable;
use crate::api::labels;
use crate::api::v1::requirement::NodeSelectorRequirementWithMinValues;
use crate::model::label_rules::LabelNormalization;
use crate::model::pod::{NodeSelectorExpression, NodeSelectorTerm, PodShape};
use crate::model::quantity::Quantity;
use crate::model::requirement::{Operator, Requirement};
use crate::model::requirements::UnsupportedOperator;
use crate::model::resources::{ResourceName, Resources};
use crate::model::validation::{ValidationRules, requirement_errors};

/// One thing a pod must not ask for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PodProblem {
    /// A required term names nodes by their fields.
    #[error("node selector term with matchFields is not supported")]
    MatchFields,
    /// An operator that pods do not know.
    #[error(transparent)]
    Operator(#[from] UnsupportedOperator),
    /// A label, a value or their number is not allowed.
    #[error("{0}")]
    Requirement(String),
    /// Less than nothing of a resource.
    #[error("requests of {resource} come to {amount}, which is below zero")]
    NegativeRequest {
        /// The resource.
        resource: ResourceName,
        /// What all containers ask for together.
        amount: Quantity,
    },
}

/// Whether pods of `shape` are planned for.
///
/// # Errors
/// [`Unschedulable::OptedOut`] for a pod that asks for the absence of the NodePool label, in what it requires first or
/// prefers most; else [`Unschedulable::Invalid`] with every problem: node selector by key, then required terms in
/// order.
///
/// Source: Karpenter behaviour, pending pods. Differs: entries of the node selector are checked in key order.
pub fn validate(shape: &PodShape, rules: &ValidationRules) -> Result<(), Unschedulable> {
    if opts_out(shape, &rules.normalization) {
        return Err(Unschedulable::OptedOut);
    }
    let mut problems = vec![];
    for (key, value) in &shape.node_selector {
        let expression = NodeSelectorExpression {
            key: key.clone(),
            operator: Operator::In.as_str().into(),
            values: vec![value.clone()],
        };
        check(&expression, rules, &mut problems);
    }
    for term in &shape.required_node_affinity {
        if term.has_match_fields {
            problems.push(PodProblem::MatchFields);
        }
        for expression in &term.expressions {
            check(expression, rules, &mut problems);
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(Unschedulable::Invalid(problems)) }
}

/// The first request that comes to less than nothing. No API server lets such a pod in, but it may stand in a file, and
/// would make room for others.
pub(super) fn negative_request(requests: &Resources) -> Option<PodProblem> {
    let (resource, amount) = requests.iter().find(|(_, amount)| amount.is_negative())?;
    Some(PodProblem::NegativeRequest { resource: resource.clone(), amount })
}

fn check(
    expression: &NodeSelectorExpression,
    rules: &ValidationRules,
    problems: &mut Vec<PodProblem>,
) {
    let operator = Operator::parse(&expression.operator).filter(|operator| operator.is_of_pods());
    let Some(operator) = operator else {
        problems.push(PodProblem::Operator(UnsupportedOperator {
            key: expression.key.to_string(),
            operator: expression.operator.to_string(),
        }));
        return;
    };
    let requirement = NodeSelectorRequirementWithMinValues {
        key: expression.key.to_string(),
        operator,
        values: Some(expression.values.iter().map(ToString::to_string).collect()),
        min_values: None,
    };
    problems
        .extend(requirement_errors(&requirement, rules).into_iter().map(PodProblem::Requirement));
}

/// Whether the absence of the NodePool label is asked for in the first required or the heaviest preferred term.
fn opts_out(shape: &PodShape, normalization: &LabelNormalization) -> bool {
    let preferred = shape.preferred_node_affinity.iter().rev();
    let heaviest = preferred.max_by_key(|preferred| preferred.weight).map(|p| &p.term);
    let terms = shape.required_node_affinity.first().into_iter().chain(heaviest);
    let asks_for_absence = |expression: &NodeSelectorExpression| {
        Operator::parse(&expression.operator).is_some_and(|operator| {
            let values = &expression.values;
            let asked = Requirement::new(&expression.key, operator, values, normalization);
            asked.key().as_str() == labels::NODEPOOL && asked.operator() == Operator::DoesNotExist
        })
    };
    terms.flat_map(|term: &NodeSelectorTerm| &term.expressions).any(asks_for_absence)
}
