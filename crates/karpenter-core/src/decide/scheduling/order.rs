//! The order open claims are tried in: fewest pods first, equals as a stable sort before every pod would leave them.

/// Stands for "no claim" in links.
const NONE: usize = usize::MAX;

/// Claims by number of pods, then rank, each linked to its neighbours.
///
/// A claim that gains a pod goes before all others of its new count, a new claim behind all others with one pod: that
/// is what re-sorting the list stably before every pod does, without sorting. Changes are taken back last one first,
/// so the neighbours a claim stood between are neighbours again by the time it returns.
#[derive(Debug)]
pub(super) struct CandidateOrder {
    links: Vec<Link>,
    first: usize,
    last: usize,
    /// Per number of pods the first claim that has so many.
    first_with: Vec<usize>,
    first_rank: i64,
    last_rank: i64,
}

/// Where a claim stands; places compare in the order of trying.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    n_pods: usize,
    rank: i64,
}

/// A claim that has gained a pod, and where it stood before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Moved {
    claim: usize,
    place: Place,
    before: usize,
}

#[derive(Debug, Clone, Copy)]
struct Link {
    place: Place,
    before: usize,
    after: usize,
}

impl Default for CandidateOrder {
    fn default() -> Self {
        let (links, first_with) = (vec![], vec![]);
        Self { links, first: NONE, last: NONE, first_with, first_rank: 0, last_rank: 0 }
    }
}

impl CandidateOrder {
    /// Claims in the order they are to be tried.
    pub(super) fn iter(&self) -> impl Iterator<Item = usize> {
        std::iter::successors(self.first(), |at| self.after(*at))
    }

    /// The claim to be tried first.
    pub(super) fn first(&self) -> Option<usize> {
        (self.first != NONE).then_some(self.first)
    }

    /// The claim to be tried after `claim`.
    pub(super) fn after(&self, claim: usize) -> Option<usize> {
        let after = self.links[claim].after;
        (after != NONE).then_some(after)
    }

    /// Where `claim` stands.
    pub(super) fn place(&self, claim: usize) -> Place {
        self.links[claim].place
    }

    /// Adds the next claim, which has one pod.
    pub(super) fn push(&mut self) {
        self.last_rank += 1;
        let place = Place { n_pods: 1, rank: self.last_rank };
        self.links.push(Link { place, before: NONE, after: NONE });
        let after = self.first_with_more_than(1);
        self.link(self.links.len() - 1, after);
    }

    /// Notes that `claim` has gained a pod; returns where it stood.
    pub(super) fn gain(&mut self, claim: usize) -> Moved {
        self.first_rank -= 1;
        let Link { place, before, .. } = self.links[claim];
        self.unlink(claim);
        let n_pods = place.n_pods + 1;
        self.links[claim].place = Place { n_pods, rank: self.first_rank };
        let after = self.first_with_more_than(place.n_pods);
        self.link(claim, after);
        Moved { claim, place, before }
    }

    /// Takes back the last [`gain`](Self::gain), which returned `moved`.
    pub(super) fn lose(&mut self, Moved { claim, place, before }: Moved) {
        self.first_rank += 1;
        self.unlink(claim);
        self.links[claim].place = place;
        let after = if before == NONE { self.first } else { self.links[before].after };
        self.link(claim, after);
    }

    /// Takes back the last [`push`](Self::push).
    pub(super) fn pop(&mut self) {
        if let Some(last) = self.links.len().checked_sub(1) {
            self.last_rank -= 1;
            self.unlink(last);
            self.links.pop();
        }
    }

    fn first_with_more_than(&self, n_pods: usize) -> usize {
        let mut more = self.first_with.iter().skip(n_pods + 1);
        more.find(|first| **first != NONE).copied().unwrap_or(NONE)
    }

    /// Puts a claim that is not linked right before `after`.
    fn link(&mut self, claim: usize, after: usize) {
        let before = if after == NONE { self.last } else { self.links[after].before };
        self.links[claim].before = before;
        self.links[claim].after = after;
        self.join(before, claim);
        self.join(claim, after);
        let n_pods = self.links[claim].place.n_pods;
        if self.first_with.len() <= n_pods {
            self.first_with.resize(n_pods + 1, NONE);
        }
        if before == NONE || self.links[before].place.n_pods != n_pods {
            self.first_with[n_pods] = claim;
        }
    }

    fn unlink(&mut self, claim: usize) {
        let Link { place, before, after } = self.links[claim];
        if self.first_with[place.n_pods] == claim {
            let is_next = after != NONE && self.links[after].place.n_pods == place.n_pods;
            self.first_with[place.n_pods] = if is_next { after } else { NONE };
            while self.first_with.last() == Some(&NONE) {
                self.first_with.pop();
            }
        }
        self.join(before, after);
    }

    fn join(&mut self, before: usize, after: usize) {
        match before {
            NONE => self.first = after,
            _ => self.links[before].after = after,
        }
        match after {
            NONE => self.last = before,
            _ => self.links[after].before = before,
        }
    }
}
