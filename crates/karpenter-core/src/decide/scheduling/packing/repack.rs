//! Planned nodes taken apart and packed anew, where that is cheaper by enough.

use super::market::Market;
use super::rebuild::Rebuild;
use super::stock::{Stock, free_claims};
use super::{Tally, cheapest, price, rounding};
use crate::decide::scheduling::bounds::Machine;
use crate::decide::scheduling::bounds::fluid::fluid;
use crate::decide::scheduling::bounds::numbers;
use crate::decide::scheduling::explain;
use crate::decide::scheduling::open_claim::OpenClaim;
use crate::decide::scheduling::solve::Solver;
use crate::model::price::Price;
use crate::model::quantity::Quantity;

/// Most kinds of pods that are packed anew; work grows with their square.
const MAX_KINDS: usize = 128;

/// A packing has to be cheaper by this share of the cost.
const WORTHWHILE: f64 = 0.02;

/// Most nodes, as a multiple of what there were before.
const NODE_FACTOR: usize = 2;

/// Instance types a node can be, unless one could be fewer before.
const MIN_FLEXIBILITY: usize = 15;

/// What a node costs extra in the search when there would be too many, as shares of what a node cost on average.
const EXTRA: [f64; 8] = [0.003, 0.006, 0.0125, 0.025, 0.05, 0.1, 0.2, 0.4];

/// Packs the free planned nodes of template number `at` anew; nothing changes unless that is worthwhile.
///
/// `limits` is what the pool's limits left at first, `first` the nodes it had before anything was improved.
pub(super) fn improve(solver: &mut Solver<'_>, at: usize, limits: &[Quantity], first: Tally) {
    let old = free_claims(solver, at);
    let market = Market::of(solver, at);
    let stock = Stock::of(solver, at, &old, &market);
    if stock.kinds.is_empty() || stock.kinds.len() > MAX_KINDS {
        return;
    }
    let before: f64 = old.iter().map(|claim| price(solver, *claim).as_f64()).sum();
    let cap = NODE_FACTOR * old.len();
    let Some(bins) = bins(&market, &stock, (before, old.len()), cap) else { return };
    let used = solver.templates[at].remaining.amounts();
    solver.templates[at].remaining.restore(limits);
    let kept: Vec<usize> =
        (0..solver.claims.len()).filter(|at| old.binary_search(at).is_err()).collect();
    for claim in kept.iter().map(|claim| &solver.claims[*claim]) {
        if claim.template == at {
            solver.templates[at].remaining.debit(&claim.types);
        }
    }
    let rebuilt = Rebuild::new(solver, at, &stock).run(&bins);
    let rebuilt = rebuilt.filter(|claims| {
        let after = cost(solver, claims);
        let least = market.machines.iter().map(|machine| machine.price).min();
        let gain = (before * WORTHWHILE).max(least.unwrap_or(Price::ZERO).as_f64());
        after <= before - gain && claims.len() <= cap && are_flexible(solver, claims, first)
    });
    match rebuilt {
        Some(claims) => replace(solver, &kept, &stock, claims),
        None => solver.templates[at].remaining.restore(&used),
    }
}

/// Nodes for all pods, not more than `cap`; `before` is what they cost and how many there were.
fn bins(
    market: &Market,
    stock: &Stock,
    (cost, n_claims): (f64, usize),
    cap: usize,
) -> Option<Vec<rounding::Bin>> {
    let n_resources = market.machines.first()?.room.len();
    let total = |resource: usize| {
        let amounts = stock.kinds.iter().map(|kind| (kind.amounts[resource], kind.count));
        amounts.map(|(amount, n)| amount * i128::try_from(n).unwrap_or(i128::MAX)).sum()
    };
    let demand: Vec<i128> = (0..n_resources).map(total).collect();
    let mean = cost / numbers::count(n_claims);
    let search = |extra: f64| {
        let dearer = |machine: &Machine| Machine {
            price: Price::per_hour(machine.price.as_f64() + extra * mean),
            room: machine.room.clone(),
        };
        let machines: Vec<Machine> = market.machines.iter().map(dearer).collect();
        let fluid = fluid(&machines, &demand)?;
        rounding::bins(&machines, &stock.kinds, &fluid).filter(|bins| bins.len() <= cap)
    };
    search(0.0).or_else(|| {
        let (mut found, mut range) = (None, 0..EXTRA.len());
        while !range.is_empty() {
            let middle = range.start + range.len() / 2;
            match search(EXTRA[middle]) {
                Some(bins) => (found, range) = (Some(bins), range.start..middle),
                None => range.start = middle + 1,
            }
        }
        found
    })
}

fn cost(solver: &mut Solver<'_>, claims: &[OpenClaim]) -> f64 {
    let price = |claim: &OpenClaim| {
        let index = &mut solver.indexes[solver.templates[claim.template].index];
        cheapest(claim, &index.by_price(claim.set, &solver.world)).as_f64()
    };
    claims.iter().map(price).sum()
}

/// Whether every node can be as many instance types as it should, and none that the list has no room for where some
/// minimum of values counts them.
fn are_flexible(solver: &Solver<'_>, claims: &[OpenClaim], first: Tally) -> bool {
    let least = MIN_FLEXIBILITY.min(first.least_types);
    claims.iter().all(|claim| {
        let n_types = claim.types.count_ones(..);
        let is_cut = n_types > solver.input.options.max_instance_types;
        n_types >= least && !(is_cut && solver.world.has_min_values(claim.set))
    })
}

/// Puts `claims` behind those that are kept.
fn replace(solver: &mut Solver<'_>, kept: &[usize], stock: &Stock, claims: Vec<OpenClaim>) {
    let mut old: Vec<Option<OpenClaim>> =
        std::mem::take(&mut solver.claims).into_iter().map(Some).collect();
    let mut reasons = std::mem::take(&mut solver.passed_over);
    if let Some(desk) = &mut solver.devices {
        desk.renumber(kept);
    }
    for at in kept {
        solver.claims.extend(old[*at].take());
        solver.passed_over.push(std::mem::take(&mut reasons[*at]));
    }
    for claim in claims {
        let ask = claim.pods.first().and_then(|pod| stock.ask_of(*pod));
        let heavier = 0..claim.template;
        let why = ask.map(|ask| explain::refusals(solver, ask, heavier)).unwrap_or_default();
        solver.claims.push(claim);
        solver.passed_over.push(why);
    }
}
