//! The scheduler's configuration, as far as planning depends on it: spread constraints of pods that have none.
//!
//! Written as in the configuration of kube-scheduler:
//! `podTopologySpread: { defaultConstraints: [{ maxSkew, topologyKey, whenUnsatisfiable, ... }] }`.
//!
//! Source: Karpenter behaviour, scheduler configuration; Kubernetes API (`v1.TopologySpreadConstraint`).

use std::collections::BTreeSet;
use std::fmt;

use serde::Deserialize;
use serde_json::Value;

use crate::model::validation::syntax::is_qualified_name;
use crate::options::DefaultSpread;

#[cfg(test)]
mod tests;

/// Most constraints; a scheduler with more would place nothing in useful time.
const LIMIT: usize = 64;

/// What the configuration says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SchedulerConfig {
    /// Constraints of pods that have none, without selectors; in the order written.
    pub default_constraints: Vec<DefaultSpread>,
}

/// The configuration as written.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
struct Wire {
    pod_topology_spread: WireSpread,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
struct WireSpread {
    /// Read one by one, so that what is wrong is told with its position.
    default_constraints: Vec<Value>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
struct WireConstraint {
    max_skew: i32,
    topology_key: String,
    when_unsatisfiable: String,
    min_domains: Option<i32>,
    node_affinity_policy: Option<String>,
    node_taints_policy: Option<String>,
    label_selector: Option<Value>,
    match_label_keys: Option<Vec<String>>,
}

/// One constraint that cannot be used.
#[derive(Debug, PartialEq, Eq)]
struct Refusal {
    index: usize,
    problem: String,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "podTopologySpread.defaultConstraints[{}]: {}", self.index, self.problem)
    }
}

impl SchedulerConfig {
    /// Reads the configuration; nothing says nothing.
    ///
    /// # Errors
    /// What cannot be read or used, with the position of the constraint.
    pub fn read(written: Value) -> Result<Self, String> {
        if written.is_null() {
            return Ok(Self::default());
        }
        let wire: Wire = serde_json::from_value(written).map_err(|error| error.to_string())?;
        constraints(wire.pod_topology_spread.default_constraints)
    }
}

fn constraints(written: Vec<Value>) -> Result<SchedulerConfig, String> {
    if written.len() > LIMIT {
        return Err(format!("podTopologySpread.defaultConstraints: at most {LIMIT} are allowed"));
    }
    let mut known = BTreeSet::new();
    let mut default_constraints = vec![];
    for (index, value) in written.into_iter().enumerate() {
        let refused = |problem| Refusal { index, problem }.to_string();
        let constraint = constraint(value).map_err(refused)?;
        let identity = (constraint.topology_key.clone(), constraint.is_hard);
        if !known.insert(identity) {
            let key = &constraint.topology_key;
            let problem = format!("another one has topologyKey {key:?} and the same mode");
            return Err(refused(problem));
        }
        default_constraints.push(constraint);
    }
    Ok(SchedulerConfig { default_constraints })
}

fn constraint(value: Value) -> Result<DefaultSpread, String> {
    let wire: WireConstraint = serde_json::from_value(value).map_err(|error| error.to_string())?;
    if wire.max_skew <= 0 {
        return Err(format!("maxSkew must be greater than zero, not {}", wire.max_skew));
    }
    if !is_qualified_name(&wire.topology_key) {
        return Err(format!("topologyKey must be the key of a label, not {:?}", wire.topology_key));
    }
    if wire.label_selector.is_some() {
        return Err("labelSelector must be absent, whom to count is deduced".to_owned());
    }
    if wire.match_label_keys.is_some_and(|keys| !keys.is_empty()) {
        return Err("matchLabelKeys must be absent, whom to count is deduced".to_owned());
    }
    if wire.min_domains.is_some_and(|n| n <= 0) {
        return Err("minDomains must be greater than zero".to_owned());
    }
    Ok(DefaultSpread {
        topology_key: wire.topology_key,
        max_skew: wire.max_skew,
        min_domains: wire.min_domains,
        is_hard: is_hard(&wire.when_unsatisfiable)?,
        honors_node_affinity: honors(wire.node_affinity_policy.as_deref(), true)?,
        honors_node_taints: honors(wire.node_taints_policy.as_deref(), false)?,
    })
}

fn is_hard(mode: &str) -> Result<bool, String> {
    match mode {
        "DoNotSchedule" => Ok(true),
        "ScheduleAnyway" => Ok(false),
        other => {
            Err(format!("whenUnsatisfiable must be DoNotSchedule or ScheduleAnyway, not {other:?}"))
        }
    }
}

fn honors(policy: Option<&str>, default: bool) -> Result<bool, String> {
    match policy {
        None => Ok(default),
        Some("Honor") => Ok(true),
        Some("Ignore") => Ok(false),
        Some(other) => Err(format!("a policy must be Honor or Ignore, not {other:?}")),
    }
}
