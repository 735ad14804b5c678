//! What the machines of a pool cost and hold.

use crate::decide::scheduling::bounds::Machine;
use crate::decide::scheduling::bounds::fluid::{Fluid, fluid};
use crate::decide::scheduling::solve::Solver;
use crate::decide::scheduling::universe::{Amounts, add, subtract};
use crate::model::price::Price;

/// Machines a pool can make.
#[derive(Debug)]
pub(in super::super) struct Market {
    /// At the best price and with the most room any of their offerings has, DaemonSets already taken off.
    pub(in super::super) machines: Vec<Machine>,
    /// Per machine its instance type, by position in the catalogue.
    pub(in super::super) types: Vec<usize>,
}

impl Market {
    /// The machines of template number `at`, in catalogue order.
    pub(in super::super) fn of(solver: &mut Solver<'_>, at: usize) -> Self {
        let Solver { templates, indexes, world, .. } = solver;
        let template = &templates[at];
        let index = &mut indexes[template.index];
        let mut prices = vec![Price::UNKNOWN; index.types().len()];
        for (price, at) in index.by_price(template.set, world).iter() {
            prices[*at] = *price;
        }
        let mut market = Self { machines: vec![], types: vec![] };
        for group in &template.groups {
            let sold = group.types.ones().filter(|at| prices[*at] != Price::UNKNOWN);
            for (at, mut room) in sold.filter_map(|at| Some((at, index.most(at)?))) {
                subtract(&mut room, &group.amounts);
                if room.iter().all(|amount| *amount >= 0) {
                    market.machines.push(Machine { price: prices[at], room });
                    market.types.push(at);
                }
            }
        }
        market
    }

    /// What machines with room for `demand` cost at least.
    pub(in super::super) fn bound(&self, demand: &[i128]) -> Option<Fluid> {
        fluid(&self.machines, demand)
    }
}

/// What pods on planned nodes of template number `at` ask for together.
pub(in super::super) fn demand(solver: &Solver<'_>, at: usize) -> Amounts {
    let mut claims = solver.claims.iter().filter(|claim| claim.template == at);
    let mut demand = claims.next().map(|claim| claim.total.clone()).unwrap_or_default();
    claims.for_each(|claim| add(&mut demand, &claim.total));
    demand
}
