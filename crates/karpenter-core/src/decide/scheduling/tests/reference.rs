//! The same decision written down naively: no index, no classes, no memory; every pod is tried against every bin.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::reference_topology::{
    Bin, Placed, Surroundings, give_up_pod_preference, give_up_spread, ignore_wishes,
};
use super::reference_volumes::{exceeds, places};
use crate::api::labels;
use crate::decide::scheduling::input::{PoolSupply, Purpose, SchedulingInput};
use crate::model::instance_type::InstanceType;
use crate::model::pod::{HostPort, NodeSelectorTerm, Pod, PodPhase, PodShape};
use crate::model::price::Price;
use crate::model::quantity::Quantity;
use crate::model::requirement::{Operator, Requirement};
use crate::model::requirements::{AllowUndefined, Requirements};
use crate::model::resources::{ResourceName, Resources};
use crate::model::taints::{Taint, TaintEffect, Toleration, TolerationOperator, tolerates};
use crate::options::{MinValuesPolicy, PreferencePolicy};
use crate::state::StateNode;

mod bins;
mod reservations;
mod rules;

pub(super) use rules::{alternatives, contradicts};
use rules::{asked, falls_short, is_below_zero, patient};

/// Pool, pods, instance types by price, reservations.
pub(super) type PlainClaim = (String, Vec<String>, Vec<String>, Vec<String>);

/// Where everything went, in plain texts.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Outcome {
    /// Pods by existing node, in the order placed.
    pub(super) nodes: BTreeMap<String, Vec<String>>,
    /// Claims in the order opened.
    pub(super) claims: Vec<PlainClaim>,
    /// Pods without a place, sorted; those left to a later plan say so.
    pub(super) left: Vec<String>,
}

/// Label by which the random clusters tell reservations apart.
pub(super) const RESERVATION: &str = "example.com/reservation";

struct Claim<'a> {
    rank: usize,
    supply: &'a PoolSupply,
    requirements: Requirements,
    types: Vec<Arc<InstanceType>>,
    requests: Resources,
    ports: Vec<HostPort>,
    pods: Vec<Arc<Pod>>,
    held: BTreeSet<String>,
}

/// What a claim becomes with a pod.
struct Filled {
    requirements: Requirements,
    types: Vec<Arc<InstanceType>>,
    held: BTreeSet<String>,
}

/// Why a claim cannot take a pod.
#[derive(PartialEq)]
enum Unfilled {
    /// Others hold the reservations it could use.
    Reserved,
    /// Anything else.
    Unfit,
}

struct Existing<'a> {
    state: &'a StateNode,
    requirements: Requirements,
    remaining: Resources,
    ports: Vec<HostPort>,
    pods: Vec<Arc<Pod>>,
}

struct Reference<'a> {
    input: &'a SchedulingInput,
    pools: Vec<(&'a PoolSupply, Requirements, Vec<Arc<InstanceType>>)>,
    remaining: BTreeMap<String, Resources>,
    nodes: Vec<Existing<'a>>,
    claims: Vec<Claim<'a>>,
    placed: Vec<Placed>,
    /// Pods whose last attempt ended with reserved capacity that others hold.
    deferred: BTreeSet<String>,
}

pub(super) fn solve(input: &SchedulingInput) -> Outcome {
    let mut reference = Reference::new(input);
    let moving = input.reschedule.iter().chain(&input.displaced);
    let pods: Vec<Arc<Pod>> = input.pods.iter().chain(moving).cloned().collect();
    let mut left: Vec<String> = vec![];
    if reference.pools.is_empty() && !input.pools.iter().any(|s| s.pool.is_dynamic_and_usable()) {
        left.extend(pods.iter().chain(&input.virtual_pods).map(|pod| pod.key.to_string()));
        left.sort();
        return Outcome { left, ..Outcome::default() };
    }
    for pods in [pods, input.virtual_pods.clone()] {
        reference.place_all(pods, &mut left);
    }
    left.sort();
    reference.outcome(left)
}

impl<'a> Reference<'a> {
    fn new(input: &'a SchedulingInput) -> Self {
        let mut supplies: Vec<&PoolSupply> =
            input.pools.iter().filter(|supply| supply.pool.is_dynamic_and_usable()).collect();
        supplies.sort_by(|a, b| {
            b.pool.weight.cmp(&a.pool.weight).then_with(|| b.pool.name.cmp(&a.pool.name))
        });
        let mut reference = Self {
            input,
            pools: vec![],
            remaining: BTreeMap::new(),
            nodes: vec![],
            claims: vec![],
            placed: vec![],
            deferred: BTreeSet::new(),
        };
        for supply in supplies {
            reference.add_pool(supply);
        }
        let mut states: Vec<&StateNode> = input.nodes.iter().collect();
        states.sort_by_key(|node| (!node.is_initialized(), node.name()));
        reference.nodes = states.into_iter().map(|state| reference.existing(state)).collect();
        reference
    }

    /// Places what can be placed.
    fn place_all(&mut self, pods: Vec<Arc<Pod>>, left: &mut Vec<String>) {
        let (mut queue, refused): (Vec<_>, Vec<_>) = pods
            .into_iter()
            .partition(|pod| pod.shape.unsupported.is_empty() && places(self.input, pod).is_some());
        left.extend(refused.iter().map(|pod| pod.key.to_string()));
        queue.sort_by(|a, b| {
            let amount = |pod: &Pod, name| pod.requests.get_or_zero(name);
            amount(b, "cpu")
                .cmp(&amount(a, "cpu"))
                .then_with(|| amount(b, "memory").cmp(&amount(a, "memory")))
                .then_with(|| a.created.cmp(&b.created))
                .then_with(|| a.uid.cmp(&b.uid))
        });
        // Rounds over what is left until a whole round places nobody.
        loop {
            let before = queue.len();
            queue.retain(|pod| !self.place(pod));
            if queue.len() == before {
                break;
            }
        }
        left.extend(queue.iter().map(|pod| {
            let key = pod.key.to_string();
            if self.deferred.contains(&key) { format!("{key} deferred") } else { key }
        }));
    }

    fn well_known(&self) -> AllowUndefined<'a> {
        AllowUndefined::WellKnown(&self.input.well_known)
    }

    fn add_pool(&mut self, supply: &'a PoolSupply) {
        let pool = &supply.pool;
        let class = &pool.template.node_class;
        let mut requirements = pool.template.requirements.clone();
        for (key, value) in pool.template.labels.iter() {
            requirements.add(Requirement::in_values(&**key, [value.clone()]));
        }
        let class_key = format!("{}/{}", class.group, class.kind.to_lowercase());
        for (key, value) in [
            (labels::NODEPOOL, pool.name.as_str()),
            (&class_key, &class.name),
            (labels::REGISTERED, "true"),
            (labels::INITIALIZED, "true"),
            (labels::HOSTNAME, "placeholder"),
        ] {
            requirements.add(Requirement::in_values(key, [value]));
        }
        let mut left = pool.limits.clone().unwrap_or_default();
        for node in self.input.nodes.iter().filter(|n| n.pool().as_ref() == Some(&pool.name)) {
            left = left.subtract(&node.capacity());
        }
        self.remaining.insert(pool.name.to_string(), left);
        let types: Vec<_> = supply
            .catalog
            .types
            .iter()
            .filter(|it| self.keeps(it, &requirements, &Resources::new()))
            .cloned()
            .collect();
        let strict = self.input.options.min_values_policy == MinValuesPolicy::Strict;
        let is_short = strict && falls_short(&types, &requirements);
        if !types.is_empty() && !is_short {
            self.pools.push((supply, requirements, types));
        }
    }

    fn existing(&self, state: &'a StateNode) -> Existing<'a> {
        let own = state.labels().iter().map(|(key, value)| (&**key, &**value));
        let mut requirements = Requirements::from_labels(own, &self.input.normalization);
        requirements.add(Requirement::in_values(labels::HOSTNAME, [state.hostname()]));
        let taints = state.taints();
        let (mut overhead, mut count) = (Resources::new(), 0);
        for daemon in &self.input.daemon_sets {
            let runs = tolerates(&patient(&daemon.shape.tolerations), &taints).is_ok()
                && alternatives(&daemon.shape, self.input)
                    .iter()
                    .any(|set| requirements.is_compatible(set, AllowUndefined::Nothing));
            if runs {
                overhead = overhead.add(&daemon.requests);
                count += 1;
            }
        }
        let overhead = if count > 0 { overhead.with_pods(count) } else { overhead };
        let expected = overhead.subtract(&state.usage.daemon_requested);
        let to_come = expected.iter().map(|(n, q)| (n.clone(), q.max(Quantity::ZERO))).collect();
        let bound = state.usage.pods.values();
        Existing {
            state,
            requirements,
            remaining: state.available().subtract(&to_come),
            ports: bound.flat_map(|pod| pod.shape.host_ports.clone()).collect(),
            pods: vec![],
        }
    }

    fn place(&mut self, pod: &Arc<Pod>) -> bool {
        let mut shape = (*pod.shape).clone();
        if self.input.options.preference_policy == PreferencePolicy::Ignore {
            shape.preferred_node_affinity.clear();
            ignore_wishes(&mut shape);
        }
        loop {
            self.deferred.remove(&pod.key.to_string());
            if self.place_as(pod, &shape) {
                return true;
            }
            if self.deferred.contains(&pod.key.to_string()) {
                return false;
            }
            if shape.required_node_affinity.len() > 1 {
                shape.required_node_affinity.remove(0);
            } else if give_up_pod_preference(&mut shape) {
            } else if !shape.preferred_node_affinity.is_empty() {
                shape.preferred_node_affinity.sort_by_key(|term| -term.weight);
                shape.preferred_node_affinity.remove(0);
            } else if give_up_spread(&mut shape) {
            } else if self.has_preference_taint()
                && shape.tolerations != patient(&shape.tolerations)
            {
                shape.tolerations = patient(&shape.tolerations);
            } else {
                return false;
            }
        }
    }

    fn has_preference_taint(&self) -> bool {
        let soft = |taint: &Taint| taint.effect == TaintEffect::PreferNoSchedule;
        self.input.nodes.iter().any(|node| node.taints().iter().any(soft))
            || self
                .input
                .pools
                .iter()
                .any(|s| s.pool.is_dynamic_and_usable() && s.pool.template.taints.iter().any(soft))
    }

    fn place_as(&mut self, pod: &Arc<Pod>, shape: &PodShape) -> bool {
        let mut preferred: Vec<_> = shape.preferred_node_affinity.iter().collect();
        preferred.sort_by_key(|term| -term.weight);
        let required = shape.required_node_affinity.first().into_iter();
        let terms = required.chain(preferred.first().map(|preferred| &preferred.term));
        let asked = asked(shape, terms, self.input);
        if contradicts(&asked) {
            return false;
        }
        let wanted: Requirements = asked.into_iter().collect();
        self.on_node(pod, shape, &wanted)
            || self.on_claim(pod, shape, &wanted)
            || self.on_new_claim(pod, shape, &wanted, false)
            || (!self.deferred.contains(&pod.key.to_string())
                && self.on_new_claim(pod, shape, &wanted, true))
    }

    /// What the bin may become because of volumes and other pods, in the order of trying.
    fn choices(&self, pod: &Pod, shape: &PodShape, bin: &Bin<'_>) -> Vec<Requirements> {
        let first = shape.required_node_affinity.first().into_iter();
        let strict: Requirements = asked(shape, first, self.input).into_iter().collect();
        let around = Surroundings { input: self.input, pools: &self.pools, placed: &self.placed };
        let known = if bin.is_claim { self.well_known() } else { AllowUndefined::Nothing };
        let mut all = vec![];
        for place in places(self.input, pod).unwrap_or_default() {
            let reached = bin.requirements.intersect(&place);
            if bin.requirements.is_compatible(&place, known) && !is_below_zero(&reached) {
                let host = bin.host.clone();
                all.extend(around.choices(
                    pod,
                    shape,
                    &strict,
                    &Bin { host, requirements: &reached, ..*bin },
                ));
            }
        }
        all
    }

    fn note(&mut self, pod: &Arc<Pod>, host: String, bin: &Requirements, taints: &[Taint]) {
        let (pod, bin, taints) = (pod.clone(), bin.clone(), taints.to_vec());
        self.placed.push(Placed { pod, host, bin, taints });
    }

    fn outcome(mut self, left: Vec<String>) -> Outcome {
        let names = |pods: &[Arc<Pod>]| pods.iter().map(|pod| pod.key.to_string()).collect();
        let nodes = self.nodes.iter().filter(|node| !node.pods.is_empty());
        let nodes = nodes.map(|node| (node.state.name().to_owned(), names(&node.pods))).collect();
        self.claims.sort_by_key(|claim| claim.rank);
        if self.input.options.reserved_capacity_matching {
            self.bind();
        }
        for claim in self.claims.iter_mut().filter(|claim| !claim.held.is_empty()) {
            let reserved = Requirement::in_values(labels::CAPACITY_TYPE, ["reserved"]);
            claim.requirements.replace(reserved);
            let ids = claim.held.iter().map(String::as_str);
            claim.requirements.add(Requirement::in_values(RESERVATION, ids));
        }
        let claims = self.claims.iter().map(|claim| {
            let mut priced: Vec<(Price, String)> = claim
                .types
                .iter()
                .map(|it| {
                    let sold = it.offerings.iter().filter(|offering| {
                        offering.available
                            && claim
                                .requirements
                                .is_compatible(&offering.requirements, self.well_known())
                    });
                    (sold.map(|o| o.price).min().unwrap_or(Price::UNKNOWN), it.name.to_string())
                })
                .collect();
            priced.sort();
            let types = priced.into_iter().map(|(_, name)| name).collect();
            let held = claim.held.iter().cloned().collect();
            (claim.supply.pool.name.to_string(), names(&claim.pods), types, held)
        });
        Outcome { nodes, claims: claims.collect(), left }
    }
}
