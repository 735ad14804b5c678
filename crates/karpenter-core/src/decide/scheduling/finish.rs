//! From a solved state to the plan: claims get their final requirements, types, requests and names.

use std::collections::BTreeSet;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use fixedbitset::FixedBitSet;
use rustc_hash::FxHashMap;

use super::claim_object::Origin;
use super::input::SchedulingInput;
use super::left_over;
use super::min_values;
use super::names::ClaimNames;
use super::open_claim::OpenClaim;
use super::plan::{Placement, PlannedClaim, SchedulingPlan, Target};
use super::report::{ClaimReport, PlacementReport, RelaxedPod, SchedulingReport, UnusablePool};
use super::solve::Solver;
use super::template::PLANNING_ONLY;
use super::unschedulable::{PoolRefusal, Unschedulable};
use super::world::SetId;
use crate::api::labels;
use crate::model::ids::{InstanceTypeName, NodeName, PodKey};
use crate::model::instance_type::Overlaid;
use crate::model::pod::Pod;
use crate::model::price::Price;
use crate::model::requirement::Requirement;
use crate::model::requirements::Requirements;
use crate::model::resources::Resources;
use crate::options::MinValuesPolicy;
use crate::state::StateNode;

/// The plan when no pool can make nodes: nothing is placed at all.
pub(super) fn without_pools(
    input: &SchedulingInput,
    pods: &[Arc<Pod>],
    unusable_pools: Vec<UnusablePool>,
) -> SchedulingPlan {
    let mut unschedulable: Vec<_> =
        pods.iter().map(|pod| (pod.key.clone(), Unschedulable::NoNodePool)).collect();
    unschedulable.sort_by(|a, b| a.0.cmp(&b.0));
    SchedulingPlan {
        based_on: input.based_on,
        claims: vec![],
        placements: vec![],
        report: SchedulingReport {
            unusable_pools,
            unschedulable: unschedulable.clone(),
            ..SchedulingReport::default()
        },
        unschedulable,
        unattempted: vec![],
    }
}

/// The plan of a solved state; `left` are the pods without a place.
pub(super) fn plan(mut solver: Solver<'_>, left: &[usize]) -> SchedulingPlan {
    let mut unschedulable = left_over::explained(&mut solver, left);
    let mut report = SchedulingReport {
        unusable_pools: std::mem::take(&mut solver.unusable),
        relaxed: relaxed(&solver),
        pending_by_zone: std::mem::take(&mut solver.pending_by_zone),
        n_volume_lookups: solver.n_volume_lookups,
        landings: std::mem::take(&mut solver.watch).into_landings(),
        ..SchedulingReport::default()
    };
    let placements = placements(&solver);
    report.placements = placements
        .iter()
        .map(|p| PlacementReport { target: p.target.clone(), n_pods: p.pods.len() })
        .collect();
    let names = ClaimNames::new(solver.input);
    let mut claims = std::mem::take(&mut solver.claims);
    for claim in &mut claims {
        claim.set = solver.reservations.narrowed(claim.set, &claim.held, &mut solver.world);
    }
    let passed_over = std::mem::take(&mut solver.passed_over);
    let mut planned = vec![];
    let mut finisher = Finisher { names, makes: FxHashMap::default() };
    for (at, (claim, passed_over)) in claims.iter().zip(passed_over).enumerate() {
        match finisher.finished(&mut solver, (at, claim)) {
            Ok(claim) => {
                report.claims.push(claim_report(&claim, passed_over));
                planned.push(claim);
            }
            Err(why) => {
                let pods = claim.pods.iter().map(|pod| solver.pods[*pod].key.clone());
                unschedulable.extend(pods.map(|pod| (pod, why.clone())));
            }
        }
    }
    unschedulable.sort_by(|a, b| a.0.cmp(&b.0));
    report.unschedulable.clone_from(&unschedulable);
    let unattempted = solver.unattempted.iter().map(|pod| solver.pods[*pod].key.clone());
    let mut unattempted: Vec<PodKey> = unattempted.collect();
    unattempted.sort();
    report.n_unattempted = unattempted.len();
    SchedulingPlan {
        based_on: solver.input.based_on,
        claims: planned,
        placements,
        unschedulable,
        unattempted,
        report,
    }
}

/// Placed pods that had to give something up, in key order.
fn relaxed(solver: &Solver<'_>) -> Vec<RelaxedPod> {
    let mut relaxed: Vec<RelaxedPod> = solver
        .placed_at
        .iter()
        .enumerate()
        .filter_map(|(pod, level)| {
            let level = level.filter(|level| *level > 0)?;
            let class = solver.classes.of_pod[pod].as_ref().ok()?;
            let levels = &solver.classes.shapes[solver.classes.all[*class].shape].levels;
            let given_up = levels[..=level].iter().filter_map(|level| level.given_up).collect();
            Some(RelaxedPod { pod: solver.pods[pod].key.clone(), given_up })
        })
        .collect();
    relaxed.sort_by(|a, b| a.pod.cmp(&b.pod));
    relaxed
}

fn placements(solver: &Solver<'_>) -> Vec<Placement> {
    let used = solver.nodes.all.iter().filter(|node| !node.pods.is_empty());
    used.map(|node| Placement {
        target: target(node.state),
        pods: node.pods.iter().map(|pod| solver.pods[*pod].key.clone()).collect(),
    })
    .collect()
}

fn target(node: &StateNode) -> Target {
    match (&node.node, &node.claim) {
        (Some(own), _) if node.is_registered() => Target::Node(own.name.clone()),
        (_, Some(claim)) => Target::Claim(claim.name.clone()),
        (_, None) => Target::Node(NodeName::from(node.name())),
    }
}

fn claim_report(claim: &PlannedClaim, passed_over: Vec<PoolRefusal>) -> ClaimReport {
    ClaimReport {
        claim: claim.name.clone(),
        pool: claim.pool.clone(),
        n_pods: claim.pods.len(),
        n_instance_types: claim.instance_types.len(),
        cheapest: (claim.instance_types[0].clone(), claim.price),
        opened_for: claim.pods[0].clone(),
        passed_over,
    }
}

/// Finishes claims; those that are equal but for their pods share the work.
struct Finisher {
    names: ClaimNames,
    makes: FxHashMap<(usize, SetId, FixedBitSet, bool, Drivers), Make>,
}

/// Drivers whose devices a claim comes with.
type Drivers = BTreeSet<Arc<str>>;

/// What claims have in common that differ only in their pods.
#[derive(Clone)]
struct Make {
    requirements: Arc<Requirements>,
    instance_types: Arc<[InstanceTypeName]>,
    price: Price,
    min_values_relaxed: bool,
    origin: Arc<Origin>,
}

impl Finisher {
    /// The claim with everything the object needs.
    ///
    /// # Errors
    /// As [`make`].
    fn finished(
        &mut self,
        solver: &mut Solver<'_>,
        (at, claim): (usize, &OpenClaim),
    ) -> Result<PlannedClaim, Unschedulable> {
        let drivers = solver.devices.as_ref().map(|desk| desk.drivers(at)).unwrap_or_default();
        let is_relaxed = claim.min_values_relaxed;
        let key = (claim.template, claim.set, claim.types.clone(), is_relaxed, drivers.clone());
        let make = match self.makes.entry(key) {
            Entry::Occupied(known) => known.get().clone(),
            Entry::Vacant(new) => new.insert(make(solver, claim, &drivers)?).clone(),
        };
        let pool = &solver.templates[claim.template].supply.pool.name;
        Ok(PlannedClaim {
            name: self.names.next(pool),
            pool: pool.clone(),
            pods: claim.pods.iter().map(|pod| solver.pods[*pod].key.clone()).collect(),
            requirements: make.requirements,
            instance_types: make.instance_types,
            requests: requests(solver, claim),
            price: make.price,
            min_values_relaxed: make.min_values_relaxed,
            origin: make.origin,
        })
    }
}

/// What the claim and all that are like it may be.
///
/// # Errors
/// [`Unschedulable::Truncated`] when the cut list of types falls short of `minValues`.
fn make(
    solver: &mut Solver<'_>,
    claim: &OpenClaim,
    drivers: &Drivers,
) -> Result<Make, Unschedulable> {
    let template = &solver.templates[claim.template];
    let pool = &template.supply.pool;
    let index = &mut solver.indexes[template.index];
    let order = index.by_price(claim.set, &solver.world);
    let chosen: Vec<_> = order
        .iter()
        .filter(|(_, at)| claim.types.contains(*at))
        .take(solver.input.options.max_instance_types)
        .copied()
        .collect();
    let mut set = (**solver.world.get(claim.set)).clone();
    let members = chosen.iter().map(|(_, at)| &*index.types()[*at]);
    let shortfalls = min_values::shortfalls(members, &set);
    if !shortfalls.is_empty() {
        match solver.input.options.min_values_policy {
            MinValuesPolicy::Strict => {
                let labels = shortfalls.into_iter().map(|shortfall| shortfall.key).collect();
                return Err(Unschedulable::Truncated { pool: pool.name.clone(), labels });
            }
            MinValuesPolicy::BestEffort => set = min_values::relaxed(&set, &shortfalls),
        }
    }
    let min_values_relaxed = claim.min_values_relaxed || !shortfalls.is_empty();
    let mut listed = claim.types.clone();
    listed.clear();
    listed.extend(chosen.iter().map(|(_, at)| *at));
    let type_names = listed.ones().map(|at| index.name(at).clone());
    set.add(Requirement::in_values(labels::INSTANCE_TYPE, type_names));
    let capacity_types = index.capacity_types((claim.set, &solver.world), &listed);
    if !capacity_types.is_empty() {
        set.add(Requirement::in_values(labels::CAPACITY_TYPE, capacity_types));
    }
    for key in PLANNING_ONLY {
        set.remove(key);
    }
    let marks = chosen.iter().map(|(_, at)| index.types()[*at].overlaid);
    let origin = Origin {
        pool: pool.clone(),
        well_known: solver.input.well_known.clone(),
        default_grace: solver.input.options.default_termination_grace_period,
        overlaid: marks.fold(Overlaid::default(), Overlaid::or),
        drivers: drivers.clone(),
    };
    Ok(Make {
        instance_types: chosen.iter().map(|(_, at)| index.types()[*at].name.clone()).collect(),
        price: chosen[0].0,
        requirements: Arc::new(set),
        min_values_relaxed,
        origin: Arc::new(origin),
    })
}

/// What the pods ask for, and what DaemonSets ask for at least on every type the claim can be.
///
/// Source: Karpenter behaviour, finalize. Differs: a type without DaemonSets makes the addition nothing.
fn requests(solver: &Solver<'_>, claim: &OpenClaim) -> Resources {
    let mut sum = Resources::new();
    for pod in &claim.pods {
        sum.add_in_place(&solver.pods[*pod].requests);
    }
    let sum = sum.with_pods(i64::try_from(claim.pods.len()).unwrap_or(i64::MAX));
    let groups = &solver.templates[claim.template].groups;
    let mut alive = groups.iter().filter(|group| !group.types.is_disjoint(&claim.types));
    let least = alive.try_fold(None, |least: Option<Resources>, group| {
        let overhead = group.overhead.as_ref()?;
        Some(Some(least.map_or_else(|| overhead.clone(), |least| least.min(overhead))))
    });
    least.flatten().map_or_else(|| sum.clone(), |least| sum.add(&least))
}
