//! What the new nodes of a plan cost at least, however their pods are packed.

use std::collections::BTreeMap;

use fixedbitset::FixedBitSet;
use rustc_hash::FxHashMap;

use super::bounds::Kind;
use super::bounds::configuration::{Effort, configuration};
use super::input::SchedulingInput;
use super::packing::market::Market;
use super::packing::stock;
use super::plan::SchedulingPlan;
use super::solve::Solver;
use crate::model::ids::PodKey;
use crate::model::price::Price;

/// What nodes of the same pools for the pods on the new nodes of `plan` cost at least per hour.
///
/// Holds for every plan that leaves these pods to new nodes of the pools they are in. What pods ask of each other is
/// left out, and so are limits. Zero when a pool is not usable any more.
///
/// Cost: bounded by `effort`, per pool.
pub fn lower_bound(input: &SchedulingInput, plan: &SchedulingPlan, effort: Effort) -> Price {
    let pods = input.all_pods();
    let Ok(mut solver) = Solver::of(input, &pods) else { return Price::ZERO };
    let index: FxHashMap<&PodKey, usize> =
        pods.iter().enumerate().map(|(at, pod)| (&pod.key, at)).collect();
    let n_templates = solver.templates.len();
    let mut sum = 0.0;
    for at in 0..n_templates {
        let pool = &solver.templates[at].supply.pool.name;
        let claims = plan.claims.iter().filter(|claim| claim.pool == *pool);
        let own = claims.flat_map(|claim| &claim.pods).filter_map(|pod| index.get(pod).copied());
        let own: Vec<usize> = own.collect();
        let market = Market::of(&mut solver, at);
        let kinds = kinds(&mut solver, at, &own, &market);
        sum += configuration(&market.machines, &kinds, effort).map_or(0.0, |found| found.per_hour);
    }
    Price::per_hour(sum)
}

/// The pods by class; they may run wherever some step of their ladder lets them.
fn kinds(solver: &mut Solver<'_>, at: usize, pods: &[usize], market: &Market) -> Vec<Kind> {
    let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
    for class in pods.iter().filter_map(|pod| solver.classes.of_pod[*pod].as_ref().ok()) {
        *counts.entry(*class).or_default() += 1;
    }
    let mut kinds = vec![];
    for (class, count) in counts {
        let n_levels = solver.classes.shapes[solver.classes.all[class].shape].levels.len();
        let mut machines = FixedBitSet::with_capacity(market.machines.len());
        for level in 0..n_levels {
            machines.union_with(&stock::machines(solver, at, (class, level), market));
        }
        kinds.push(Kind { amounts: solver.classes.all[class].amounts.clone(), count, machines });
    }
    kinds
}
