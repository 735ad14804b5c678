//! Planned nodes made from bins, every pod admitted by the check that admits pods to planned nodes anywhere.

use super::cheapest;
use super::rounding::Bin;
use super::stock::Stock;
use crate::decide::scheduling::open_claim::OpenClaim;
use crate::decide::scheduling::reservations::Held;
use crate::decide::scheduling::solve::Solver;
use crate::decide::scheduling::template::{Load, Template};
use crate::decide::scheduling::world::{Meeting, Reading};
use crate::model::price::Price;

/// New planned nodes of one pool.
pub(super) struct Rebuild<'r, 'a> {
    solver: &'r mut Solver<'a>,
    template: usize,
    stock: &'r Stock,
    claims: Vec<OpenClaim>,
}

impl<'r, 'a> Rebuild<'r, 'a> {
    /// No node yet; limits leave what the template says.
    pub(super) fn new(solver: &'r mut Solver<'a>, template: usize, stock: &'r Stock) -> Self {
        Self { solver, template, stock, claims: vec![] }
    }

    /// A node for every bin and what it takes besides for pods that did not fit together after all; `None` when
    /// some pod can have no node.
    pub(super) fn run(mut self, bins: &[Bin]) -> Option<Vec<OpenClaim>> {
        let mut next = vec![0; self.stock.pods.len()];
        let mut homeless = vec![];
        for bin in bins {
            let mut claim: Option<OpenClaim> = None;
            for kind in (0..bin.len()).flat_map(|kind| std::iter::repeat_n(kind, bin[kind])) {
                let pod = *self.stock.pods[kind].get(next[kind])?;
                next[kind] += 1;
                match &mut claim {
                    None => claim = Some(self.open(kind, pod)?),
                    Some(claim) => {
                        if !self.add(claim, kind, pod) {
                            homeless.push((kind, pod));
                        }
                    }
                }
            }
            claim.into_iter().for_each(|claim| self.close(claim));
        }
        for (kind, pod) in homeless {
            self.house(kind, pod)?;
        }
        Some(self.claims)
    }

    /// A node for the pod alone; `None` when there can be none, or when it might use reserved capacity.
    fn open(&mut self, kind: usize, pod: usize) -> Option<OpenClaim> {
        let Solver { templates, indexes, world, classes, reservations, .. } = &mut *self.solver;
        let (class, level) = self.stock.asks[kind];
        let class = &classes.all[class];
        let ask = class.ask(&classes.shapes[class.shape], level);
        let template = &mut templates[self.template];
        let index = &mut indexes[template.index];
        let Meeting::Joined(set) = world.meet(template.set, ask.set, Reading::Claim) else {
            return None;
        };
        let among = template.remaining.allowed(&template.types).ok()?;
        let load = Load { total: ask.amounts, ports: ask.ports };
        let types = template.keep(set, load, &among, (index, world));
        if types.is_clear() || !Template::shortfalls(&types, set, (index, world)).is_empty() {
            return None;
        }
        let tables = (&*index, &*world);
        let held = reservations.hold(&Held::new(), (set, &types), template.index, tables).ok()?;
        if !held.is_clear() {
            return None;
        }
        let mut claim = OpenClaim {
            held,
            template: self.template,
            set,
            types,
            total: vec![0; ask.amounts.len()],
            ports: vec![],
            pods: vec![],
            min_values_relaxed: false,
        };
        claim.first(pod, ask);
        Some(claim)
    }

    /// Adds the pod to the node if it takes it.
    fn add(&mut self, claim: &mut OpenClaim, kind: usize, pod: usize) -> bool {
        let Solver { templates, indexes, world, classes, reservations, .. } = &mut *self.solver;
        let (class, level) = self.stock.asks[kind];
        let class = &classes.all[class];
        let ask = class.ask(&classes.shapes[class.shape], level);
        let template = &templates[self.template];
        let tables = (&mut indexes[template.index], world, reservations);
        match claim.try_add(ask, template, tables) {
            Ok(delta) if !delta.held.is_clear() => false,
            Ok(delta) => {
                claim.commit(pod, ask, delta);
                true
            }
            Err(_) => false,
        }
    }

    /// Keeps the node; limits pay for the largest type it can be.
    fn close(&mut self, claim: OpenClaim) {
        self.solver.templates[self.template].remaining.debit(&claim.types);
        self.claims.push(claim);
    }

    /// Puts the pod on the first node that takes it and costs no more for it, else on one of its own.
    fn house(&mut self, kind: usize, pod: usize) -> Option<()> {
        for at in 0..self.claims.len() {
            let mut claim = self.claims[at].clone();
            let before = self.price(&claim);
            if self.add(&mut claim, kind, pod) && self.price(&claim) <= before {
                self.claims[at] = claim;
                return Some(());
            }
        }
        let claim = self.open(kind, pod)?;
        self.close(claim);
        Some(())
    }

    fn price(&mut self, claim: &OpenClaim) -> Price {
        let index = &mut self.solver.indexes[self.solver.templates[self.template].index];
        cheapest(claim, &index.by_price(claim.set, &self.solver.world))
    }
}
