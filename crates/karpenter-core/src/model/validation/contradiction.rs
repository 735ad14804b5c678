//! Requirements of a pool that leave its nodes no value.
//!
//! Each entry may be fine by itself; together, or with a label of the template, they may allow nothing. The pool would
//! then never make a node, and nothing else would say why.

use super::{ValidationRules, requirement_errors};
use crate::api::v1::requirement::NodeSelectorRequirementWithMinValues;
use crate::model::ids::LabelKey;
use crate::model::requirement::{Operator, Requirement};
use std::collections::BTreeMap;

/// What the entries so far leave of one key.
type Left = BTreeMap<LabelKey, Requirement>;

/// Field and message of every entry that contradicts those before it, and of every label that the requirements exclude.
///
/// Entries that are wrong by themselves are passed over; an entry found here does not count any further, so that each
/// contradiction is told once.
///
/// Source: ours.
pub(super) fn contradictions<'a>(
    entries: &[NodeSelectorRequirementWithMinValues],
    labels: impl IntoIterator<Item = (&'a str, &'a str)>,
    rules: &ValidationRules,
) -> Vec<(String, String)> {
    let mut left = Left::new();
    let mut found = vec![];
    for (at, entry) in entries.iter().enumerate() {
        if !requirement_errors(entry, rules).is_empty() {
            continue;
        }
        let values = entry.values.iter().flatten();
        let asked = Requirement::new(&entry.key, entry.operator, values, &rules.normalization);
        let fix = "remove one of them or widen its values";
        if let Some(message) = tighten(&mut left, &asked, fix) {
            found.push((format!("spec.template.spec.requirements[{at}]"), message));
        }
    }
    for (key, value) in labels {
        let label = Requirement::new(key, Operator::In, [value], &rules.normalization);
        let fix = "change the label or the requirement";
        if let Some(message) = tighten(&mut left, &label, fix) {
            found.push((format!("spec.template.metadata.labels[{key}]"), message));
        }
    }
    found
}

/// Counts `asked` in, or says why it cannot be.
fn tighten(left: &mut Left, asked: &Requirement, fix: &str) -> Option<String> {
    let joined = match left.get(asked.key().as_str()) {
        Some(before) if !agree(before, asked) => {
            return Some(format!(
                "{asked} excludes {before}, so no node can have the label; {fix}"
            ));
        }
        Some(before) => before.intersection(asked),
        None => asked.clone(),
    };
    if joined.complement() && !joined.allows_absence() && joined.any().is_none() {
        return Some(format!("{joined} leaves no value a label can have; widen its bounds"));
    }
    left.insert(asked.key().clone(), joined);
    None
}

/// Whether both leave something, or both do without the label.
fn agree(a: &Requirement, b: &Requirement) -> bool {
    a.has_intersection(b) || (a.allows_absence() && b.allows_absence())
}
