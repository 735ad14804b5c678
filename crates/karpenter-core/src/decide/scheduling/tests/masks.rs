//! Masks say exactly what the requirements they stand for do.

use proptest::prelude::*;

use crate::decide::scheduling::draft::Draft;
use crate::decide::scheduling::part::agree;
use crate::decide::scheduling::world::{Meeting, Reading};
use crate::model::label_rules::WellKnownLabels;
use crate::model::requirement::Requirement;
use crate::model::requirements::{AllowUndefined, Requirements};

const KEYS: [&str; 3] = ["a", "b", "c"];
const VALUES: [&str; 8] = ["x", "y", "-3", "0", "1", "07", "5", "9223372036854775807"];
/// Values of nodes and instance types: some are asked for, others nobody has heard of.
const HAD: [&str; 9] = ["x", "nobody's", "-3", "-5", "0", "1", "4", "07", "99"];
const BOUNDS: [i64; 7] = [i64::MIN, -4, -1, 0, 1, 6, i64::MAX];

fn requirement(key: &'static str) -> impl Strategy<Value = Requirement> {
    let values = proptest::sample::subsequence(VALUES.to_vec(), 0..4);
    let bounds = (0..BOUNDS.len(), 0..BOUNDS.len(), 0..4_u8);
    (any::<bool>(), values, bounds, proptest::option::of(1..4_u32)).prop_map(
        move |(is_open, values, (gte, lte, bounded), min)| {
            let listed = if is_open {
                Requirement::not_in_values(key, values)
            } else {
                Requirement::in_values(key, values)
            };
            let mut result = listed;
            if bounded & 1 == 1 {
                result = result.intersection(&Requirement::at_least(key, BOUNDS[gte]));
            }
            if bounded & 2 == 2 {
                result = result.intersection(&Requirement::at_most(key, BOUNDS[lte]));
            }
            result.with_min_values(min)
        },
    )
}

fn set() -> impl Strategy<Value = Requirements> {
    let one = |key| proptest::option::of(requirement(key));
    (one(KEYS[0]), one(KEYS[1]), one(KEYS[2]))
        .prop_map(|(a, b, c)| [a, b, c].into_iter().flatten().collect())
}

/// More words of key `c` than fit into a word of a row, so that what is said of it is listed beside the row.
fn make_long(draft: &mut Draft<'_>) {
    let key = Requirement::exists("c").key().clone();
    for n in 0..70 {
        draft.tell_apart(&key, &format!("v{n}").into());
    }
}

/// Whether some key can only be an integer below zero.
fn is_below_zero(set: &Requirements) -> bool {
    set.iter().any(|r| r.complement() && r.lte().is_some_and(|lte| lte < 0))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn masks_agree_and_print_as_requirements_do(a in requirement("a"), b in requirement("a")) {
        let well_known = WellKnownLabels::default();
        let mut draft = Draft::new(&well_known);
        let ids = [&a, &b].map(|one| draft.say(Requirements::from_iter([one.clone()])));
        let mut world = draft.close();
        let [x, y] = ids.map(|id| world.parts_of(id)[0].said.clone());
        prop_assert_eq!(x.mask.meets(&y.mask), a.has_intersection(&b));
        prop_assert_eq!(x.allows_absence, a.allows_absence());
        prop_assert_eq!(x.is_open, a.complement());
        prop_assert_eq!(
            agree(&x, &y),
            (a.allows_absence() && b.allows_absence()) || a.has_intersection(&b)
        );
        let joined = a.intersection(&b);
        let id = world.read(&Requirements::from_iter([joined.clone()]));
        let both = world.parts_of(id)[0].said.clone();
        prop_assert_eq!(both.mask.is_within(&x.mask), true);
        prop_assert_eq!(x.mask.and(&y.mask), both.mask);
        prop_assert_eq!(both.allows_absence, joined.allows_absence());
        prop_assert_eq!(both.is_open, joined.complement());
        prop_assert_eq!(&**world.get(id), &Requirements::from_iter([joined]));
    }

    #[test]
    fn sets_meet_as_requirements_do(
        have in set(),
        incoming in set(),
        third in set(),
        is_long in any::<bool>(),
    ) {
        let well_known = WellKnownLabels::default().with(["b"]);
        for reading in [Reading::Node, Reading::Claim] {
            let allow = match reading {
                Reading::Node => AllowUndefined::Nothing,
                Reading::Claim => AllowUndefined::WellKnown(&well_known),
            };
            let mut draft = Draft::new(&well_known);
            let [x, y, z] = [&have, &incoming, &third].map(|one| draft.say(one.clone()));
            if is_long {
                make_long(&mut draft);
            }
            let mut world = draft.close();
            prop_assert_eq!(
                world.is_compatible(x, y, reading),
                have.is_compatible(&incoming, allow)
            );
            let joined = have.intersect(&incoming);
            world.join(x, y);
            let both = world.keep_trial();
            prop_assert_eq!(&**world.get(both), &joined);
            prop_assert_eq!(world.read(&joined), both);
            let own_is_possible = !is_below_zero(&have);
            let is_taken = have.is_compatible(&incoming, allow) && !is_below_zero(&joined);
            prop_assert_eq!(world.first_meeting(x, y, reading), world.meet(x, y, reading));
            match world.meet(x, y, reading) {
                Meeting::Joined(id) if own_is_possible => {
                    prop_assert!(is_taken);
                    prop_assert_eq!(&**world.get(id), &joined);
                }
                Meeting::Joined(id) => prop_assert_eq!(&**world.get(id), &joined),
                // Whatever the bin takes on before, the set is still refused.
                Meeting::Never => {
                    prop_assert!(!is_taken);
                    if let Meeting::Joined(more) = world.meet(x, z, reading) {
                        prop_assert!(!matches!(world.meet(more, y, reading), Meeting::Joined(_)));
                    }
                }
                Meeting::NotNow => prop_assert!(!is_taken),
            }
        }
    }

    #[test]
    fn values_nobody_asks_for_are_told_from_those_asked_for(
        asked in requirement("a"),
        value in proptest::sample::select(VALUES.to_vec()),
    ) {
        let well_known = WellKnownLabels::default();
        let mut draft = Draft::new(&well_known);
        let id = draft.say(Requirements::from_iter([asked.clone()]));
        let mut world = draft.close();
        let label = Requirement::in_values("a", [value]);
        let node = world.read(&Requirements::from_iter([label.clone()]));
        prop_assert_eq!(
            world.is_compatible(node, id, Reading::Node),
            label.has_intersection(&asked)
        );
    }

    #[test]
    fn what_nodes_have_besides_what_is_asked_for_changes_no_answer(
        asked in prop::collection::vec(set(), 1..5),
        labels in prop::collection::btree_map(
            prop::sample::select(vec!["a", "b", "c", "nobody asks for it"]),
            prop::sample::subsequence(HAD.to_vec(), 1..4),
            0..4,
        ),
        is_long in any::<bool>(),
    ) {
        let well_known = WellKnownLabels::default().with(["b"]);
        let mut draft = Draft::new(&well_known);
        let ids: Vec<_> = asked.iter().map(|one| draft.say(one.clone())).collect();
        if is_long {
            make_long(&mut draft);
        }
        let mut world = draft.close();
        let has = labels.into_iter().map(|(key, values)| Requirement::in_values(key, values));
        let has: Requirements = has.collect();
        let id = world.read(&has);
        for (asked, asked_id) in asked.iter().zip(ids) {
            for (reading, allow) in [
                (Reading::Node, AllowUndefined::Nothing),
                (Reading::Claim, AllowUndefined::WellKnown(&well_known)),
            ] {
                prop_assert_eq!(
                    world.is_compatible(id, asked_id, reading),
                    has.is_compatible(asked, allow)
                );
            }
        }
    }

    #[test]
    fn a_bin_that_takes_on_set_after_set_stays_exact(
        sets in prop::collection::vec(set(), 2..6),
        is_long in any::<bool>(),
    ) {
        let well_known = WellKnownLabels::default().with(["b"]);
        let allow = AllowUndefined::WellKnown(&well_known);
        let sets: Vec<_> = sets.into_iter().filter(|set| !is_below_zero(set)).collect();
        let mut draft = Draft::new(&well_known);
        let ids: Vec<_> = sets.iter().map(|one| draft.say(one.clone())).collect();
        if is_long {
            make_long(&mut draft);
        }
        let mut world = draft.close();
        let mut bins = sets.first().cloned().zip(ids.first().copied());
        for (incoming, incoming_id) in sets.iter().zip(ids).skip(1) {
            let Some((bin, bin_id)) = bins else { break };
            let joined = bin.intersect(incoming);
            let is_taken = bin.is_compatible(incoming, allow) && !is_below_zero(&joined);
            bins = match world.meet(bin_id, incoming_id, Reading::Claim) {
                Meeting::Joined(id) => {
                    prop_assert!(is_taken);
                    prop_assert_eq!(&**world.get(id), &joined);
                    prop_assert!(world.is_compatible(id, incoming_id, Reading::Node));
                    Some((joined, id))
                }
                Meeting::NotNow | Meeting::Never => {
                    prop_assert!(!is_taken);
                    Some((bin, bin_id))
                }
            };
        }
    }
}
