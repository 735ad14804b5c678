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

mod reservations;

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

    fn on_node(&mut self, pod: &Arc<Pod>, shape: &PodShape, wanted: &Requirements) -> bool {
        let requests = pod.requests.with_pods(1);
        for at in 0..self.nodes.len() {
            let node = &self.nodes[at];
            let pods: Vec<&Pod> = node.pods.iter().chain([pod]).map(|pod| &**pod).collect();
            let is_closed = self.is_unsettled(node.state) && self.has_a_place(pod);
            let fits = !is_closed
                && !exceeds(self.input, node.state, &pods)
                && tolerates(&shape.tolerations, &node.state.taints()).is_ok()
                && !clash(&shape.host_ports, &node.ports)
                && requests.fits(&node.remaining)
                && node.requirements.is_compatible(wanted, AllowUndefined::Nothing)
                && !is_below_zero(&node.requirements.intersect(wanted));
            let joined = node.requirements.intersect(wanted);
            let bin = Bin {
                host: node.state.hostname().to_owned(),
                requirements: &joined,
                is_claim: false,
                is_wide: false,
            };
            if fits && let Some(chosen) = self.choices(pod, shape, &bin).into_iter().next() {
                self.note(pod, bin.host, &chosen, &self.nodes[at].state.taints());
                let node = &mut self.nodes[at];
                node.requirements = chosen;
                node.remaining.subtract_from(&requests);
                node.ports.extend(shape.host_ports.iter().cloned());
                node.pods.push(pod.clone());
                return true;
            }
        }
        false
    }

    /// Whether the plan is to tell about consolidation and the node has not been quiet for long enough.
    fn is_unsettled(&self, node: &StateNode) -> bool {
        let (Some(claim), Some(name)) = (&node.claim, node.pool()) else { return false };
        let own = |supply: &&PoolSupply| supply.pool.name == name;
        let mut usable = self.input.pools.iter().filter(|s| s.pool.is_dynamic_and_usable());
        let Some(wait) = usable.find(own).and_then(|s| s.pool.consolidate_after) else {
            return false;
        };
        let conditions = claim.object.status.iter().flat_map(|status| &status.conditions);
        let mut initialized = conditions.filter(|condition| condition.r#type == "Initialized");
        let Some(since) = initialized.next().map(|condition| condition.last_transition_time.0)
        else {
            return false;
        };
        let last = claim.last_pod_event.unwrap_or(since);
        self.input.purpose == Purpose::Consolidation && last + wait > self.input.now
    }

    fn has_a_place(&self, pod: &Pod) -> bool {
        let is = |other: &Arc<Pod>| other.uid == pod.uid;
        self.input.virtual_pods.iter().any(is)
            || (self.input.displaced.iter().any(is) && pod.phase != PodPhase::Pending)
    }

    fn on_claim(&mut self, pod: &Arc<Pod>, shape: &PodShape, wanted: &Requirements) -> bool {
        self.claims.sort_by_key(|claim| claim.pods.len());
        let found = (0..self.claims.len()).find_map(|at| {
            let claim = &self.claims[at];
            self.fill(claim, pod, shape, wanted, (false, false)).ok().map(|filled| (at, filled))
        });
        let Some((at, Filled { requirements, types, held })) = found else { return false };
        let claim = &self.claims[at];
        let taints = claim.supply.pool.template.taints.clone();
        self.note(pod, format!("claim {}", claim.rank), &requirements, &taints);
        if self.input.options.refund_limits {
            let pool = self.claims[at].supply.pool.name.to_string();
            let refund = most(&self.claims[at].types).subtract(&most(&types));
            let left = self.remaining.entry(pool).or_default();
            *left = left
                .iter()
                .map(|(name, q)| (name.clone(), q + refund.get_or_zero(name.as_str())))
                .collect();
        }
        let claim = &mut self.claims[at];
        claim.requirements = requirements;
        claim.types = types;
        claim.held = held;
        claim.requests = claim.requests.add(&pod.requests.with_pods(1));
        claim.ports.extend(shape.host_ports.iter().cloned());
        claim.pods.push(pod.clone());
        true
    }

    fn on_new_claim(
        &mut self,
        pod: &Arc<Pod>,
        shape: &PodShape,
        wanted: &Requirements,
        is_wide: bool,
    ) -> bool {
        let relax = self.input.options.min_values_policy == MinValuesPolicy::BestEffort;
        let mut is_deferred = false;
        let found = self.pools.iter().find_map(|(supply, requirements, types)| {
            if is_deferred {
                return None;
            }
            let left = &self.remaining[supply.pool.name.as_str()];
            if left.get("nodes").is_some_and(Quantity::is_zero) {
                return None;
            }
            let below = |it: &&Arc<InstanceType>| {
                left.iter().all(|(name, left)| it.capacity.get_or_zero(name.as_str()) <= left)
            };
            let fresh = Claim {
                rank: self.claims.len(),
                supply,
                requirements: requirements.clone(),
                types: types.iter().filter(below).cloned().collect(),
                requests: Resources::new(),
                ports: vec![],
                pods: vec![],
                held: BTreeSet::new(),
            };
            let filled = self.fill(&fresh, pod, shape, wanted, (relax, is_wide));
            is_deferred = matches!(filled, Err(Unfilled::Reserved));
            let Filled { requirements, types, held } = filled.ok()?;
            Some(Claim {
                requirements,
                types,
                held,
                requests: pod.requests.with_pods(1),
                ports: shape.host_ports.clone(),
                pods: vec![pod.clone()],
                ..fresh
            })
        });
        if is_deferred {
            self.deferred.insert(pod.key.to_string());
        }
        let Some(claim) = found else { return false };
        let taints = claim.supply.pool.template.taints.clone();
        self.note(pod, format!("claim {}", claim.rank), &claim.requirements, &taints);
        let left = self.remaining.entry(claim.supply.pool.name.to_string()).or_default();
        *left =
            left.subtract(&most(&claim.types).with(ResourceName::nodes(), Quantity::from_units(1)));
        self.claims.push(claim);
        true
    }

    /// What a claim becomes with the pod.
    fn fill(
        &self,
        claim: &Claim<'_>,
        pod: &Pod,
        shape: &PodShape,
        wanted: &Requirements,
        (relax, is_wide): (bool, bool),
    ) -> Result<Filled, Unfilled> {
        let template = &claim.supply.pool.template;
        let joined = claim.requirements.intersect(wanted);
        if tolerates(&shape.tolerations, &template.taints).is_err()
            || !claim.requirements.is_compatible(wanted, self.well_known())
            || is_below_zero(&joined)
        {
            return Err(Unfilled::Unfit);
        }
        let host = format!("claim {}", claim.rank);
        let bin = Bin { host, requirements: &joined, is_claim: true, is_wide };
        let mut unfilled = Unfilled::Unfit;
        for joined in self.choices(pod, shape, &bin) {
            match self.fill_as(claim, pod, shape, joined, relax) {
                Ok(filled) => return Ok(filled),
                Err(Unfilled::Reserved) => unfilled = Unfilled::Reserved,
                Err(Unfilled::Unfit) => {}
            }
        }
        Err(unfilled)
    }

    /// What a claim becomes with the pod when it has to be `joined`.
    fn fill_as(
        &self,
        claim: &Claim<'_>,
        pod: &Pod,
        shape: &PodShape,
        mut joined: Requirements,
        relax: bool,
    ) -> Result<Filled, Unfilled> {
        let template = &claim.supply.pool.template;
        let total = claim.requests.add(&pod.requests.with_pods(1));
        let own = |pool: &&(&PoolSupply, _, _)| pool.0.pool.name == claim.supply.pool.name;
        let base = self.pools.iter().find(own).ok_or(Unfilled::Unfit)?;
        let types: Vec<_> = claim
            .types
            .iter()
            .filter(|it| {
                let (overhead, ports) = self.daemons(it, &base.1, &template.taints);
                let used: Vec<_> = claim.ports.iter().cloned().chain(ports).collect();
                !clash(&shape.host_ports, &used) && self.keeps(it, &joined, &total.add(&overhead))
            })
            .cloned()
            .collect();
        if types.is_empty() || (!relax && falls_short(&types, &joined)) {
            return Err(Unfilled::Unfit);
        }
        while falls_short(&types, &joined) {
            joined = joined
                .iter()
                .map(|requirement| {
                    let offered = offered(&types, requirement);
                    let min = requirement.min_values().map(|min| min.min(offered));
                    requirement.clone().with_min_values(min.filter(|min| *min > 0))
                })
                .collect();
        }
        let held = self.hold(claim, &joined, &types)?;
        Ok(Filled { requirements: joined, types, held })
    }

    fn daemons(
        &self,
        it: &InstanceType,
        template: &Requirements,
        taints: &[Taint],
    ) -> (Resources, Vec<HostPort>) {
        let (mut sum, mut ports, mut count) = (Resources::new(), vec![], 0);
        for daemon in &self.input.daemon_sets {
            let runs = tolerates(&patient(&daemon.shape.tolerations), taints).is_ok()
                && alternatives(&daemon.shape, self.input).iter().any(|set| {
                    template.is_compatible(set, self.well_known())
                        && it.requirements.is_intersecting(set)
                });
            if runs {
                sum = sum.add(&daemon.requests);
                ports.extend(daemon.shape.host_ports.iter().cloned());
                count += 1;
            }
        }
        if count > 0 { (sum.with_pods(count), ports) } else { (sum, ports) }
    }

    fn keeps(&self, it: &InstanceType, wanted: &Requirements, total: &Resources) -> bool {
        it.requirements.is_intersecting(wanted)
            && it.allocatable_groups().iter().any(|group| {
                total.fits(&group.allocatable)
                    && group.offerings.iter().any(|at| {
                        wanted.is_compatible(&it.offerings[*at].requirements, self.well_known())
                    })
            })
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

/// Of every resource the most that any of `types` has.
fn most(types: &[Arc<InstanceType>]) -> Resources {
    types.iter().fold(Resources::new(), |most, it| most.max(&it.capacity))
}

/// What the node selector and `terms` ask for, one by one.
fn asked<'t>(
    shape: &PodShape,
    terms: impl Iterator<Item = &'t NodeSelectorTerm>,
    input: &SchedulingInput,
) -> Vec<Requirement> {
    let one = |key: &str, operator: &str, values: &[Arc<str>]| {
        Requirement::new(key, Operator::parse(operator).unwrap(), values, &input.normalization)
    };
    let selector = shape.node_selector.iter();
    let selector = selector.map(|(key, value)| one(key, "In", std::slice::from_ref(value)));
    let expressions = terms.flat_map(|term| &term.expressions);
    selector.chain(expressions.map(|e| one(&e.key, &e.operator, &e.values))).collect()
}

/// Whether nothing is left of some label that nobody wants absent.
pub(super) fn contradicts(asked: &[Requirement]) -> bool {
    let is_absence = |one: &Requirement| !one.complement() && one.values().is_empty();
    asked.iter().any(|first| {
        let mut same = asked.iter().filter(|one| one.key() == first.key());
        let left = same.clone().fold(first.clone(), |left, one| left.intersection(one));
        is_absence(&left) && !same.any(is_absence)
    })
}

/// Alternatives of what a DaemonSet requires, as far as they can be met.
pub(super) fn alternatives(shape: &PodShape, input: &SchedulingInput) -> Vec<Requirements> {
    let terms = shape.required_node_affinity.iter();
    let mut all: Vec<_> = terms.map(|term| asked(shape, std::iter::once(term), input)).collect();
    if all.is_empty() {
        all.push(asked(shape, std::iter::empty(), input));
    }
    all.retain(|asked| !contradicts(asked));
    all.into_iter().map(|asked| asked.into_iter().collect()).collect()
}

fn patient(tolerations: &[Toleration]) -> Vec<Toleration> {
    let soft = Toleration {
        key: "".into(),
        operator: TolerationOperator::Exists,
        value: "".into(),
        effect: Some(TaintEffect::PreferNoSchedule),
    };
    let mut all = tolerations.to_vec();
    if !all.contains(&soft) {
        all.push(soft);
    }
    all
}

fn clash(wanted: &[HostPort], used: &[HostPort]) -> bool {
    let any = |ip: &str| ip == "0.0.0.0" || ip == "::";
    wanted.iter().any(|a| {
        used.iter().any(|b| {
            a.port == b.port
                && a.protocol == b.protocol
                && (a.ip == b.ip || any(&a.ip) || any(&b.ip))
        })
    })
}

fn offered(types: &[Arc<InstanceType>], requirement: &Requirement) -> u32 {
    let mut values: Vec<&str> = types
        .iter()
        .filter_map(|it| it.requirements.get(requirement.key().as_str()))
        .flat_map(|offered| offered.values().iter().map(|value| &**value))
        .filter(|value| requirement.contains(value))
        .collect();
    values.sort_unstable();
    values.dedup();
    u32::try_from(values.len()).unwrap()
}

fn falls_short(types: &[Arc<InstanceType>], set: &Requirements) -> bool {
    set.iter().any(|r| r.min_values().is_some_and(|min| offered(types, r) < min))
}

/// Whether some label would have to be an integer below zero.
fn is_below_zero(set: &Requirements) -> bool {
    set.iter().any(|r| r.complement() && r.lte().is_some_and(|lte| lte < 0))
}
