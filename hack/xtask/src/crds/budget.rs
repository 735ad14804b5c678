//! What the rules of a definition may cost at most.
//!
//! An API server estimates, when a definition is created, what each rule costs on the largest object the schema admits,
//! and refuses definitions above a limit. The estimate here is cruder and never lower where it matters: every bound is
//! used to the full, and what has no bound counts as a whole request.
//!
//! Source: Kubernetes API, resource constraints on validation rules.

use anyhow::{Result, ensure};
use serde_json::Value;

use super::expression::{Estimate, estimate};

/// Highest cost of one rule.
pub(super) const PER_RULE: u64 = 10_000_000;
/// Highest cost of all rules of a definition.
pub(super) const PER_DEFINITION: u64 = 100_000_000;
/// Size of the largest request, bytes.
pub(super) const REQUEST: u64 = 3 << 20;

/// One rule of a definition.
#[derive(Debug, Clone)]
pub(super) struct Rule {
    /// Where it stands.
    pub(super) path: String,
    /// The expression.
    pub(super) text: String,
    /// How often it may run in one object.
    pub(super) times: u64,
    /// What one run costs, and what it walks without a bound.
    pub(super) estimate: Estimate,
}

impl Rule {
    /// What the rule costs in one object.
    pub(super) fn cost(&self) -> u64 {
        self.times.saturating_mul(self.estimate.cost)
    }
}

/// Refuses definitions with rules that cost too much or walk something without a bound.
pub(super) fn check(definition: &Value) -> Result<()> {
    let name = definition["metadata"]["name"].as_str().unwrap_or_default();
    let rules = rules(definition);
    for rule in &rules {
        let (path, cost) = (&rule.path, rule.cost());
        let unbounded = &rule.estimate.unbounded;
        ensure!(unbounded.is_empty(), "{name}: {path}: {unbounded:?} has no bound: {}", rule.text);
        ensure!(cost <= PER_RULE, "{name}: {path}: costs {cost}, over {PER_RULE}: {}", rule.text);
    }
    let sum = rules.iter().map(Rule::cost).fold(0, u64::saturating_add);
    ensure!(sum <= PER_DEFINITION, "{name}: all rules cost {sum}, over {PER_DEFINITION}");
    Ok(())
}

/// All rules of a definition, in the order of their paths.
pub(super) fn rules(definition: &Value) -> Vec<Rule> {
    let versions = definition["spec"]["versions"].as_array();
    let schemas = versions.into_iter().flatten().map(|v| &v["schema"]["openAPIV3Schema"]);
    let mut found = vec![];
    schemas.for_each(|schema| collect(schema, "", 1, &mut found));
    found
}

fn collect(schema: &Value, path: &str, times: u64, found: &mut Vec<Rule>) {
    let own = schema["x-kubernetes-validations"].as_array();
    for text in own.into_iter().flatten().filter_map(|rule| rule["rule"].as_str()) {
        // What a request holds is shared by all places where the rule runs.
        let estimate = estimate(text, schema, REQUEST / times.max(1));
        found.push(Rule { path: path.to_owned(), text: text.to_owned(), times, estimate });
    }
    for (name, below) in schema["properties"].as_object().into_iter().flatten() {
        collect(below, &format!("{path}.{name}"), times, found);
    }
    for (name, bound) in [("items", "maxItems"), ("additionalProperties", "maxProperties")] {
        if schema[name].is_object() {
            let times = times.saturating_mul(schema[bound].as_u64().unwrap_or(REQUEST));
            collect(&schema[name], &format!("{path}[]"), times, found);
        }
    }
}
