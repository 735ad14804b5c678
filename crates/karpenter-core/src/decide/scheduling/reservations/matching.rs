//! Whether reserved capacity is enough for every claim that counts on it: a maximum matching of claims to reservations.
//!
//! Claims that could use the same reservations are interchangeable, so they are kept as a group with a number of units
//! of each reservation. One claim more is covered if units can be shifted along a chain of groups to a reservation that
//! has one to spare (an augmenting path); otherwise no distribution covers it. The chain is searched in breadth: the
//! work is at most the number of groups times the number of reservations.
//!
//! What is covered depends on the claims alone, not on the way they came to be.

use std::collections::VecDeque;

use rustc_hash::FxHashMap;

use super::Held;

/// Claims that count on reserved capacity, with a unit for each.
#[derive(Debug)]
pub(super) struct Matching {
    /// Units nobody has, by reservation.
    spare: Vec<u32>,
    groups: Vec<Group>,
    by_ids: FxHashMap<Held, usize>,
}

/// Claims that could use the same reservations.
#[derive(Debug)]
struct Group {
    ids: Held,
    /// Units its claims have, by reservation: one for each claim.
    given: Vec<u32>,
}

/// A unit of a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Unit {
    group: usize,
    id: usize,
}

/// How a unit comes free: the last of a chain of reservations, and what moves into each of them.
#[derive(Debug)]
struct Path {
    end: usize,
    /// By reservation, the unit that moves there once its own place is taken; none at the beginning of the chain.
    moves: Vec<Option<Unit>>,
}

impl Matching {
    /// No claim yet; this much can be had, by reservation.
    pub(super) fn new(units: &[u32]) -> Self {
        Self { spare: units.to_vec(), groups: vec![], by_ids: FxHashMap::default() }
    }

    /// Whether all claims stay covered when one that could use `before`, or a new one if that is nothing, can use
    /// `after` instead.
    pub(super) fn covers(&self, before: &Held, after: &Held) -> bool {
        self.path(self.unit_of(before), after).is_some()
    }

    /// A claim that could use `before`, or a new one if that is nothing, can use `after` from now on, or is gone.
    ///
    /// A claim that is not covered gets nothing.
    pub(super) fn exchange(&mut self, before: &Held, after: &Held) {
        if before == after {
            return;
        }
        if let Some(Unit { group, id }) = self.unit_of(before) {
            self.groups[group].given[id] -= 1;
            self.spare[id] += 1;
        }
        let Some(Path { end, moves }) = self.path(None, after) else { return };
        self.spare[end] -= 1;
        let mut id = end;
        while let Some(unit) = moves[id] {
            let given = &mut self.groups[unit.group].given;
            given[id] += 1;
            given[unit.id] -= 1;
            id = unit.id;
        }
        let group = self.group(after);
        self.groups[group].given[id] += 1;
    }

    /// Settles a claim that could use `ids` on the first of them with which all others stay covered.
    pub(super) fn settle(&mut self, ids: &Held) -> Option<usize> {
        let alone = |id: usize| {
            let mut alone = Held::with_capacity(self.spare.len());
            alone.insert(id);
            alone
        };
        let own = ids.ones().find(|id| self.covers(ids, &alone(*id)))?;
        self.exchange(ids, &alone(own));
        Some(own)
    }

    /// Takes a unit nobody has of every one of `ids`; returns which there were.
    pub(super) fn take_spare(&mut self, ids: &Held) -> Held {
        let mut taken = Held::with_capacity(self.spare.len());
        for id in ids.ones().filter(|id| self.spare[*id] > 0) {
            taken.insert(id);
        }
        taken.ones().for_each(|id| self.spare[id] -= 1);
        taken
    }

    fn group(&mut self, ids: &Held) -> usize {
        let Self { groups, by_ids, spare } = self;
        *by_ids.entry(ids.clone()).or_insert_with(|| {
            groups.push(Group { ids: ids.clone(), given: vec![0; spare.len()] });
            groups.len() - 1
        })
    }

    /// A unit of a claim that could use `ids`; whichever, for its claims are interchangeable.
    fn unit_of(&self, ids: &Held) -> Option<Unit> {
        let group = *self.by_ids.get(ids)?;
        let id = self.groups[group].given.iter().position(|n_units| *n_units > 0)?;
        Some(Unit { group, id })
    }

    /// How a claim that could use `ids` gets a unit once `freed` has none any more.
    fn path(&self, freed: Option<Unit>, ids: &Held) -> Option<Path> {
        let mut moves = vec![None; self.spare.len()];
        let mut reached = ids.clone();
        let mut next: VecDeque<usize> = ids.ones().collect();
        while let Some(id) = next.pop_front() {
            if self.spare[id] > 0 || freed.is_some_and(|unit| unit.id == id) {
                return Some(Path { end: id, moves });
            }
            for (at, group) in self.groups.iter().enumerate().filter(|(_, g)| g.given[id] > 0) {
                for other in group.ids.difference(&reached) {
                    moves[other] = Some(Unit { group: at, id });
                    next.push_back(other);
                }
                reached.union_with(&group.ids);
            }
        }
        None
    }
}
