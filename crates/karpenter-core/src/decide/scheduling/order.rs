//! The order open claims are tried in: fewest pods first, equals as a stable sort before every pod would leave them.

mod chains;

use std::collections::BTreeSet;
use std::fmt;

use rustc_hash::FxHashMap;

use self::chains::{Chains, Stood};
use super::world::SetId;

/// Claims by number of pods, then rank: all of them, and those that have to be the same.
///
/// A claim that gains a pod goes before all others of its new count, a new claim behind all others with one pod: that
/// is what re-sorting the list stably before every pod does, without sorting.
#[derive(Default)]
pub(super) struct CandidateOrder {
    places: Vec<Standing>,
    /// One chain with all claims.
    all: Chains,
    /// A chain per set.
    alike: Chains,
    chain_of: FxHashMap<SetId, usize>,
    /// What the claims of each chain have to be.
    sets: Vec<SetId>,
    first_rank: i64,
    last_rank: i64,
}

/// Where a claim stands; places compare in the order of trying.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Standing {
    n_pods: usize,
    rank: i64,
}

/// A claim that has gained a pod, and where it stood before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Moved {
    claim: usize,
    place: Standing,
    among_all: Stood,
    among_alike: Stood,
}

impl CandidateOrder {
    /// Claims in the order they are to be tried.
    pub(super) fn iter(&self) -> impl Iterator<Item = usize> {
        std::iter::successors(self.first(), |at| self.after(*at))
    }

    /// The claim to be tried first.
    pub(super) fn first(&self) -> Option<usize> {
        self.all.first(0)
    }

    /// The claim to be tried after `claim`.
    pub(super) fn after(&self, claim: usize) -> Option<usize> {
        self.all.after(claim)
    }

    /// Every set that claims have, with the first claim that has it.
    pub(super) fn firsts(&self) -> impl Iterator<Item = (SetId, usize)> {
        let sets = self.sets.iter().enumerate();
        sets.filter_map(|(chain, set)| Some((*set, self.alike.first(chain)?)))
    }

    /// The claim to be tried after `claim` of those with the same set.
    pub(super) fn after_alike(&self, claim: usize) -> Option<usize> {
        self.alike.after(claim)
    }

    /// Where `claim` stands.
    pub(super) fn place(&self, claim: usize) -> Standing {
        self.places[claim]
    }

    /// Adds the next claim, which has one pod and is to be `set`.
    pub(super) fn push(&mut self, set: SetId) {
        self.last_rank += 1;
        let place = Standing { n_pods: 1, rank: self.last_rank };
        self.places.push(place);
        self.all.push(0, place);
        let chain = self.chain(set);
        self.alike.push(chain, place);
    }

    /// Notes that `claim` has gained a pod and is to be `set`; returns where it stood.
    pub(super) fn gain(&mut self, claim: usize, set: SetId) -> Moved {
        self.first_rank -= 1;
        let place = self.places[claim];
        let next = Standing { n_pods: place.n_pods + 1, rank: self.first_rank };
        self.places[claim] = next;
        let chain = self.chain(set);
        let among_all = self.all.advance(claim, 0, next);
        let among_alike = self.alike.advance(claim, chain, next);
        Moved { claim, place, among_all, among_alike }
    }

    /// Takes back the last [`gain`](Self::gain), which returned `moved`.
    pub(super) fn lose(&mut self, Moved { claim, place, among_all, among_alike }: Moved) {
        self.first_rank += 1;
        self.places[claim] = place;
        self.all.put_back(claim, among_all, place);
        self.alike.put_back(claim, among_alike, place);
    }

    /// Takes back the last [`push`](Self::push).
    pub(super) fn pop(&mut self) {
        if self.places.pop().is_some() {
            self.last_rank -= 1;
            self.all.pop();
            self.alike.pop();
        }
    }

    fn chain(&mut self, set: SetId) -> usize {
        *self.chain_of.entry(set).or_insert_with(|| {
            self.sets.push(set);
            self.sets.len() - 1
        })
    }
}

/// Shows claims in order, and which of them are alike; numbers of sets differ between solves that are otherwise equal.
impl fmt::Debug for CandidateOrder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let chain = |(_, first)| {
            let alike = std::iter::successors(Some(first), |at| self.after_alike(*at));
            alike.collect::<Vec<_>>()
        };
        let alike: BTreeSet<Vec<usize>> = self.firsts().map(chain).collect();
        let all: Vec<_> = self.iter().map(|claim| (claim, self.place(claim))).collect();
        let ranks = (self.first_rank, self.last_rank);
        f.debug_struct("CandidateOrder")
            .field("all", &all)
            .field("alike", &alike)
            .field("ranks", &ranks)
            .finish()
    }
}
