//! Pods of planned nodes that can be packed anew, sorted into kinds.

use std::collections::BTreeMap;

use fixedbitset::FixedBitSet;

use super::market::Market;
use crate::decide::scheduling::bounds::Kind;
use crate::decide::scheduling::open_claim::OpenClaim;
use crate::decide::scheduling::solve::Solver;
use crate::decide::scheduling::template::Load;
use crate::decide::scheduling::world::{Meeting, Reading};

/// Pods by kind; a kind is a class at the level at which it was placed.
#[derive(Debug, Default)]
pub(in super::super) struct Stock {
    /// What they ask for.
    pub(super) kinds: Vec<Kind>,
    /// Class and level of every kind.
    pub(super) asks: Vec<(usize, usize)>,
    /// The pods of every kind, as indices into the input.
    pub(super) pods: Vec<Vec<usize>>,
}

/// Planned nodes of template number `template` whose pods can go anywhere the resources and labels let them.
pub(super) fn free_claims(solver: &Solver<'_>, template: usize) -> Vec<usize> {
    let is_free = |claim: &OpenClaim| {
        claim.template == template
            && !claim.min_values_relaxed
            && claim.held.is_clear()
            && claim.pods.iter().all(|pod| is_free_pod(solver, *pod))
    };
    let claims = solver.claims.iter().enumerate();
    claims.filter(|(_, claim)| is_free(claim)).map(|(at, _)| at).collect()
}

/// Whether the pod looks at no other pod, is counted by nobody, takes no port and no device, and its volumes can be
/// reached from anywhere.
fn is_free_pod(solver: &Solver<'_>, pod: usize) -> bool {
    let Some((class, level)) = ask(solver, pod) else { return false };
    let shape = &solver.classes.shapes[solver.classes.all[class].shape];
    shape.ports.is_empty()
        && solver.classes.all[class].device_claims.is_none()
        && shape.owned.is_empty()
        && shape.asker(level).is_indifferent()
        && !solver.topology.counts(shape.audience)
}

/// Class of a placed pod, and the level at which it was placed.
fn ask(solver: &Solver<'_>, pod: usize) -> Option<(usize, usize)> {
    let class = solver.classes.of_pod[pod].as_ref().ok()?;
    Some((*class, solver.placed_at[pod]?))
}

impl Stock {
    /// The pods of `claims`, kinds in order of class, pods in the order they were placed.
    pub(super) fn of(
        solver: &mut Solver<'_>,
        template: usize,
        claims: &[usize],
        market: &Market,
    ) -> Self {
        let mut by_ask: BTreeMap<(usize, usize), Vec<usize>> = BTreeMap::new();
        for pod in claims.iter().flat_map(|claim| &solver.claims[*claim].pods) {
            if let Some(ask) = ask(solver, *pod) {
                by_ask.entry(ask).or_default().push(*pod);
            }
        }
        let mut stock = Self::default();
        for (ask, pods) in by_ask {
            stock.kinds.push(Kind {
                amounts: solver.classes.all[ask.0].amounts.clone(),
                count: pods.len(),
                machines: machines(solver, template, ask, market),
            });
            stock.asks.push(ask);
            stock.pods.push(pods);
        }
        stock
    }

    /// Class and level of a pod.
    pub(super) fn ask_of(&self, pod: usize) -> Option<(usize, usize)> {
        let kind = self.pods.iter().position(|pods| pods.contains(&pod))?;
        Some(self.asks[kind])
    }
}

/// Machines of the market that pods of a class may run on.
pub(in super::super) fn machines(
    solver: &mut Solver<'_>,
    template: usize,
    (class, level): (usize, usize),
    market: &Market,
) -> FixedBitSet {
    let Solver { templates, indexes, world, classes, .. } = solver;
    let template = &templates[template];
    let class = &classes.all[class];
    let ask = class.ask(&classes.shapes[class.shape], level);
    let mut machines = FixedBitSet::with_capacity(market.types.len());
    if let Meeting::Joined(set) = world.meet(template.set, ask.set, Reading::Claim) {
        let load = Load { total: ask.amounts, ports: ask.ports };
        let types =
            template.keep(set, load, &template.types, (&mut indexes[template.index], world));
        let allowed = market.types.iter().enumerate().filter(|(_, at)| types.contains(**at));
        machines.extend(allowed.map(|(at, _)| at));
    }
    machines
}
