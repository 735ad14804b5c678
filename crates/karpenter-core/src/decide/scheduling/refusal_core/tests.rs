//! The search alone, against all subsets.

use fixedbitset::FixedBitSet;
use proptest::prelude::*;

use crate::decide::scheduling::refusal_core::search::{Found, MAX_PROBES, core};

fn members(set: &FixedBitSet) -> u32 {
    set.ones().map(|at| 1 << at).sum()
}

/// What is left when each of `cores` rules everything out: types are lost one by one to the others.
fn left(cores: &[u32], set: u32) -> usize {
    if cores.iter().any(|core| set & core == *core) {
        return 0;
    }
    usize::try_from(40 - set.count_ones()).unwrap()
}

fn found(n: usize, is_monotone: bool, cores: &[u32]) -> (Option<Found>, usize) {
    let mut n_asked = 0;
    let found = core(n, is_monotone, |set| {
        n_asked += 1;
        left(cores, members(set))
    });
    (found, n_asked)
}

proptest! {
    #[test]
    fn core_is_a_smallest_one_wherever_it_says_so(
        n in 1..12_usize,
        is_monotone in any::<bool>(),
        cores in proptest::collection::vec(1..4096_u32, 0..5),
    ) {
        let cores: Vec<u32> = cores.into_iter().map(|core| core & ((1 << n) - 1)).filter(|c| *c > 0).collect();
        let (found, n_asked) = found(n, is_monotone, &cores);
        prop_assert_eq!(found.is_some(), !cores.is_empty());
        let Some(found) = found else { return Ok(()) };
        let own: u32 = found.members.iter().map(|at| 1 << at).sum();
        prop_assert_eq!(left(&cores, own), 0);
        for (at, rest) in found.members.iter().zip(&found.left_without) {
            prop_assert!(*rest > 0);
            prop_assert_eq!(*rest, left(&cores, own & !(1 << at)));
        }
        let smallest = (0..1_u32 << n).filter(|set| left(&cores, *set) == 0);
        let smallest = smallest.map(u32::count_ones).min().unwrap_or_default();
        if found.is_smallest {
            prop_assert_eq!(own.count_ones(), smallest);
        }
        if found.members.len() == 1 {
            let alone = (0..n).filter(|at| left(&cores, 1 << at) == 0).count();
            prop_assert_eq!(1 + found.as_well.len(), alone);
        }
        let bound = if is_monotone { 4 * n } else { n * n + 2 * n } + 3 + MAX_PROBES;
        prop_assert!(n_asked <= bound, "{} > {}", n_asked, bound);
    }
}

#[test]
fn what_every_core_has_is_found_without_trying_others() {
    let (found, n_asked) = found(20, true, &[0b10_0000_0110]);
    let found = found.unwrap();
    assert_eq!((&found.members[..], found.is_smallest), (&[1, 2, 9][..], true));
    assert_eq!(n_asked, 2 + 20 + 1 + 3);
}

#[test]
fn large_cores_are_found_within_the_bound_and_do_not_claim_to_be_smallest() {
    let (found, n_asked) = found(20, true, &[0b11_1111, 0b1111_1100_0000]);
    let found = found.unwrap();
    assert!(!found.is_smallest);
    assert_eq!(found.members.len(), 6);
    assert!(n_asked <= 4 * 20 + 3 + MAX_PROBES, "{n_asked}");
}

#[test]
fn no_core_is_made_up_where_something_is_left_or_nothing_ever_was() {
    assert_eq!(core(3, true, |_| 1), None);
    assert_eq!(core(3, true, |_| 0), None);
    assert_eq!(core(0, true, |_| 0), None);
}
