//! The order open claims are tried in: fewest pods first, equals as a stable sort before every pod would leave them.

use std::collections::BTreeSet;

/// Claims by number of pods, then rank.
///
/// A claim that gains a pod goes before all others of its new count, a new claim behind all others with one pod: that
/// is what re-sorting the list stably before every pod does, without sorting.
#[derive(Debug, Default)]
pub(super) struct CandidateOrder {
    sorted: BTreeSet<Place>,
    place_of: Vec<Place>,
    first_rank: i64,
    last_rank: i64,
}

/// Where a claim stands; field order is the order of trying.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    n_pods: u32,
    rank: i64,
    claim: usize,
}

impl CandidateOrder {
    /// Claims in the order they are to be tried.
    pub(super) fn iter(&self) -> impl Iterator<Item = usize> {
        self.sorted.iter().map(|place| place.claim)
    }

    /// Where `claim` stands.
    pub(super) fn place(&self, claim: usize) -> Place {
        self.place_of[claim]
    }

    /// Adds the next claim, which has one pod.
    pub(super) fn push(&mut self) {
        self.last_rank += 1;
        let place = Place { n_pods: 1, rank: self.last_rank, claim: self.place_of.len() };
        self.place_of.push(place);
        self.sorted.insert(place);
    }

    /// Notes that `claim` has gained a pod; returns where it stood.
    pub(super) fn gain(&mut self, claim: usize) -> Place {
        self.first_rank -= 1;
        let old = self.place_of[claim];
        let new = Place { n_pods: old.n_pods + 1, rank: self.first_rank, claim };
        self.sorted.remove(&old);
        self.sorted.insert(new);
        self.place_of[claim] = new;
        old
    }

    /// Takes back the last [`gain`](Self::gain), which returned `place`.
    pub(super) fn lose(&mut self, place: Place) {
        self.first_rank += 1;
        self.sorted.remove(&self.place_of[place.claim]);
        self.sorted.insert(place);
        self.place_of[place.claim] = place;
    }

    /// Takes back the last [`push`](Self::push).
    pub(super) fn pop(&mut self) {
        self.last_rank -= 1;
        if let Some(place) = self.place_of.pop() {
            self.sorted.remove(&place);
        }
    }
}
