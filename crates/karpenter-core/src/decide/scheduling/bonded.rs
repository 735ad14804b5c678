//! Bins for pods that have other pods to please: the same search, with topology groups asked about every bin.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use fixedbitset::FixedBitSet;
use smallvec::SmallVec;

use super::class::Memory;
use super::open_claim::{Closed, Refused};
use super::order::{CandidateOrder, Standing};
use super::solve::{Place, Solver};
use super::topology::HostVerdict;
use super::world::{Reading, SetId};

/// Open claims that are asked in their order before those that refuse together are sorted out. Tests get to the rest sooner.
const FIRST: usize = if cfg!(test) { 1 } else { 8 };

/// So many open claims are put in order rather than looked for by what they have to be.
const FEW: usize = if cfg!(test) { 2 } else { 64 };

/// Claims to be asked, the first in their order on top.
type Heads = BinaryHeap<Reverse<(Standing, usize)>>;

impl Solver<'_> {
    /// The first existing node that takes a pod of the class.
    pub(super) fn find_bonded_node(&mut self, class: usize, level: usize) -> Option<Place> {
        let shape = &self.classes.shapes[self.classes.all[class].shape];
        let is_hopeless =
            || self.topology.is_hopeless(shape.asker(level), Reading::Node, &self.world);
        if self.nodes.all.is_empty() || is_hopeless() {
            return None;
        }
        let mut open = self.open_nodes(class, level);
        let Self { nodes, classes, world, topology, trials, .. } = self;
        let at_shape = classes.all[class].shape;
        let shape = &classes.shapes[at_shape];
        let (asker, ask) = (shape.asker(level), classes.all[class].ask(shape, level));
        let trials = &mut trials[at_shape][level];
        let mut place = None;
        let mut from = 0;
        while let Some(at) = open.next(from) {
            from = at + 1;
            let node = &nodes.all[at];
            if !node.has_room(ask) {
                open.remove(at);
                continue;
            }
            match topology.on_host(asker, topology.host_of_node(at), world) {
                HostVerdict::Yes => {}
                HostVerdict::NotNow => continue,
                HostVerdict::Never => {
                    open.remove(at);
                    continue;
                }
            }
            let bin = (node.set, Reading::Node);
            let trial = topology.trial((asker, ask.set), bin, false, (trials, world));
            if let Some(set) = trial.sets.first() {
                place = Some(Place::Node(at, *set));
                break;
            }
            if trial.is_never {
                open.remove(at);
            }
        }
        classes.all[class].memory[level].nodes = Some(open);
        place
    }

    /// The open claim with the fewest pods that takes a pod of the class.
    pub(super) fn find_bonded_claim(&mut self, class: usize, level: usize) -> Option<Place> {
        let shape = &self.classes.shapes[self.classes.all[class].shape];
        if self.topology.is_hopeless(shape.asker(level), Reading::Claim, &self.world) {
            return None;
        }
        let mut memory = std::mem::take(&mut self.classes.all[class].memory[level]);
        let (mut place, mut next) = (None, self.order.first());
        for _ in 0..FIRST {
            let Some(at) = next.filter(|_| place.is_none()) else { break };
            next = self.order.after(at);
            place = self.ask_claim((class, level), at, &mut memory);
        }
        if let (None, Some(next)) = (&place, next) {
            place = self.ask_rest((class, level), next, &mut memory);
        }
        self.classes.all[class].memory[level] = memory;
        place
    }

    /// The first open claim from `next` on that takes a pod of the class.
    fn ask_rest(
        &mut self,
        (class, level): (usize, usize),
        next: usize,
        memory: &mut Memory,
    ) -> Option<Place> {
        let open = self.not_full((class, level), memory);
        let n_open = open.count_ones(..);
        let start = self.order.place(next);
        if n_open > FEW {
            return self.ask_willing((class, level), (start, &open), memory);
        }
        let places = open.ones().map(|at| (self.order.place(at), at));
        let mut rest: Vec<_> = places.filter(|(place, _)| *place >= start).collect();
        rest.sort_unstable();
        rest.into_iter().find_map(|(_, at)| self.ask_claim((class, level), at, memory))
    }

    /// The first of the claims in `open` from `start` on that takes a pod of the class: claims that have to be the same
    /// refuse together what has nothing to do with their host or their room.
    fn ask_willing(
        &mut self,
        (class, level): (usize, usize),
        (start, open): (Standing, &FixedBitSet),
        memory: &mut Memory,
    ) -> Option<Place> {
        let next_open = |order: &CandidateOrder, from: usize| {
            let mut alike = std::iter::successors(Some(from), |at| order.after_alike(*at));
            let at = alike.find(|at| open.contains(*at) && order.place(*at) >= start)?;
            Some(Reverse((order.place(at), at)))
        };
        let firsts: SmallVec<[(SetId, usize); 16]> = self.order.firsts().collect();
        let mut heads = Heads::new();
        for (set, first) in firsts {
            if self.is_willing((class, level), set) {
                heads.extend(next_open(&self.order, first));
            }
        }
        while let Some(Reverse((_, at))) = heads.pop() {
            let place = self.ask_claim((class, level), at, memory);
            if place.is_some() {
                return place;
            }
            let next = self.order.after_alike(at);
            heads.extend(next.and_then(|next| next_open(&self.order, next)));
        }
        None
    }

    /// Whether a claim that has to be `set` may become something with a pod of the class.
    fn is_willing(&mut self, (class, level): (usize, usize), set: SetId) -> bool {
        let Self { classes, world, topology, trials, .. } = self;
        let at_shape = classes.all[class].shape;
        let shape = &classes.shapes[at_shape];
        let asked = (shape.asker(level), classes.all[class].ask(shape, level).set);
        let trials = &mut trials[at_shape][level];
        !topology.trial(asked, (set, Reading::Claim), false, (trials, world)).sets.is_empty()
    }

    /// Open claims that neither refuse pods of the class for good nor are full by a count of their host.
    fn not_full(&self, (class, level): (usize, usize), memory: &Memory) -> FixedBitSet {
        let shape = &self.classes.shapes[self.classes.all[class].shape];
        let mut open = FixedBitSet::with_capacity(self.claims.len());
        open.insert_range(..);
        open.difference_with(memory.gone());
        for full in self.topology.full_claims(shape.asker(level)) {
            open.difference_with(full);
        }
        open
    }

    /// The open claim number `at` with a pod of the class, if it takes one; else what that says is kept in mind.
    fn ask_claim(
        &mut self,
        (class, level): (usize, usize),
        at: usize,
        memory: &mut Memory,
    ) -> Option<Place> {
        if memory.gone().contains(at) {
            return None;
        }
        let Self {
            claims, classes, world, indexes, templates, topology, trials, reservations, ..
        } = self;
        let at_shape = classes.all[class].shape;
        let shape = &classes.shapes[at_shape];
        let (asker, ask) = (shape.asker(level), classes.all[class].ask(shape, level));
        let claim = &claims[at];
        match topology.on_host(asker, topology.host_of_claim(at), world) {
            HostVerdict::Yes => {}
            HostVerdict::NotNow => return None,
            HostVerdict::Never => {
                memory.close(at, Closed::ForGood);
                return None;
            }
        }
        let trials = &mut trials[at_shape][level];
        let bin = (claim.set, Reading::Claim);
        let trial = topology.trial((asker, ask.set), bin, false, (trials, world));
        let template = &templates[claim.template];
        if trial.is_never || !shape.levels[level].tolerates(&template.supply.pool.template.taints) {
            memory.close(at, Closed::ForGood);
            return None;
        }
        if trial.sets.is_empty() || memory.has_tried(at, trial.id) {
            return None;
        }
        let tables = (&mut indexes[template.index], &*world, reservations);
        match claim.try_become(&trial.sets, ask, template, tables) {
            Ok(delta) => return Some(Place::Claim(at, delta)),
            Err(Refused::Deferred) => {}
            Err(Refused::ForNow) => memory.close(at, Closed::Tried(trial.id)),
            Err(Refused::ForGood) => memory.close(at, Closed::ForGood),
        }
        None
    }
}
