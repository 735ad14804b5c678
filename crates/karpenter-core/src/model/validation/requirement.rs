//! Validation of one requirement.

use super::ValidationRules;
use super::syntax::{is_label_value, is_qualified_name};
use crate::api::v1::requirement::{NodeSelectorRequirementWithMinValues, Operator};
use crate::model::ids::LabelKey;

/// Everything wrong with one requirement, in a fixed order; empty if it is fine.
///
/// Source: Karpenter behaviour, validation of requirements.
pub fn requirement_errors(
    requirement: &NodeSelectorRequirementWithMinValues,
    rules: &ValidationRules,
) -> Vec<String> {
    let key = rules.normalization.key(&requirement.key);
    let values = requirement.values.as_deref().unwrap_or_default();
    let mut errors: Vec<String> = rules.restriction(key.as_str()).into_iter().collect();
    errors.extend(known_value_error(&key, requirement, rules));
    if !is_qualified_name(key.as_str()) {
        errors.push(format!("key {key} is not a qualified name"));
    }
    let invalid = values.iter().filter(|value| !is_label_value(value));
    errors.extend(invalid.map(|value| format!("invalid value {value:?} for key {key}")));
    errors.extend(count_error(&key, requirement.operator, values, requirement.min_values));
    errors
}

/// Values of `In` that a key with a closed set of values does not have. They are harmless as long as a known one is
/// left, but worth a line in the log.
pub fn unknown_values(
    requirement: &NodeSelectorRequirementWithMinValues,
    rules: &ValidationRules,
) -> Vec<String> {
    let key = rules.normalization.key(&requirement.key);
    let listed = requirement.values.as_deref().unwrap_or_default();
    match rules.known_values.get(&key) {
        Some(known) if requirement.operator == Operator::In => {
            listed.iter().filter(|value| !known.contains(*value)).cloned().collect()
        }
        Some(_) | None => Vec::new(),
    }
}

fn known_value_error(
    key: &LabelKey,
    requirement: &NodeSelectorRequirementWithMinValues,
    rules: &ValidationRules,
) -> Option<String> {
    let known = rules.known_values.get(key)?;
    let listed = requirement.values.as_deref().unwrap_or_default();
    if requirement.operator != Operator::In
        || listed.is_empty()
        || !rules.well_known.contains(key.as_str())
    {
        return None;
    }
    let valid = known.iter().filter(|value| listed.contains(value)).count();
    if valid == 0 {
        return Some(format!(
            "no valid values found in {listed:?} for {key}, expected one of {known:?}"
        ));
    }
    let is_too_few = requirement.min_values.is_some_and(|min| !is_at_least(valid, min));
    is_too_few.then(|| {
        format!("not enough valid values found in {listed:?} for {key}, expected some of {known:?}")
    })
}

fn count_error(
    key: &LabelKey,
    operator: Operator,
    values: &[String],
    min_values: Option<u32>,
) -> Option<String> {
    let is_bound_value = |value: &String| value.parse::<i64>().is_ok_and(|n| n >= 0);
    match operator {
        Operator::In if values.is_empty() => {
            Some(format!("key {key} with operator {operator} must have a value defined"))
        }
        Operator::In => {
            let is_too_few = min_values.is_some_and(|min| !is_at_least(values.len(), min));
            is_too_few.then(|| {
                format!("key {key} with operator {operator} must have at least minimum number of values defined in 'values' field")
            })
        }
        Operator::Gt | Operator::Lt | Operator::Gte | Operator::Lte => {
            let is_fine = values.len() == 1 && values.iter().all(is_bound_value);
            (!is_fine).then(|| {
                format!(
                    "key {key} with operator {operator} must have a single positive integer value"
                )
            })
        }
        Operator::NotIn | Operator::Exists | Operator::DoesNotExist => None,
    }
}

fn is_at_least(count: usize, min: u32) -> bool {
    usize::try_from(min).is_ok_and(|min| count >= min)
}
