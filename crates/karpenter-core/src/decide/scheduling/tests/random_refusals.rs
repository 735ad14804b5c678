//! Cores of random refusals, against the engine itself asked about every smaller set of constraints.

use std::collections::BTreeSet;
use std::sync::Arc;

use proptest::prelude::*;

use super::random_clusters::{pools, twisted, types};
use super::random_topology;
use crate::decide::scheduling::input::SchedulingInput;
use crate::decide::scheduling::refusal_core::{Constraint, RefusalCore};
use crate::decide::scheduling::solve::solve;
use crate::decide::scheduling::unschedulable::{Refusal, Unschedulable};
use crate::model::instance_type::Catalog;
use crate::model::pod::NodeSelectorTerm;
use crate::model::requirement::Requirement;
use crate::model::requirements::Requirements;
use crate::model::resources::{ResourceName, Resources};
use crate::testing::instance_types::{InstanceTypeBuilder, catalog};
use crate::testing::pods::{PodBuilder, pod};
use crate::testing::scenario::cluster;

/// Constraints of pods that the brute force can take away: neither alternatives nor preferences.
const TWISTS: [u8; 10] = [0, 1, 5, 7, 8, 9, 10, 11, 12, 13];

fn sized(name: &str, cpu: u32, memory: u32, twists: Vec<(usize, u8)>) -> PodBuilder {
    let pod = pod(name).cpu(&format!("{}m", 900 * cpu)).memory(&format!("{memory}Gi"));
    twists.into_iter().fold(pod, |pod, (kind, n)| twisted(pod, (TWISTS[kind], n)))
}

/// Clusters of one pool and one pod.
fn clusters() -> impl Strategy<Value = SchedulingInput> {
    let twists = || proptest::collection::vec((0..TWISTS.len(), 0..6_u8), 0..4);
    let one = (0..6_u32, 0..6_u32, twists());
    let daemon = proptest::option::of((0..3_u32, twists()));
    (one, types(), pools(), daemon).prop_map(|((cpu, memory, twists), types, pools, daemon)| {
        let types = catalog(types.into_iter().map(InstanceTypeBuilder::build));
        let mut input = cluster().with_pods([sized("x", cpu, memory, twists)]);
        input = input.with_well_known(&["integer"]);
        join_alternatives(&mut input);
        if let Some(pool) = pools.into_iter().next() {
            input = input.with_pool(pool, types);
        }
        if let Some((cpu, twists)) = daemon {
            input = input.with_daemon_set(sized("d", cpu, 0, twists));
        }
        input
    })
}

/// Makes the alternatives of the pod's affinity one.
fn join_alternatives(input: &mut SchedulingInput) {
    let shape = Arc::make_mut(&mut Arc::make_mut(&mut input.pods[0]).shape);
    let terms = std::mem::take(&mut shape.required_node_affinity);
    let expressions: Vec<_> = terms.into_iter().flat_map(|term| term.expressions).collect();
    if !expressions.is_empty() {
        shape.required_node_affinity =
            vec![NodeSelectorTerm { expressions, has_match_fields: false }];
    }
}

/// Whether the only pool refuses the only pod, and the core if it has one.
fn refusal(input: &SchedulingInput) -> Option<(Refusal, Option<RefusalCore>)> {
    let plan = solve(input);
    match plan.unschedulable.into_iter().next()?.1 {
        Unschedulable::Refused(all) => {
            let one = all.into_iter().next()?;
            Some((one.why, one.core.map(|core| (*core).clone())))
        }
        _ => None,
    }
}

/// Every constraint between the pod and the pool, read from the objects.
fn constraints(input: &SchedulingInput) -> Vec<Constraint> {
    let (pod, pool) = (&input.pods[0], &input.pools[0].pool);
    let limits = pool.limits.iter().flat_map(Resources::iter);
    let limits = limits.map(|(name, _)| Constraint::Limit(name.clone()));
    let taints = pool.template.taints.iter().cloned().map(Constraint::Taint);
    let keys = pod.shape.node_selector.keys().cloned();
    let terms = pod.shape.required_node_affinity.iter().flat_map(|term| &term.expressions);
    let keys: BTreeSet<_> = keys.chain(terms.map(|one| one.key.clone())).collect();
    let labels = keys.into_iter().map(|key| Constraint::Label(Requirement::exists(&*key)));
    let ports = Some(pod.shape.host_ports.clone()).filter(|ports| !ports.is_empty());
    let is_asked = |name: &ResourceName| *name != ResourceName::pods();
    let requests = pod.requests.iter().filter(|(name, amount)| is_asked(name) && !amount.is_zero());
    let requests =
        requests.map(|(name, amount)| Constraint::Request { resource: name.clone(), amount });
    let minimums = pool.template.requirements.iter().filter(|one| one.min_values().is_some());
    let minimums = minimums.map(|one| Constraint::MinValues(one.key().clone()));
    let others = [Constraint::DaemonSets, Constraint::OutOfStock];
    let all = limits.chain(taints).chain(labels).chain(ports.map(Constraint::HostPorts));
    all.chain(requests).chain(minimums).chain(others).collect()
}

/// Whether both are about the same thing.
fn is_same(a: &Constraint, b: &Constraint) -> bool {
    match (a, b) {
        (Constraint::Label(a), Constraint::Label(b)) => a.key() == b.key(),
        (Constraint::Request { resource: a, .. }, Constraint::Request { resource: b, .. }) => {
            a == b
        }
        _ => a == b,
    }
}

/// `input` as if its pod and pool had the constraints in `kept` only.
fn reduced(input: &SchedulingInput, kept: &[Constraint]) -> SchedulingInput {
    let has = |one: &Constraint| kept.iter().any(|kept| is_same(kept, one));
    let has_key = |key: &str| has(&Constraint::Label(Requirement::exists(key)));
    let mut input = input.clone();
    let pod = Arc::make_mut(&mut input.pods[0]);
    let shape = Arc::make_mut(&mut pod.shape);
    shape.node_selector.retain(|key, _| has_key(key));
    for term in &mut shape.required_node_affinity {
        term.expressions.retain(|one| has_key(&one.key));
    }
    shape.required_node_affinity.retain(|term| !term.expressions.is_empty());
    if !has(&Constraint::HostPorts(shape.host_ports.clone())) {
        shape.host_ports.clear();
    }
    let keeps = |(name, amount): &(&ResourceName, _)| {
        has(&Constraint::Request { resource: (*name).clone(), amount: *amount })
    };
    let own = pod.requests.iter().filter(keeps);
    pod.requests = Arc::new(own.map(|(name, amount)| (name.clone(), amount)).collect());
    if !has(&Constraint::DaemonSets) {
        input.daemon_sets.clear();
    }
    let supply = &mut input.pools[0];
    let pool = Arc::make_mut(&mut supply.pool);
    if let Some(limits) = &mut pool.limits {
        let own = limits.iter().filter(|(name, _)| has(&Constraint::Limit((*name).clone())));
        *limits = own.map(|(name, amount)| (name.clone(), amount)).collect();
    }
    pool.template.taints.retain(|taint| has(&Constraint::Taint(taint.clone())));
    let asked = pool.template.requirements.iter().map(|one| {
        let is_kept = has(&Constraint::MinValues(one.key().clone()));
        if is_kept { one.clone() } else { one.clone().with_min_values(None) }
    });
    pool.template.requirements = asked.collect::<Requirements>();
    if !has(&Constraint::OutOfStock) {
        let stocked = supply.catalog.types.iter().map(|it| {
            let mut it = (**it).clone();
            it.offerings.iter_mut().for_each(|offering| offering.available = true);
            Arc::new(it)
        });
        supply.catalog = Catalog { types: stocked.collect(), ..supply.catalog.clone() };
    }
    input
}

/// Every choice of `n` out of `all`.
fn choices(all: &[Constraint], n: usize) -> Vec<Vec<Constraint>> {
    match (n, all) {
        (0, _) => vec![vec![]],
        (_, []) => vec![],
        (_, [first, rest @ ..]) => {
            let with = choices(rest, n - 1).into_iter();
            let with = with.map(|more| [vec![first.clone()], more].concat());
            with.chain(choices(rest, n)).collect()
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn core_of_a_refusal_is_refused_and_no_smaller_set_is(input in clusters()) {
        let Some((why, core)) = refusal(&input) else { return Ok(()) };
        let core = core.unwrap_or_else(|| panic!("no core for {why:?}"));
        prop_assert!(refusal(&reduced(&input, &core.constraints)).is_some(), "{} is no core", core);
        for at in 0..core.constraints.len() {
            let mut fewer = core.constraints.clone();
            let left = fewer.remove(at);
            prop_assert!(core.left_without[at] > 0);
            prop_assert!(refusal(&reduced(&input, &fewer)).is_none(), "{left} is not needed in {core}");
        }
        let all = constraints(&input);
        let smaller = (0..core.constraints.len()).flat_map(|n| choices(&all, n));
        for set in smaller.filter(|_| core.is_smallest) {
            prop_assert!(refusal(&reduced(&input, &set)).is_none(), "{:?} is smaller than {}", set, core);
        }
        for one in &core.as_well {
            prop_assert!(refusal(&reduced(&input, std::slice::from_ref(one))).is_some(), "{}", one);
        }
    }

    #[test]
    fn every_member_counts_when_pods_look_at_others_too(input in random_topology::clusters()) {
        for (_, why) in solve(&input).unschedulable {
            let Unschedulable::Refused(refusals) = why else { continue };
            for core in refusals.iter().filter_map(|refusal| refusal.core.as_ref()) {
                prop_assert!(!core.constraints.is_empty() && core.n_types > 0, "{}", core);
                prop_assert!(core.left_without.iter().all(|left| *left > 0), "{}", core);
            }
        }
    }
}
