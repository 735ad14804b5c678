//! Planned nodes that do not grow out of what is worth its price.
//!
//! Resources get the prices at which all pods of a pool together cost as much as the best mixture of its machines. An
//! instance type is the better the less it costs above the worth of its resources; a planned node may give up types as
//! it grows, but never all of the best level it had. The first pod is always admitted.

use fixedbitset::FixedBitSet;

use super::market::{self, Market};
use super::{Placed, tallies};
use crate::decide::scheduling::open_claim::OpenClaim;
use crate::decide::scheduling::reservations::Held;
use crate::decide::scheduling::solve::Solver;
use crate::options::PackingPolicy;

/// What types cost above their worth, level by level.
const LEVELS: [f64; 6] = [1.05, 1.15, 1.3, 1.6, 2.2, 4.0];

/// Places all pods again with guarded nodes; `placed` stays as it is unless that is cheaper.
pub(super) fn improve(placed: &mut Placed<'_>, policies: &[PackingPolicy]) {
    if placed.solver.claims.is_empty() {
        return;
    }
    let Ok(mut solver) = Solver::of(placed.solver.input, placed.solver.pods) else { return };
    for at in (0..policies.len()).filter(|at| policies[*at] > PackingPolicy::FirstFit) {
        solver.templates[at].guard = levels(&mut placed.solver, at);
    }
    solver.stop = placed.solver.stop;
    let left = solver.run();
    let mut guarded = Placed { solver, left };
    if cost(&mut guarded.solver) < cost(&mut placed.solver) && is_alike(&guarded, placed) {
        *placed = guarded;
    }
}

/// Types of template number `at` by level.
fn levels(solver: &mut Solver<'_>, at: usize) -> Vec<FixedBitSet> {
    let market = Market::of(solver, at);
    let fluid = market.bound(&market::demand(solver, at));
    let Some(fluid) = fluid.filter(|fluid| fluid.per_hour > 0.0) else { return vec![] };
    let n_types = solver.indexes[solver.templates[at].index].types().len();
    let level = |excess: f64| {
        let mut types = FixedBitSet::with_capacity(n_types);
        let machines = market.machines.iter().zip(&market.types);
        let worthy = machines
            .filter(|(machine, _)| machine.price.as_f64() <= excess * fluid.value(&machine.room));
        types.extend(worthy.map(|(_, at)| *at));
        types
    };
    LEVELS.into_iter().map(level).collect()
}

fn cost(solver: &mut Solver<'_>) -> f64 {
    tallies(solver).iter().map(|tally| tally.cost).sum()
}

/// Whether every pod is as well off: on the same node, on a new node of the same pool, or left over, with the same
/// preferences met.
fn is_alike(guarded: &Placed<'_>, placed: &Placed<'_>) -> bool {
    let solver = &guarded.solver;
    // Types that do not fit the list might take a minimum of values with them.
    let may_be_cut = |claim: &OpenClaim| {
        claim.types.count_ones(..) > solver.input.options.max_instance_types
            && solver.world.has_min_values(claim.set)
    };
    solver.placed_at == placed.solver.placed_at
        && places(guarded) == places(placed)
        && reserved(guarded) == reserved(placed)
        && !solver.claims.iter().any(may_be_cut)
}

/// Where a pod is, as far as packing may not change it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Whereabouts {
    Nowhere,
    Node(usize),
    NewNodeOf(usize),
}

fn places(placed: &Placed<'_>) -> Vec<Whereabouts> {
    let solver = &placed.solver;
    let mut places = vec![Whereabouts::Nowhere; solver.pods.len()];
    for (at, node) in solver.nodes.all.iter().enumerate() {
        node.pods.iter().for_each(|pod| places[*pod] = Whereabouts::Node(at));
    }
    for claim in &solver.claims {
        claim.pods.iter().for_each(|pod| places[*pod] = Whereabouts::NewNodeOf(claim.template));
    }
    places
}

/// Planned nodes that may come to use reserved capacity.
fn reserved<'p>(placed: &'p Placed<'_>) -> Vec<(&'p [usize], &'p Held)> {
    let holding = placed.solver.claims.iter().filter(|claim| !claim.held.is_clear());
    holding.map(|claim| (&*claim.pods, &claim.held)).collect()
}
