//! Pods that look at each other: no two that must be apart are together, nobody who must be near others is alone, and
//! pods of one kind lie as evenly as they ask.
//!
//! Judged by the final state, so only what holds at the end whatever the order was: a spread is checked for pods that
//! are equal in everything, since others may legally make it uneven later.

use std::collections::{BTreeMap, BTreeSet};

use super::pod_view::alternatives;
use super::{Finding, Violation};
use crate::api::labels;
use crate::decide::scheduling::input::SchedulingInput;
use crate::decide::scheduling::plan::{PlannedClaim, SchedulingPlan, Target};
use crate::model::ids::PodKey;
use crate::model::label_selector::{LabelClause, LabelSelector};
use crate::model::pod::{Pod, PodShape};
use crate::model::pod_topology::{PodAffinityTerm, SpreadConstraint, WhenUnsatisfiable};
use crate::model::requirement::Requirement;

pub(super) fn check(
    input: &SchedulingInput,
    pods: &BTreeMap<&PodKey, &Pod>,
    plan: &SchedulingPlan,
    findings: &mut Vec<Finding>,
) {
    let placed = placed(input, pods, plan);
    let running = running(input, pods);
    let leaking = leaking(pods);
    let mut found = |pod: &Pod, violation: fn(PodKey) -> Violation| {
        let violation = violation(pod.key.clone());
        findings.push(Finding { about: pod.key.to_string(), violation });
    };
    for one in &placed {
        let others = || placed.iter().chain(&running).filter(|o| o.pod.uid != one.pod.uid);
        let topology = &one.pod.shape.topology;
        for term in &topology.anti_affinity {
            let active = others().filter(|other| other.pod.is_active());
            if active
                .into_iter()
                .any(|o| selects(input, one.pod, term, o.pod) && one.meets(o, term))
            {
                found(one.pod, Violation::PodAntiAffinity);
            }
        }
        for owner in &running {
            let mut terms = owner.pod.shape.topology.anti_affinity.iter();
            if terms.any(|t| selects(input, owner.pod, t, one.pod) && one.meets(owner, t)) {
                found(one.pod, Violation::PodAntiAffinity);
            }
        }
        for term in &topology.affinity {
            if !one.defines(&term.topology_key) || leaking.contains(&*term.topology_key) {
                continue;
            }
            let is_near =
                others().any(|o| selects(input, one.pod, term, o.pod) && one.meets(o, term));
            let begins = selects(input, one.pod, term, one.pod)
                && one.domains(&term.topology_key).len() == 1;
            if !is_near && !begins {
                found(one.pod, Violation::PodAffinity);
            }
        }
        let hard = topology.spread.iter();
        for constraint in hard.filter(|c| c.when_unsatisfiable == WhenUnsatisfiable::DoNotSchedule)
        {
            if !is_even(input, (one, constraint), (&placed, &running)) {
                found(one.pod, Violation::Spread);
            }
        }
    }
}

/// A pod and where it is.
struct Settled<'a> {
    pod: &'a Pod,
    /// Something that only pods of the same node share.
    host: String,
    /// Per label what the node may be.
    labels: BTreeMap<String, BTreeSet<String>>,
    /// Labels the bin has whatever pods ask for.
    own_keys: BTreeSet<String>,
    claim: Option<&'a PlannedClaim>,
}

impl Settled<'_> {
    /// Whether the label is the bin's own. Any other counts as defined once a pod of the plan has excepted values of it
    /// (quirk 32, matched), and pods that came before it are counted nowhere: that is not judged.
    fn defines(&self, key: &str) -> bool {
        key == labels::HOSTNAME || self.own_keys.contains(key)
    }

    fn domains(&self, key: &str) -> BTreeSet<String> {
        if key == labels::HOSTNAME {
            return BTreeSet::from([self.host.clone()]);
        }
        self.labels.get(key).cloned().unwrap_or_default()
    }

    /// Whether both may be in one domain of a label that both bins define.
    fn meets(&self, other: &Self, term: &PodAffinityTerm) -> bool {
        let key = &term.topology_key;
        self.defines(key)
            && other.defines(key)
            && !self.domains(&term.topology_key).is_disjoint(&other.domains(&term.topology_key))
    }
}

/// Labels of which a pod excepts values. A bin without the label counts as having it once such a pod is there, even an
/// existing node (quirk 32, matched), so that a pod may follow another into a domain that the node never gets.
fn leaking<'a>(pods: &BTreeMap<&PodKey, &'a Pod>) -> BTreeSet<&'a str> {
    let shapes = pods.values().map(|pod| &pod.shape);
    let terms = shapes.flat_map(|shape| {
        let preferred = shape.preferred_node_affinity.iter().map(|preferred| &preferred.term);
        shape.required_node_affinity.iter().chain(preferred)
    });
    let expressions = terms.flat_map(|term| &term.expressions);
    let excepting = expressions.filter(|expression| &*expression.operator == "NotIn");
    excepting.map(|expression| &*expression.key).filter(|key| *key != labels::HOSTNAME).collect()
}

/// Pods the plan has a place for.
fn placed<'a>(
    input: &'a SchedulingInput,
    pods: &BTreeMap<&PodKey, &'a Pod>,
    plan: &'a SchedulingPlan,
) -> Vec<Settled<'a>> {
    let mut placed = vec![];
    for claim in &plan.claims {
        let listed = claim.requirements.iter().filter(|one| !one.complement());
        let labels: BTreeMap<_, _> =
            listed.map(|one| (one.key().to_string(), values(one))).collect();
        let own_keys = own_keys(input, claim);
        for pod in claim.pods.iter().filter_map(|key| pods.get(key)) {
            let host = format!("nodeclaim/{}", claim.name);
            let (labels, own_keys) = (labels.clone(), own_keys.clone());
            placed.push(Settled { pod, host, labels, own_keys, claim: Some(claim) });
        }
    }
    for placement in &plan.placements {
        let is_target = |target: &Target| match target {
            Target::Node(name) => name.as_str().to_owned(),
            Target::Claim(name) => name.as_str().to_owned(),
        };
        let name = is_target(&placement.target);
        let Some(node) = input.nodes.iter().find(|node| node.name() == name) else { continue };
        let labels = node.labels().iter();
        let labels: BTreeMap<_, _> = labels
            .map(|(key, value)| (key.to_string(), BTreeSet::from([value.to_string()])))
            .collect();
        for pod in placement.pods.iter().filter_map(|key| pods.get(key)) {
            let host = node.hostname().to_owned();
            let own_keys = labels.keys().cloned().collect();
            placed.push(Settled { pod, host, labels: labels.clone(), own_keys, claim: None });
        }
    }
    placed
}

/// Labels that the pool of the claim defines, or that an instance type defines and everybody knows: a custom label that
/// only types have is unknown while pods are placed (quirk 32, matched).
fn own_keys(input: &SchedulingInput, claim: &PlannedClaim) -> BTreeSet<String> {
    let supply = input.pools.iter().find(|supply| supply.pool.name == claim.pool);
    let Some(supply) = supply else { return BTreeSet::new() };
    let template = &supply.pool.template;
    let types = claim.instance_types.iter().filter_map(|name| supply.catalog.get(name.as_str()));
    let by_types = types.flat_map(|it| it.requirements.keys());
    let by_types = by_types.filter(|key| input.well_known.contains(key.as_ref()));
    let by_pool = template.requirements.keys();
    let labels = template.labels.keys().map(ToString::to_string);
    let pool = [labels::NODEPOOL.to_owned()];
    by_types.chain(by_pool).map(ToString::to_string).chain(labels).chain(pool).collect()
}

/// Pods that run on a known node and stay there.
fn running<'a>(input: &'a SchedulingInput, pods: &BTreeMap<&PodKey, &'a Pod>) -> Vec<Settled<'a>> {
    let states = input.nodes.iter().chain(&input.leaving);
    let mut running = vec![];
    for (node, state) in states.filter_map(|state| Some((state.node.as_ref()?, state))) {
        let labels: BTreeMap<_, _> = node
            .labels
            .iter()
            .map(|(key, value)| (key.to_string(), BTreeSet::from([value.to_string()])))
            .collect();
        let host = node.label(labels::HOSTNAME).unwrap_or(node.name.as_str());
        for pod in state.usage.pods.values().filter(|pod| !pods.contains_key(&pod.key)) {
            let (host, labels) = (host.to_owned(), labels.clone());
            let own_keys = labels.keys().cloned().collect();
            running.push(Settled { pod, host, labels, own_keys, claim: None });
        }
    }
    running
}

fn values(requirement: &Requirement) -> BTreeSet<String> {
    requirement.values().iter().map(ToString::to_string).collect()
}

/// Whether `term` of `owner` selects `other`.
fn selects(input: &SchedulingInput, owner: &Pod, term: &PodAffinityTerm, other: &Pod) -> bool {
    let namespace = &other.key.namespace;
    let is_selected = |selector: &LabelSelector| {
        let mut all = input.namespaces.iter();
        all.any(|one| one.name == *namespace && selector.matches(&one.labels))
    };
    let is_in_namespace = term.namespaces.contains(namespace)
        || term.namespace_selector.as_ref().is_some_and(is_selected)
        || (term.namespaces.is_empty()
            && term.namespace_selector.is_none()
            && owner.key.namespace == *namespace);
    let own = |key| owner.shape.labels.get(key);
    let theirs = |key| other.shape.labels.get(key);
    let agrees = |key| own(key).is_none() || own(key) == theirs(key);
    let differs = |key| own(key).is_none() || own(key) != theirs(key);
    is_in_namespace
        && term.selector.as_ref().is_some_and(|selector| selector.matches(&other.shape.labels))
        && term.match_label_keys.iter().all(agrees)
        && term.mismatch_label_keys.iter().all(differs)
}

/// Whether the domain of a pod exceeds the emptiest by no more than the constraint allows.
fn is_even(
    input: &SchedulingInput,
    (one, constraint): (&Settled<'_>, &SpreadConstraint),
    (placed, running): (&[Settled<'_>], &[Settled<'_>]),
) -> bool {
    let Some(selector) = counted(constraint, &one.pod.shape) else { return true };
    let is_counted = |other: &&Settled<'_>| {
        other.pod.key.namespace == one.pod.key.namespace
            && selector.matches(&other.pod.shape.labels)
    };
    let key = &*constraint.topology_key;
    let counted: Vec<&Settled<'_>> = placed.iter().filter(is_counted).collect();
    let are_alike = counted.iter().all(|other| other.pod.shape == one.pod.shape)
        && one.pod.shape.required_node_affinity.len() < 2;
    let own = one.domains(key);
    if !are_alike || !is_counted(&one) || own.len() != 1 {
        return true;
    }
    let here = |among: &[&Settled<'_>], domain: &BTreeSet<String>| {
        i64::try_from(among.iter().filter(|other| other.domains(key) == *domain).count())
            .unwrap_or(i64::MAX)
    };
    let skew = i64::from(constraint.max_skew);
    if key == labels::HOSTNAME {
        return here(&counted, &own) <= skew;
    }
    let running: Vec<&Settled<'_>> = running.iter().filter(is_counted).collect();
    let least = eligible(input, one, key)
        .into_iter()
        .map(|domain| BTreeSet::from([domain]))
        .map(|domain| here(&counted, &domain) + here(&running, &domain))
        .min();
    here(&counted, &own) - least.unwrap_or(i64::MAX) <= skew
}

/// The pods a constraint counts.
fn counted(constraint: &SpreadConstraint, shape: &PodShape) -> Option<LabelSelector> {
    let mut selector = constraint.selector.clone()?;
    for key in &constraint.match_label_keys {
        if let Some(value) = shape.labels.get(key) {
            let clause = LabelClause::In(key.clone(), BTreeSet::from([value.clone()]));
            selector.match_expressions.push(clause);
        }
    }
    Some(selector)
}

/// Domains that new nodes of the pod's own pool surely have and the pod itself allows.
fn eligible(input: &SchedulingInput, one: &Settled<'_>, key: &str) -> BTreeSet<String> {
    let mut domains = one.domains(key);
    let Some(claim) = one.claim else { return domains };
    let Some(supply) = input.pools.iter().find(|supply| supply.pool.name == claim.pool) else {
        return domains;
    };
    let asked = alternatives(&one.pod.shape, input);
    let own = supply.pool.template.requirements.get(key);
    let listed = claim.instance_types.iter();
    let listed = listed.filter_map(|name| supply.catalog.get(name.as_str())?.requirements.get(key));
    let offered = listed.filter(|listed| !listed.complement()).flat_map(values);
    domains.extend(offered.filter(|value| {
        own.is_none_or(|own| own.contains(value))
            && asked.iter().all(|set| set.get(key).is_none_or(|asked| asked.contains(value)))
    }));
    domains
}
