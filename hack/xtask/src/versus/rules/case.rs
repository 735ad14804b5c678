//! A difference as rules look at it, and what they ask of objects.

use std::collections::{BTreeMap, BTreeSet};

use karpenter_core::api::labels;
use serde_json::Value;

use crate::versus::outcome::{Difference, Outcome};

/// A difference, the objects that it needs, and what both sides make of them.
pub(crate) struct Case<'a> {
    /// How our plan differs.
    pub(crate) kind: Difference,
    /// The objects.
    pub(crate) objects: &'a [Value],
    /// Our plan.
    pub(crate) ours: &'a Outcome,
    /// Upstream's, one per run.
    pub(crate) theirs: &'a [Outcome],
}

impl Case<'_> {
    /// Objects of `kind`.
    pub(super) fn of_kind(&self, kind: &str) -> impl Iterator<Item = &Value> {
        self.objects.iter().filter(move |object| object["kind"] == kind)
    }

    /// NodePools.
    pub(super) fn pools(&self) -> impl Iterator<Item = &Value> {
        self.of_kind("NodePool")
    }

    /// Nodes, and NodeClaims: either stands for a machine.
    pub(super) fn nodes(&self) -> impl Iterator<Item = &Value> {
        self.of_kind("Node").chain(self.of_kind("NodeClaim"))
    }

    /// Pods, bound ones included.
    pub(super) fn pods(&self) -> impl Iterator<Item = &Value> {
        self.of_kind("Pod")
    }

    /// Pods without a node.
    pub(super) fn waiting(&self) -> impl Iterator<Item = &Value> {
        self.pods().filter(|pod| pod["spec"]["nodeName"].is_null())
    }

    /// Labels that waiting pods are placed by.
    pub(super) fn all_topology_keys(&self) -> impl Iterator<Item = String> {
        self.waiting().flat_map(all_topology_keys)
    }

    /// Whether upstream, in one of its runs, leaves a pod that we place.
    pub(super) fn upstream_leaves_more(&self) -> bool {
        self.theirs.iter().any(|plan| !plan.left().is_subset(&self.ours.left()))
    }
}

/// The items of a list; of anything else none.
pub(super) fn items(value: &Value) -> std::slice::Iter<'_, Value> {
    value.as_array().map(Vec::as_slice).unwrap_or_default().iter()
}

/// Whether the requirements of `pool` exclude `value` of the label `key`.
pub(super) fn forbids(pool: &Value, key: &str, value: &Value) -> bool {
    let mut asked = items(&pool["spec"]["template"]["spec"]["requirements"]);
    asked.any(|asked| {
        let is_listed = items(&asked["values"]).any(|listed| listed == value);
        asked["key"] == key
            && ((asked["operator"] == "In") != is_listed)
            && matches!(asked["operator"].as_str(), Some("In" | "NotIn"))
    })
}

/// Whether nodes of `pool` have taints.
pub(super) fn is_tainted(pool: &Value) -> bool {
    items(&pool["spec"]["template"]["spec"]["taints"]).next().is_some()
}

/// The name under which placements know a Node or a NodeClaim.
pub(super) fn node_name(object: &Value) -> &str {
    object["metadata"]["name"].as_str().unwrap_or_default()
}

pub(super) fn is_hostname(key: &str) -> bool {
    key == labels::HOSTNAME
}

pub(super) fn is_zone(key: &str) -> bool {
    key == labels::ZONE
}

/// Whether instance types define the label `key`.
pub(super) fn is_of_instance_types(key: &str) -> bool {
    is_zone(key) || is_hostname(key) || key == labels::CAPACITY_TYPE || key == labels::ARCH
}

/// Labels that `pod` is spread over.
pub(super) fn spread_keys(pod: &Value) -> impl Iterator<Item = String> {
    let constraints = items(&pod["spec"]["topologySpreadConstraints"]);
    constraints.filter_map(|constraint| constraint["topologyKey"].as_str().map(str::to_owned))
}

/// Labels of the terms of `kind`, which is `podAffinity` or `podAntiAffinity`, preferred ones included.
pub(super) fn topology_keys(pod: &Value, kind: &str) -> impl Iterator<Item = String> {
    let terms = &pod["spec"]["affinity"][kind];
    let required = items(&terms["requiredDuringSchedulingIgnoredDuringExecution"]);
    let preferred = items(&terms["preferredDuringSchedulingIgnoredDuringExecution"]);
    let all = required.chain(preferred.map(|weighted| &weighted["podAffinityTerm"]));
    all.filter_map(|term| term["topologyKey"].as_str().map(str::to_owned))
}

/// Labels that other pods decide `pod`'s place by.
pub(super) fn all_topology_keys(pod: &Value) -> impl Iterator<Item = String> {
    spread_keys(pod)
        .chain(topology_keys(pod, "podAffinity"))
        .chain(topology_keys(pod, "podAntiAffinity"))
}

/// Terms of the required node affinity of a pod or a template.
fn terms(pod: &Value) -> std::slice::Iter<'_, Value> {
    let node = &pod["spec"]["affinity"]["nodeAffinity"];
    items(&node["requiredDuringSchedulingIgnoredDuringExecution"]["nodeSelectorTerms"])
}

/// How many alternatives the required node affinity of a pod or a template has.
pub(super) fn n_terms(pod: &Value) -> usize {
    terms(pod).len()
}

/// Whether `pod` has a preference or an alternative.
pub(super) fn can_give_in(pod: &Value) -> bool {
    let is_preferred = |kind: &str| {
        let preferred =
            &pod["spec"]["affinity"][kind]["preferredDuringSchedulingIgnoredDuringExecution"];
        items(preferred).next().is_some()
    };
    let mut spreads = items(&pod["spec"]["topologySpreadConstraints"]);
    n_terms(pod) > 1
        || ["nodeAffinity", "podAffinity", "podAntiAffinity"].into_iter().any(is_preferred)
        || spreads.any(|constraint| constraint["whenUnsatisfiable"] == "ScheduleAnyway")
}

/// Whether the node selector of `pod`, one alternative and one preference exclude each other on a label that none of
/// them wants to be absent.
pub(super) fn contradicts_itself(pod: &Value) -> bool {
    let mut required: Vec<&Value> = terms(pod).collect();
    let node = &pod["spec"]["affinity"]["nodeAffinity"];
    let mut preferred: Vec<&Value> =
        items(&node["preferredDuringSchedulingIgnoredDuringExecution"])
            .map(|weighted| &weighted["preference"])
            .collect();
    required.push(&Value::Null);
    preferred.push(&Value::Null);
    required.iter().any(|term| preferred.iter().any(|wish| exclude(pod, &[*term, *wish])))
}

/// Whether the node selector of `pod` and all of `terms` leave no value of a label.
fn exclude(pod: &Value, terms: &[&Value]) -> bool {
    let mut allowed: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut excluded: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let selector = pod["spec"]["nodeSelector"].as_object();
    for (key, value) in selector.into_iter().flatten() {
        allowed.insert(key, value.as_str().into_iter().collect());
    }
    for expression in terms.iter().flat_map(|term| items(&term["matchExpressions"])) {
        let key = expression["key"].as_str().unwrap_or_default();
        let values: BTreeSet<&str> =
            items(&expression["values"]).filter_map(Value::as_str).collect();
        match expression["operator"].as_str() {
            Some("In") => {
                let known = allowed.entry(key).or_insert_with(|| values.clone());
                known.retain(|value| values.contains(value));
            }
            Some("NotIn") => excluded.entry(key).or_default().extend(values),
            _ => {}
        }
    }
    let nothing = BTreeSet::new();
    allowed.iter().any(|(key, values)| values.is_subset(excluded.get(key).unwrap_or(&nothing)))
}
