//! Matching claims to reservations, against trying every distribution.

use proptest::prelude::*;

use super::Held;
use super::matching::Matching;

const N_IDS: usize = 4;

fn held(bits: u8) -> Held {
    let mut ids = Held::with_capacity(N_IDS);
    ids.extend((0..N_IDS).filter(|id| bits >> id & 1 == 1));
    ids
}

/// Whether every one of `claims` can have a unit of its own.
fn is_enough(units: &mut [u32], claims: &[u8]) -> bool {
    let Some((first, rest)) = claims.split_first() else { return true };
    held(*first).ones().any(|id| {
        if units[id] == 0 {
            return false;
        }
        units[id] -= 1;
        let is_enough = is_enough(units, rest);
        units[id] += 1;
        is_enough
    })
}

/// The first reservation for every one of `claims`, in order, that leaves enough for those behind it.
fn settled(units: &mut [u32], claims: &[u8]) -> Vec<usize> {
    let mut all = vec![];
    for (at, claim) in claims.iter().enumerate() {
        let own = held(*claim).ones().find(|id| {
            let has_some = units[*id] > 0;
            units[*id] = units[*id].saturating_sub(1);
            let is_enough = has_some && is_enough(units, &claims[at + 1..]);
            units[*id] += u32::from(has_some);
            is_enough
        });
        let own = own.expect("all claims are covered");
        units[own] -= 1;
        all.push(own);
    }
    all
}

#[test]
fn a_claim_makes_room_by_moving_to_another_reservation() {
    let mut matching = Matching::new(&[1, 1, 1]);
    let none = Held::new();
    matching.exchange(&none, &held(0b011));
    matching.exchange(&none, &held(0b110));
    assert!(
        matching.covers(&none, &held(0b001)),
        "the first moves to the second, that to the third"
    );
    matching.exchange(&none, &held(0b001));
    assert!(!matching.covers(&none, &held(0b111)), "three units, three claims");
    assert!(matching.covers(&held(0b110), &held(0b100)), "narrowed, it still has the third");
    assert!(!matching.covers(&held(0b110), &held(0b001)), "the first has one unit only");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    // behaviour 02#220
    #[test]
    fn claims_are_covered_exactly_when_some_distribution_covers_them(
        mut units in proptest::collection::vec(0..3_u32, N_IDS),
        steps in proptest::collection::vec((any::<bool>(), 0..8_usize, 1..16_u8), 1..24),
    ) {
        let mut matching = Matching::new(&units);
        let mut claims: Vec<u8> = vec![];
        for (is_new, at, bits) in steps {
            let at = if is_new || claims.is_empty() { claims.len() } else { at % claims.len() };
            let before = claims.get(at).copied();
            let mut changed = claims.clone();
            changed.truncate(at);
            changed.push(bits);
            changed.extend(claims.iter().skip(at + 1));
            let was = before.map_or_else(Held::new, held);
            let is_covered = is_enough(&mut units, &changed);
            prop_assert_eq!(matching.covers(&was, &held(bits)), is_covered);
            if is_covered {
                matching.exchange(&was, &held(bits));
                claims = changed;
            } else if let Some(before) = before {
                // It goes, and comes back.
                matching.exchange(&held(before), &Held::new());
                prop_assert!(matching.covers(&Held::new(), &held(before)));
                matching.exchange(&Held::new(), &held(before));
            }
        }
        let own: Vec<usize> =
            claims.iter().map(|bits| matching.settle(&held(*bits)).expect("covered")).collect();
        prop_assert_eq!(&own, &settled(&mut units.clone(), &claims));
        let mut left = units.clone();
        own.iter().for_each(|id| left[*id] -= 1);
        let all: Vec<usize> = (0..N_IDS).filter(|id| left[*id] > 0).collect();
        prop_assert_eq!(matching.take_spare(&held(15)).ones().collect::<Vec<_>>(), all);
    }
}
