//! Topology written down naively: every term counts for itself, from the list of all placements, each time it is asked.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::reference::alternatives;
use super::reference_volumes::places;
use crate::api::labels;
use crate::decide::scheduling::input::{PoolSupply, SchedulingInput};
use crate::model::instance_type::InstanceType;
use crate::model::label_selector::{LabelClause, LabelSelector};
use crate::model::node::Node;
use crate::model::pod::{Pod, PodShape};
use crate::model::pod_topology::{
    NodeInclusion, PodAffinityTerm, SpreadConstraint, WhenUnsatisfiable,
};
use crate::model::requirement::Requirement;
use crate::model::requirements::{AllowUndefined, Requirements};
use crate::model::taints::{Taint, Toleration, tolerates};

/// A pod that was given a place, with what its bin was then.
pub(super) struct Placed {
    pub(super) pod: Arc<Pod>,
    pub(super) host: String,
    pub(super) bin: Requirements,
    pub(super) taints: Vec<Taint>,
}

/// What terms are judged by.
pub(super) struct Surroundings<'s> {
    pub(super) input: &'s SchedulingInput,
    pub(super) pools: &'s [(&'s PoolSupply, Requirements, Vec<Arc<InstanceType>>)],
    pub(super) placed: &'s [Placed],
}

/// A bin that is asked to take a pod.
pub(super) struct Bin<'b> {
    pub(super) host: String,
    pub(super) requirements: &'b Requirements,
    pub(super) is_claim: bool,
    pub(super) is_wide: bool,
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Spread,
    Near,
    Apart,
    /// Asked from the side of the selected pod.
    KeptAway,
}

/// One term of one pod.
struct Term {
    kind: Kind,
    key: String,
    namespaces: BTreeSet<String>,
    selector: Option<LabelSelector>,
    skew: i64,
    min_domains: Option<i64>,
    by_labels: Option<Vec<Requirements>>,
    by_taints: Option<Vec<Toleration>>,
    /// Tolerations that decide which pools' domains count; `None` for all.
    reach: Option<Vec<Toleration>>,
}

impl Term {
    fn selects(&self, pod: &Pod) -> bool {
        self.namespaces.contains(pod.key.namespace.as_str())
            && self.selector.as_ref().is_some_and(|selector| selector.matches(&pod.shape.labels))
    }

    fn counts_at(&self, taints: &[Taint], labels: &Requirements) -> bool {
        self.by_labels.as_ref().is_none_or(|sets| {
            sets.iter().any(|set| labels.is_compatible(set, AllowUndefined::Nothing))
        }) && self.by_taints.as_ref().is_none_or(|own| tolerates(own, taints).is_ok())
    }
}

/// Gives up the next thing that has to do with other pods before node preferences; false if there is none.
pub(super) fn give_up_pod_preference(shape: &mut PodShape) -> bool {
    let topology = &mut shape.topology;
    for list in [&mut topology.preferred_affinity, &mut topology.preferred_anti_affinity] {
        if let Some(most) = list.iter().map(|term| term.weight).max() {
            let first = list.iter().position(|term| term.weight == most).unwrap();
            list.remove(first);
            return true;
        }
    }
    false
}

/// Gives up the first spread constraint that need not hold; false if there is none.
pub(super) fn give_up_spread(shape: &mut PodShape) -> bool {
    let spread = &mut shape.topology.spread;
    let soft =
        spread.iter().position(|c| c.when_unsatisfiable == WhenUnsatisfiable::ScheduleAnyway);
    let Some(at) = soft else { return false };
    let last = spread.pop().unwrap();
    if at < spread.len() {
        spread[at] = last;
    }
    true
}

/// Forgets everything about other pods that is only a wish.
pub(super) fn ignore_wishes(shape: &mut PodShape) {
    shape.topology.preferred_affinity.clear();
    shape.topology.preferred_anti_affinity.clear();
    shape.topology.spread.retain(|c| c.when_unsatisfiable == WhenUnsatisfiable::DoNotSchedule);
}

impl Surroundings<'_> {
    /// The requirements the bin may end up with, in the order they are tried.
    pub(super) fn choices(
        &self,
        pod: &Pod,
        shape: &PodShape,
        strict: &Requirements,
        bin: &Bin<'_>,
    ) -> Vec<Requirements> {
        let mut lists: Vec<(String, Vec<Vec<String>>)> = vec![];
        let own = self.own_terms(pod, shape);
        for term in own.iter().chain(&self.foreign_terms(pod)) {
            let allowed = |set: &Requirements, value: &str| {
                set.get(&term.key).is_none_or(|requirement| requirement.contains(value))
            };
            let counts = self.counts(term);
            let own = i64::from(term.selects(pod));
            if term.key == labels::HOSTNAME {
                let here = counts.get(&bin.host).copied().unwrap_or(0);
                let somewhere =
                    counts.iter().any(|(host, count)| *count > 0 && allowed(strict, host));
                let holds = match term.kind {
                    Kind::Spread => here + own <= term.skew,
                    Kind::Apart | Kind::KeptAway => here == 0,
                    Kind::Near => here > 0 || (own == 1 && !somewhere),
                };
                if !holds {
                    return vec![];
                }
                continue;
            }
            let requirement = bin.requirements.get(&term.key);
            let is_lacking = match requirement {
                None => !bin.is_claim || !self.input.well_known.contains(&term.key),
                Some(r) if bin.is_claim => !r.complement() && r.values().is_empty(),
                Some(r) => r.complement() || r.values().is_empty(),
            };
            if matches!(term.kind, Kind::Apart | Kind::KeptAway) && is_lacking {
                continue;
            }
            let eligible: Vec<(&String, i64)> = counts
                .iter()
                .filter(|(domain, _)| allowed(strict, domain))
                .map(|(domain, count)| (domain, *count))
                .collect();
            let within: Vec<(&String, i64)> = counts
                .iter()
                .filter(|(domain, _)| allowed(bin.requirements, domain))
                .map(|(domain, count)| (domain, *count))
                .collect();
            let both: Vec<(&String, i64)> =
                within.iter().filter(|(domain, _)| allowed(strict, domain)).copied().collect();
            let options: Vec<Vec<String>> = match term.kind {
                Kind::Spread => {
                    let mut least =
                        eligible.iter().map(|e| e.1).min().unwrap_or(i64::from(i32::MAX));
                    let n_eligible = i64::try_from(eligible.len()).unwrap();
                    if term.min_domains.is_some_and(|min| n_eligible < min) {
                        least = 0;
                    }
                    let mut valid: Vec<(i64, &String)> = within
                        .iter()
                        .filter(|(_, count)| count + own - least <= term.skew)
                        .map(|(domain, count)| (*count, *domain))
                        .collect();
                    valid.sort();
                    let first = valid.first().map(|valid| valid.0);
                    valid.retain(|(count, _)| bin.is_wide || Some(*count) == first);
                    valid.into_iter().map(|(_, domain)| vec![domain.clone()]).collect()
                }
                Kind::Near => {
                    let used: Vec<String> = both
                        .iter()
                        .filter(|(_, count)| *count > 0)
                        .map(|(domain, _)| (*domain).clone())
                        .collect();
                    if !used.is_empty() {
                        vec![used]
                    } else if own == 1 && eligible.iter().all(|(_, count)| *count == 0) {
                        both.iter().map(|(domain, _)| vec![(*domain).clone()]).collect()
                    } else {
                        vec![]
                    }
                }
                Kind::Apart | Kind::KeptAway => {
                    let empty: Vec<String> = both
                        .iter()
                        .filter(|(_, count)| *count == 0)
                        .map(|(domain, _)| (*domain).clone())
                        .collect();
                    if empty.is_empty() { vec![] } else { vec![empty] }
                }
            };
            if options.is_empty() {
                return vec![];
            }
            lists.push((term.key.clone(), options));
        }
        self.combined(&lists, bin)
    }

    fn combined(&self, lists: &[(String, Vec<Vec<String>>)], bin: &Bin<'_>) -> Vec<Requirements> {
        let mut combinations: Vec<Vec<(&str, &Vec<String>)>> = vec![vec![]];
        for (key, options) in lists {
            combinations = combinations
                .into_iter()
                .flat_map(|begun| {
                    options.iter().map(move |option| {
                        let mut begun = begun.clone();
                        begun.push((key.as_str(), option));
                        begun
                    })
                })
                .collect();
        }
        combinations.truncate(32);
        let allow = match bin.is_claim {
            true => AllowUndefined::WellKnown(&self.input.well_known),
            false => AllowUndefined::Nothing,
        };
        combinations
            .into_iter()
            .filter_map(|combination| {
                let mut asked = Requirements::new();
                for (key, values) in combination {
                    let values = values.iter().map(String::as_str);
                    asked.add(Requirement::in_values(key, values));
                }
                let is_empty = asked.iter().any(|one| one.values().is_empty());
                (!is_empty && bin.requirements.is_compatible(&asked, allow))
                    .then(|| bin.requirements.intersect(&asked))
            })
            .collect()
    }

    fn own_terms(&self, pod: &Pod, shape: &PodShape) -> Vec<Term> {
        let topology = &shape.topology;
        let heaviest_first = |list: &[crate::model::pod_topology::WeightedPodAffinityTerm]| {
            let mut list = list.to_vec();
            list.sort_by_key(|term| -term.weight);
            list.into_iter().map(|weighted| weighted.term).collect::<Vec<_>>()
        };
        let spread = topology.spread.iter().map(|c| self.spread(pod, shape, c));
        let near = topology.affinity.iter().cloned();
        let near = near.chain(heaviest_first(&topology.preferred_affinity));
        let apart = topology.anti_affinity.iter().cloned();
        let apart = apart.chain(heaviest_first(&topology.preferred_anti_affinity));
        let near = near.map(|term| self.term(Kind::Near, pod, shape, &term));
        let apart = apart.map(|term| self.term(Kind::Apart, pod, shape, &term));
        spread.chain(near).chain(apart).collect()
    }

    /// Required anti-affinity of all others, as far as it selects the pod.
    fn foreign_terms(&self, pod: &Pod) -> Vec<Term> {
        let scheduled = self.input.pods.iter().chain(&self.input.virtual_pods);
        let scheduled = scheduled.chain(&self.input.reschedule).chain(&self.input.displaced);
        let scheduled = scheduled.filter(|other| {
            other.shape.unsupported.is_empty() && places(self.input, other).is_some()
        });
        let bound = self.bound().map(|(_, other)| other);
        scheduled
            .map(|other| &**other)
            .chain(bound)
            .flat_map(|other| {
                let terms = other.shape.topology.anti_affinity.iter();
                terms.map(|term| self.term(Kind::KeptAway, other, &other.shape, term))
            })
            .filter(|term| term.selects(pod))
            .collect()
    }

    fn spread(&self, pod: &Pod, shape: &PodShape, constraint: &SpreadConstraint) -> Term {
        let honors_taints = constraint.node_taints_policy == NodeInclusion::Honor;
        let tolerations = honors_taints.then(|| shape.tolerations.clone());
        Term {
            kind: Kind::Spread,
            key: constraint.topology_key.to_string(),
            namespaces: BTreeSet::from([pod.key.namespace.to_string()]),
            selector: constraint.selector.as_ref().map(|own| {
                let mut own = own.clone();
                for key in &constraint.match_label_keys {
                    if let Some(value) = pod.shape.labels.get(key) {
                        let values = BTreeSet::from([value.clone()]);
                        own.match_expressions.push(LabelClause::In(key.clone(), values));
                    }
                }
                own
            }),
            skew: i64::from(constraint.max_skew),
            min_domains: constraint.min_domains.map(i64::from),
            by_labels: (constraint.node_affinity_policy == NodeInclusion::Honor)
                .then(|| alternatives(shape, self.input)),
            by_taints: tolerations.clone(),
            reach: tolerations,
        }
    }

    fn term(&self, kind: Kind, pod: &Pod, shape: &PodShape, term: &PodAffinityTerm) -> Term {
        let mut namespaces: BTreeSet<String> =
            term.namespaces.iter().map(ToString::to_string).collect();
        match &term.namespace_selector {
            Some(selector) => {
                let all = self.input.namespaces.iter();
                let selected = all.filter(|namespace| selector.matches(&namespace.labels));
                namespaces.extend(selected.map(|namespace| namespace.name.to_string()));
            }
            None if namespaces.is_empty() => {
                namespaces.insert(pod.key.namespace.to_string());
            }
            None => {}
        }
        Term {
            kind,
            key: term.topology_key.to_string(),
            namespaces,
            selector: term.selector.clone(),
            skew: 0,
            min_domains: None,
            by_labels: None,
            by_taints: None,
            reach: Some(shape.tolerations.clone()),
        }
    }

    /// Pods per domain as one term sees them; a domain without pods is there with zero.
    fn counts(&self, term: &Term) -> BTreeMap<String, i64> {
        let mut counts: BTreeMap<String, i64> = BTreeMap::new();
        if term.key != labels::HOSTNAME {
            self.know_domains(term, &mut counts);
        }
        // Who counts: owners of the same term for those it keeps away, else the selected ones.
        let is_counted = |pod: &Pod| match term.kind {
            Kind::KeptAway => pod.shape.topology.anti_affinity.iter().any(|own| {
                let own = self.term(Kind::KeptAway, pod, &pod.shape, own);
                (&own.key, &own.namespaces, &own.selector, &own.reach)
                    == (&term.key, &term.namespaces, &term.selector, &term.reach)
            }),
            Kind::Spread | Kind::Near | Kind::Apart => term.selects(pod),
        };
        for (node, pod) in self.bound() {
            let is_ending = term.kind != Kind::KeptAway && !pod.is_active();
            let labels = labels_of(node, self.input);
            if is_ending || !is_counted(pod) || !term.counts_at(&node.taints, &labels) {
                continue;
            }
            let value = labels.get(&term.key).map(|label| label.values()[0].to_string());
            let host = (term.key == labels::HOSTNAME).then(|| node.name.to_string());
            if let Some(domain) = value.or(host) {
                *counts.entry(domain).or_default() += 1;
            }
        }
        for placed in self.placed {
            if !is_counted(&placed.pod) || !term.counts_at(&placed.taints, &placed.bin) {
                continue;
            }
            if term.key == labels::HOSTNAME {
                *counts.entry(placed.host.clone()).or_default() += 1;
                continue;
            }
            let Some(requirement) = placed.bin.get(&term.key) else { continue };
            let repels = matches!(term.kind, Kind::Apart | Kind::KeptAway);
            if requirement.complement() || !(repels || requirement.values().len() == 1) {
                continue;
            }
            for value in requirement.values() {
                *counts.entry(value.to_string()).or_default() += 1;
            }
        }
        counts
    }

    fn know_domains(&self, term: &Term, counts: &mut BTreeMap<String, i64>) {
        for (supply, requirements, types) in self.pools {
            let taints = &supply.pool.template.taints;
            if term.reach.as_ref().is_some_and(|own| tolerates(own, taints).is_err()) {
                continue;
            }
            let own = requirements.get(&term.key);
            let offered = types.iter().filter_map(|it| it.requirements.get(&term.key));
            for listed in offered.chain(own).filter(|listed| !listed.complement()) {
                for value in listed.values() {
                    if own.is_none_or(|own| own.contains(value)) {
                        counts.entry(value.to_string()).or_default();
                    }
                }
            }
        }
        for state in &self.input.nodes {
            let labels = match (&state.node, term.kind) {
                (_, Kind::KeptAway) => {
                    let own = state.labels().iter().map(|(key, value)| (&**key, &**value));
                    Requirements::from_labels(own, &self.input.normalization)
                }
                (Some(node), _) => {
                    let labels = labels_of(node, self.input);
                    if !term.counts_at(&node.taints, &labels) {
                        continue;
                    }
                    labels
                }
                (None, _) => continue,
            };
            if let Some(label) = labels.get(&term.key) {
                counts.entry(label.values()[0].to_string()).or_default();
            }
        }
    }

    /// Pods that run and are not being planned for, with their nodes.
    fn bound(&self) -> impl Iterator<Item = (&Node, &Pod)> {
        let moving = self.input.reschedule.iter().chain(&self.input.displaced);
        let planned: BTreeSet<_> =
            self.input.pods.iter().chain(moving).map(|pod| &pod.uid).collect();
        let states = self.input.nodes.iter().chain(&self.input.leaving);
        states.filter_map(|state| Some((&**state.node.as_ref()?, state))).flat_map(
            move |(node, state)| {
                let planned = planned.clone();
                let pods = state.usage.pods.values();
                let pods = pods.filter(move |pod| !planned.contains(&pod.uid));
                pods.filter(|pod| !pod.is_terminal()).map(move |pod| (node, &**pod))
            },
        )
    }
}

fn labels_of(node: &Node, input: &SchedulingInput) -> Requirements {
    let own = node.labels.iter().map(|(key, value)| (&**key, &**value));
    Requirements::from_labels(own, &input.normalization)
}
