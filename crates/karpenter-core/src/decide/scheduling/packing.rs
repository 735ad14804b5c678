//! Cheaper nodes for the same pods, where the policy of a pool asks for it.
//!
//! # Flow
//!
//! 1. Pods are placed as [`PackingPolicy::FirstFit`] says, which is all there is to do by default.
//! 2. `market` reads off what the machines of every pool cost and hold, and what the pods put on them ask for.
//! 3. `guard` ([`PackingPolicy::CostGuard`]) places all pods again; this time a planned node does not grow out of the
//!    instance types that are worth their price.
//! 4. `repack` ([`PackingPolicy::CostOptimized`]) takes the planned nodes whose pods nobody counts, and fills nodes
//!    anew by patterns (`rounding`).
//!
//! # Guarantees
//!
//! Every step is kept only when it is cheaper and changes nothing else: no pod loses its place, moves to another pool
//! or between an existing node and a new one. Every pod is added to its new node by the check that admits pods to
//! planned nodes anywhere. Work is bounded by counts, never by a clock, so that equal inputs give equal plans.
//!
//! # Caveats
//!
//! Planned nodes that hold reserved capacity are left alone. Those with pods that spread, attract or repel each other,
//! use host ports, have devices or have volumes that not every node can reach, and those whose `minValues` were lowered, are not
//! packed anew; the guard applies to them.
//!
//! Source: ours.

use super::finish;
use super::open_claim::OpenClaim;
use super::plan::SchedulingPlan;
use super::report::PackingReport;
use super::solve::Solver;
use super::template::Template;
use crate::api::labels;
use crate::model::price::Price;
use crate::model::quantity::Quantity;
use crate::options::{Options, PackingPolicy};
use market::Market;

pub(super) mod market;
pub(super) mod stock;

mod guard;
mod rebuild;
mod repack;
mod rounding;

/// The plan for a state in which no pod has a place yet.
pub(super) fn plan(mut solver: Solver<'_>) -> SchedulingPlan {
    let templates = solver.templates.iter();
    let limits: Vec<Vec<Quantity>> = templates.map(|t| t.remaining.amounts()).collect();
    let left = solver.run();
    let options = &solver.input.options;
    let policies: Vec<PackingPolicy> =
        solver.templates.iter().map(|template| policy(template, options)).collect();
    let first = tallies(&mut solver);
    let mut placed = Placed { solver, left };
    let is_asked_for = policies.iter().any(|policy| *policy > PackingPolicy::FirstFit);
    if is_asked_for && !placed.solver.is_stopped {
        guard::improve(&mut placed, &policies);
        placed.solver.templates.iter_mut().for_each(|template| template.guard.clear());
        for at in (0..policies.len()).filter(|at| policies[*at] == PackingPolicy::CostOptimized) {
            repack::improve(&mut placed.solver, at, &limits[at], first[at]);
        }
    }
    let Solver { reservations, claims, .. } = &mut placed.solver;
    reservations.bind(claims);
    let packing = reports(&mut placed.solver, &policies, &first);
    let mut plan = finish::plan(placed.solver, &placed.left);
    plan.report.packing = packing;
    plan
}

/// A state in which every pod that can be placed is.
struct Placed<'a> {
    solver: Solver<'a>,
    /// Pods without a place, in queue order.
    left: Vec<usize>,
}

/// The planned nodes of one pool.
#[derive(Debug, Clone, Copy)]
struct Tally {
    n_claims: usize,
    /// What they cost per hour.
    cost: f64,
    /// The fewest instance types any of them can be.
    least_types: usize,
}

/// What is written on the pool, else what is set for all.
fn policy(template: &Template<'_>, options: &Options) -> PackingPolicy {
    let annotations = template.supply.pool.object.metadata.annotations.as_ref();
    let written = annotations.and_then(|all| all.get(labels::PACKING_POLICY));
    let written = written.and_then(|text| PackingPolicy::parse(text));
    written.unwrap_or(options.packing_policy)
}

/// The planned nodes of every pool.
fn tallies(solver: &mut Solver<'_>) -> Vec<Tally> {
    let none = Tally { n_claims: 0, cost: 0.0, least_types: usize::MAX };
    let mut tallies = vec![none; solver.templates.len()];
    for at in 0..solver.claims.len() {
        let (template, price) = (solver.claims[at].template, price(solver, at));
        let tally = &mut tallies[template];
        tally.n_claims += 1;
        tally.cost += price.as_f64();
        tally.least_types = tally.least_types.min(solver.claims[at].types.count_ones(..));
    }
    tallies
}

/// What the planned node number `at` costs.
fn price(solver: &mut Solver<'_>, at: usize) -> Price {
    let Solver { claims, reservations, world, indexes, templates, .. } = solver;
    let claim = &claims[at];
    let set = reservations.narrowed(claim.set, &claim.held, world);
    let order = indexes[templates[claim.template].index].by_price(set, world);
    cheapest(claim, &order)
}

/// The first of `order` that the claim can be.
fn cheapest(claim: &OpenClaim, order: &[(Price, usize)]) -> Price {
    let first = order.iter().find(|(_, at)| claim.types.contains(*at));
    first.map_or(Price::UNKNOWN, |(price, _)| *price)
}

fn reports(
    solver: &mut Solver<'_>,
    policies: &[PackingPolicy],
    first: &[Tally],
) -> Vec<PackingReport> {
    let mut reports = vec![];
    for (at, tally) in tallies(solver).into_iter().enumerate().filter(|(_, t)| t.n_claims > 0) {
        let bound = Market::of(solver, at).bound(&market::demand(solver, at));
        let bound = bound.map_or(0.0, |fluid| fluid.per_hour);
        reports.push(PackingReport {
            pool: solver.templates[at].supply.pool.name.clone(),
            policy: policies[at],
            n_claims: tally.n_claims,
            cost: Price::per_hour(tally.cost),
            lower_bound: Price::per_hour(bound),
            first_fit: (first[at].n_claims, Price::per_hour(first[at].cost)),
        });
    }
    reports
}
