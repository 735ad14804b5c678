//! Requirements back to `spec.requirements`.

use super::Requirements;
use crate::api::v1::requirement::NodeSelectorRequirementWithMinValues;
use crate::model::requirement::{Operator, Requirement};

impl Requirements {
    /// The entries of `spec.requirements`, by key; within a key In, NotIn, Exists, DoesNotExist, Gte, Lte. Every entry
    /// of a key repeats its minimum of distinct values.
    ///
    /// Bounds that admit no integer from 0 on become `DoesNotExist`, because the schema refuses negative bounds.
    ///
    /// # Example
    /// ```
    /// # use karpenter_core::model::label_rules::LabelNormalization;
    /// # use karpenter_core::model::requirement::Requirement;
    /// # use karpenter_core::model::requirements::Requirements;
    /// let range = Requirement::at_least("cpu", 2).intersection(&Requirement::at_most("cpu", 8));
    /// let written = Requirements::from_iter([range.clone()]).to_spec();
    /// let operators: Vec<String> = written.iter().map(|entry| entry.operator.to_string()).collect();
    /// assert_eq!(operators, ["Gte", "Lte"]);
    /// let read = Requirements::from_spec(&written, &LabelNormalization::core());
    /// assert_eq!(read.get("cpu"), Some(&range));
    /// ```
    ///
    /// Source: Karpenter behaviour, requirement algebra. Differs: exceptions next to bounds are kept, order is fixed.
    pub fn to_spec(&self) -> Vec<NodeSelectorRequirementWithMinValues> {
        self.iter().flat_map(entries).collect()
    }
}

fn entries(requirement: &Requirement) -> Vec<NodeSelectorRequirementWithMinValues> {
    let lte = requirement.lte();
    if lte.is_some_and(|lte| lte < 0) {
        return vec![entry(requirement, Operator::DoesNotExist, None)];
    }
    let listed = || Some(requirement.values().iter().map(|value| String::from(&**value)).collect());
    let is_bounded = requirement.gte().is_some() || lte.is_some();
    let set = match requirement.operator() {
        Operator::Exists if is_bounded => None,
        operator @ (Operator::In | Operator::NotIn) => Some(entry(requirement, operator, listed())),
        operator => Some(entry(requirement, operator, None)),
    };
    // A label value below 0 is not excluded by `Gte 0`, but no bound below 0 can be written.
    let bound = |operator, n: i64| entry(requirement, operator, Some(vec![n.max(0).to_string()]));
    let gte = requirement.gte().map(|gte| bound(Operator::Gte, gte));
    let lte = lte.map(|lte| bound(Operator::Lte, lte));
    set.into_iter().chain(gte).chain(lte).collect()
}

fn entry(
    requirement: &Requirement,
    operator: Operator,
    values: Option<Vec<String>>,
) -> NodeSelectorRequirementWithMinValues {
    NodeSelectorRequirementWithMinValues {
        key: requirement.key().to_string(),
        operator,
        values,
        min_values: requirement.min_values(),
    }
}
