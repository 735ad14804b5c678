//! Claims linked to their neighbours, in any number of chains.

use super::Standing;

/// Stands for "no claim" in links.
pub(super) const NONE: usize = usize::MAX;

/// Claims by number of pods, then rank, each in one of the chains.
///
/// Whoever is put in goes before all others of its number of pods, or behind all others with one pod. What is put in is
/// taken out again last one first, so the neighbours a claim stood between are neighbours by the time it returns.
#[derive(Debug, Default)]
pub(super) struct Chains {
    all: Vec<Chain>,
    links: Vec<Link>,
}

#[derive(Debug, Clone, Copy)]
struct Link {
    place: Standing,
    chain: usize,
    before: usize,
    after: usize,
}

#[derive(Debug)]
struct Chain {
    first: usize,
    last: usize,
    /// Per number of pods the first claim that has so many.
    first_with: Vec<usize>,
}

/// Where a claim stood in its chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stood {
    chain: usize,
    before: usize,
}

impl Chains {
    /// The first claim of `chain`.
    pub(super) fn first(&self, chain: usize) -> Option<usize> {
        self.all.get(chain).map(|chain| chain.first).filter(|first| *first != NONE)
    }

    /// The claim behind `claim` in its chain.
    pub(super) fn after(&self, claim: usize) -> Option<usize> {
        let after = self.links[claim].after;
        (after != NONE).then_some(after)
    }

    /// Adds the next claim, which has one pod, behind the others with one pod.
    pub(super) fn push(&mut self, chain: usize, place: Standing) {
        self.links.push(Link { place, chain, before: NONE, after: NONE });
        self.put(self.links.len() - 1, chain, place);
    }

    /// Takes the last claim out for good.
    pub(super) fn pop(&mut self) {
        if let Some(last) = self.links.len().checked_sub(1) {
            self.unlink(last);
            self.links.pop();
        }
    }

    /// Moves `claim` to `chain`, before all others of its new number of pods; returns where it stood.
    pub(super) fn advance(&mut self, claim: usize, chain: usize, place: Standing) -> Stood {
        let stood = Stood { chain: self.links[claim].chain, before: self.links[claim].before };
        self.unlink(claim);
        self.put(claim, chain, place);
        stood
    }

    /// Takes back the last [`advance`](Self::advance), which moved `claim` away from `stood`.
    pub(super) fn put_back(&mut self, claim: usize, stood: Stood, place: Standing) {
        self.unlink(claim);
        let Stood { chain, before } = stood;
        let after = match before {
            NONE => self.all[chain].first,
            _ => self.links[before].after,
        };
        self.link(claim, (chain, place), after);
    }

    /// A claim with one pod goes behind, any other before those of its number.
    fn put(&mut self, claim: usize, chain: usize, place: Standing) {
        while self.all.len() <= chain {
            self.all.push(Chain { first: NONE, last: NONE, first_with: vec![] });
        }
        let from = if place.n_pods == 1 { 2 } else { place.n_pods };
        let mut later = self.all[chain].first_with.iter().skip(from);
        let after = later.find(|first| **first != NONE).copied().unwrap_or(NONE);
        self.link(claim, (chain, place), after);
    }

    /// Puts a claim that is not linked right before `after`.
    fn link(&mut self, claim: usize, (chain, place): (usize, Standing), after: usize) {
        let before = if after == NONE { self.all[chain].last } else { self.links[after].before };
        self.links[claim] = Link { place, chain, before, after };
        self.join(chain, before, claim);
        self.join(chain, claim, after);
        let n_pods = place.n_pods;
        let is_first = before == NONE || self.links[before].place.n_pods != n_pods;
        let first_with = &mut self.all[chain].first_with;
        if first_with.len() <= n_pods {
            first_with.resize(n_pods + 1, NONE);
        }
        if is_first {
            first_with[n_pods] = claim;
        }
    }

    fn unlink(&mut self, claim: usize) {
        let Link { place, chain, before, after } = self.links[claim];
        let is_next = after != NONE && self.links[after].place.n_pods == place.n_pods;
        let first_with = &mut self.all[chain].first_with;
        if first_with[place.n_pods] == claim {
            first_with[place.n_pods] = if is_next { after } else { NONE };
            while first_with.last() == Some(&NONE) {
                first_with.pop();
            }
        }
        self.join(chain, before, after);
    }

    fn join(&mut self, chain: usize, before: usize, after: usize) {
        match before {
            NONE => self.all[chain].first = after,
            _ => self.links[before].after = after,
        }
        match after {
            NONE => self.all[chain].last = before,
            _ => self.links[after].before = before,
        }
    }
}
