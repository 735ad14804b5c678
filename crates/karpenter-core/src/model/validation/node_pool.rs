//! Validation of a NodePool.

use super::contradiction::contradictions;
use super::syntax::{is_label_value, is_qualified_name};
use super::{Problem, ValidationRules, requirement_errors};
use crate::api::labels;
use crate::api::v1::budget::{Budget, NodeCount};
use crate::api::v1::nodepool::NodePool;
use crate::api::v1::requirement::NodeSelectorRequirementWithMinValues;
use crate::api::v1::taint::Taint;
use crate::model::quantity::Quantity;
use crate::model::schedule::Schedule;
use std::collections::BTreeSet;

/// Everything wrong with a NodePool that its schema does not find: labels, taints, requirements by themselves and
/// together, budgets, limits.
///
/// Sorted by field and free of repetition, so the same pool always reads the same.
///
/// Source: Karpenter behaviour, NodePool validation. Differs: fixed order; budgets and limits are read
/// too; what can never take effect is a mistake.
pub fn validate(pool: &NodePool, rules: &ValidationRules) -> Vec<Problem> {
    let spec = &pool.spec.template.spec;
    let labels = pool.spec.template.metadata.as_ref().and_then(|metadata| metadata.labels.as_ref());
    let mut found = Findings::default();
    for (key, value) in labels.into_iter().flatten() {
        label(key, value, rules, &mut found);
    }
    taints(&mut found, spec.taints.as_deref(), spec.startup_taints.as_deref());
    for (at, entry) in spec.requirements.iter().enumerate() {
        requirement(at, entry, rules, &mut found);
    }
    let labels = labels.into_iter().flatten().map(|(key, value)| (key.as_str(), value.as_str()));
    for (field, message) in contradictions(&spec.requirements, labels, rules) {
        found.add(field, message);
    }
    for (at, entry) in pool.spec.disruption.budgets.iter().enumerate() {
        budget(at, entry, &mut found);
    }
    for (name, limit) in pool.spec.limits.iter().flatten() {
        if let Err(error) = Quantity::try_from(limit) {
            found.add(format!("spec.limits[{name}]"), error.to_string());
        }
    }
    let object = format!("NodePool/{}", pool.metadata.name.as_deref().unwrap_or_default());
    let problem = |(field, message)| Problem { object: object.clone(), field, message };
    found.0.into_iter().map(problem).collect()
}

/// Field and message.
#[derive(Default)]
struct Findings(BTreeSet<(String, String)>);

impl Findings {
    fn add(&mut self, field: impl Into<String>, message: impl Into<String>) {
        self.0.insert((field.into(), message.into()));
    }
}

fn label(key: &str, value: &str, rules: &ValidationRules, found: &mut Findings) {
    let field = format!("spec.template.metadata.labels[{key}]");
    if key == labels::NODEPOOL {
        found.add(&field, format!("label {key} is restricted"));
    }
    if !is_qualified_name(key) {
        found.add(&field, format!("key {key:?} is not a qualified name"));
    }
    if !is_label_value(value) {
        found.add(&field, format!("invalid value {value:?} for key {key}"));
    }
    if let Some(message) = rules.restriction(rules.normalization.key(key).as_str()) {
        found.add(&field, message);
    }
}

/// A pair of key and effect may stand once in both lists together.
fn taints(found: &mut Findings, taints: Option<&[Taint]>, startup_taints: Option<&[Taint]>) {
    let mut seen = BTreeSet::new();
    for (list, taints) in [("taints", taints), ("startupTaints", startup_taints)] {
        for (at, taint) in taints.into_iter().flatten().enumerate() {
            let field = format!("spec.template.spec.{list}[{at}]");
            for message in taint_errors(taint) {
                found.add(&field, message);
            }
            if !seen.insert((&taint.key, &taint.effect)) {
                let pair = format!("{}:{}", taint.key, taint.effect);
                found.add(&field, format!("duplicate taint key and effect pair {pair}"));
            }
        }
    }
}

fn taint_errors(taint: &Taint) -> impl Iterator<Item = String> {
    let key = (!is_qualified_name(&taint.key))
        .then(|| format!("key {:?} is not a qualified name", taint.key));
    let value = (!taint.value.is_empty() && !is_qualified_name(&taint.value))
        .then(|| format!("value {:?} is not a qualified name", taint.value));
    let is_known = ["", "NoSchedule", "PreferNoSchedule", "NoExecute"].contains(&&*taint.effect);
    let effect = (!is_known).then(|| format!("unsupported effect {:?}", taint.effect));
    key.into_iter().chain(value).chain(effect)
}

fn requirement(
    at: usize,
    entry: &NodeSelectorRequirementWithMinValues,
    rules: &ValidationRules,
    found: &mut Findings,
) {
    let field = format!("spec.template.spec.requirements[{at}]");
    if entry.key == labels::NODEPOOL {
        found.add(&field, format!("key {} is restricted", entry.key));
    }
    for message in requirement_errors(entry, rules) {
        found.add(&field, message);
    }
}

fn budget(at: usize, budget: &Budget, found: &mut Findings) {
    let field = format!("spec.disruption.budgets[{at}]");
    if let Err(error) = budget.nodes.parse::<NodeCount>() {
        found.add(format!("{field}.nodes"), error.to_string());
    }
    match budget.schedule.as_deref().map(str::parse::<Schedule>) {
        Some(Err(error)) => found.add(format!("{field}.schedule"), error.to_string()),
        Some(Ok(schedule)) if !schedule.is_possible() => found.add(
            format!("{field}.schedule"),
            "no date ever matches, so the budget is in force all the time; name a day that its month has",
        ),
        Some(Ok(_)) | None => {}
    }
    if budget.duration.as_ref().is_some_and(|duration| duration.duration().is_zero()) {
        found.add(
            format!("{field}.duration"),
            "the window has no length, so the budget is never in force; give it at least 1m or remove the budget",
        );
    }
}
