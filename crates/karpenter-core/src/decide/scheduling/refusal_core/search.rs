//! Finds a smallest set of constraints that leaves nothing.
//!
//! Constraints are numbers here, and a probe says how many types some of them leave. Where more constraints never leave
//! more, a constraint whose absence leaves something is in every core. Mostly these few are a core by themselves; else
//! they are tried with one, two and three of the others, and at last as many as can be are left out one by one.

use fixedbitset::FixedBitSet;

/// Sets tried for a smallest core, at most.
pub(super) const MAX_PROBES: usize = 128;

/// How many constraints are tried together besides those that are in every core.
const MAX_EXTRA: usize = 3;

/// A core by the numbers of its constraints.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    /// Its members, ascending; never empty.
    pub(super) members: Vec<usize>,
    /// Per member what the others leave; never zero.
    pub(super) left_without: Vec<usize>,
    /// Other constraints that are a core by themselves; only when there is one member.
    pub(super) as_well: Vec<usize>,
    /// What is left without any constraint; never zero.
    pub(super) n_free: usize,
    /// No smaller set is a core.
    pub(super) is_smallest: bool,
}

/// The core of `n` constraints; `None` when all together leave something, or none of them leaves nothing.
///
/// `is_monotone` says that more constraints never leave more. Of several smallest cores the first in the order of numbers.
/// Asks at most 4·`n` + 3 + [`MAX_PROBES`] times, or `n`² + 2·`n` + 3 + [`MAX_PROBES`] when it is not monotone.
pub(super) fn core(
    n: usize,
    is_monotone: bool,
    left: impl FnMut(&FixedBitSet) -> usize,
) -> Option<Found> {
    let mut search = Search { n, left };
    let all = search.all();
    let n_free = search.left(&FixedBitSet::with_capacity(n));
    if n_free == 0 || search.left(&all) > 0 {
        return None;
    }
    let (needed, others): (Vec<usize>, Vec<usize>) =
        (0..n).partition(|one| is_monotone && search.without(&all, *one) > 0);
    let (members, is_smallest) = search.smallest(&needed, &others);
    let as_well = match &members[..] {
        [only] if needed.is_empty() => search.alone(others.iter().filter(|one| *one != only)),
        _ => vec![],
    };
    let core = search.set(&members);
    let left_without = members.iter().map(|one| search.without(&core, *one)).collect();
    Some(Found { members, left_without, as_well, n_free, is_smallest })
}

struct Search<P> {
    n: usize,
    left: P,
}

impl<P: FnMut(&FixedBitSet) -> usize> Search<P> {
    fn left(&mut self, set: &FixedBitSet) -> usize {
        (self.left)(set)
    }

    fn all(&self) -> FixedBitSet {
        let mut all = FixedBitSet::with_capacity(self.n);
        all.insert_range(..);
        all
    }

    fn set(&self, members: &[usize]) -> FixedBitSet {
        let mut set = FixedBitSet::with_capacity(self.n);
        set.extend(members.iter().copied());
        set
    }

    /// What is left when `set` loses a member.
    fn without(&mut self, set: &FixedBitSet, member: usize) -> usize {
        let mut rest = set.clone();
        rest.remove(member);
        self.left(&rest)
    }

    /// Those of `candidates` that leave nothing by themselves.
    fn alone<'c>(&mut self, candidates: impl Iterator<Item = &'c usize>) -> Vec<usize> {
        candidates.copied().filter(|one| self.left(&self.set(&[*one])) == 0).collect()
    }

    /// The `needed` with as few of the `others` as leave nothing, and whether fewer never would.
    fn smallest(&mut self, needed: &[usize], others: &[usize]) -> (Vec<usize>, bool) {
        let mut n_left = MAX_PROBES;
        let mut n_tried = 0;
        while n_tried <= MAX_EXTRA.min(others.len()) {
            let (found, is_complete) = self.with(n_tried, (needed, others), &mut n_left);
            if let Some(found) = found {
                return (found, true);
            }
            if !is_complete {
                break;
            }
            n_tried += 1;
        }
        let members = self.thinned(others);
        let is_smallest = members.len() == needed.len() + n_tried;
        (members, is_smallest)
    }

    /// All constraints less those of the `others` without which nothing is left either, one by one until each counts.
    fn thinned(&mut self, others: &[usize]) -> Vec<usize> {
        let mut core = self.all();
        loop {
            let n_before = core.count_ones(..);
            for one in others {
                if core.contains(*one) && self.without(&core, *one) == 0 {
                    core.remove(*one);
                }
            }
            if core.count_ones(..) == n_before {
                return core.ones().collect();
            }
        }
    }

    /// The first core of the `needed` and exactly `n` of the `others`, and whether all were tried.
    fn with(
        &mut self,
        n: usize,
        (needed, others): (&[usize], &[usize]),
        n_left: &mut usize,
    ) -> (Option<Vec<usize>>, bool) {
        let mut chosen: Vec<usize> = (0..n).collect();
        loop {
            if *n_left == 0 {
                return (None, false);
            }
            *n_left -= 1;
            let mut members = needed.to_vec();
            members.extend(chosen.iter().map(|at| others[*at]));
            members.sort_unstable();
            if self.left(&self.set(&members)) == 0 {
                return (Some(members), true);
            }
            if !advance(&mut chosen, others.len()) {
                return (None, true);
            }
        }
    }
}

/// The next choice out of `n` in the order of numbers; `false` after the last.
fn advance(chosen: &mut [usize], n: usize) -> bool {
    let len = chosen.len();
    let Some(at) = (0..len).rev().find(|at| chosen[*at] + len < n + *at) else { return false };
    chosen[at] += 1;
    for next in at + 1..len {
        chosen[next] = chosen[next - 1] + 1;
    }
    true
}
