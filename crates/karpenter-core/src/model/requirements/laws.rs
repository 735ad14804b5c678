//! Laws of requirement sets, and their agreement with plain sets.

use super::{AllowUndefined, Incompatible, Requirements};
use crate::model::label_rules::{LabelNormalization, WellKnownLabels};
use crate::model::requirement::plain::{Plain, UNIVERSE};
use proptest::prelude::*;
use std::collections::BTreeMap;

const KEYS: [&str; 3] = ["a", "b", "c"];

/// A well-known key.
const KNOWN: &str = "b";

/// A plain set for some of the keys.
type PlainSet = BTreeMap<&'static str, Plain>;

fn plain_set() -> impl Strategy<Value = PlainSet> {
    let one = || prop::option::weighted(0.6, Plain::any());
    (one(), one(), one()).prop_map(|(a, b, c)| {
        let all = KEYS.into_iter().zip([a, b, c]);
        all.filter_map(|(key, plain)| Some((key, plain?))).collect()
    })
}

fn read(set: &PlainSet) -> Requirements {
    set.iter().map(|(key, plain)| plain.read(key)).collect()
}

/// Whether a node whose label may be `have` takes on `asked`: some text or the absent label suits both.
fn agree(have: &Plain, asked: &Plain) -> bool {
    have.meets(asked) || (have.allows_absence() && asked.allows_absence())
}

fn is_compatible(have: &PlainSet, asked: &PlainSet, known: &[&str]) -> bool {
    asked.iter().all(|(key, asked)| match have.get(key) {
        Some(have) => agree(have, asked),
        None => known.contains(key) || asked.allows_absence(),
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    // behaviour 01#114
    #[test]
    fn compatibility_is_what_plain_sets_say_with_and_without_well_known_keys(
        have in plain_set(), asked in plain_set(),
    ) {
        let known = WellKnownLabels::default().with([KNOWN]);
        let (node, incoming) = (read(&have), read(&asked));
        let strict = is_compatible(&have, &asked, &[]);
        let lenient = is_compatible(&have, &asked, &[KNOWN]);
        prop_assert_eq!(node.is_compatible(&incoming, AllowUndefined::Nothing), strict);
        prop_assert_eq!(node.is_compatible(&incoming, AllowUndefined::WellKnown(&known)), lenient);
        prop_assert!(lenient || !strict);
    }

    // behaviour 01#114
    #[test]
    fn reasons_are_given_exactly_for_what_is_refused(have in plain_set(), asked in plain_set()) {
        let (node, incoming) = (read(&have), read(&asked));
        match node.compatible(&incoming, AllowUndefined::Nothing) {
            Ok(()) => prop_assert!(is_compatible(&have, &asked, &[])),
            Err(Incompatible::Undefined { key, .. }) => {
                prop_assert!(!have.contains_key(key.as_str()));
                prop_assert!(!asked[key.as_str()].allows_absence());
            }
            Err(Incompatible::Conflict(conflict)) => {
                let named: Vec<&str> =
                    conflict.0.iter().map(|pair| pair.incoming.key().as_str()).collect();
                let disagree =
                    |key: &&&str| have.get(**key).is_some_and(|own| !agree(own, &asked[**key]));
                let expected: Vec<&str> = asked.keys().filter(disagree).copied().collect();
                prop_assert_eq!(named, expected);
                prop_assert!(!node.is_intersecting(&incoming));
            }
        }
    }

    #[test]
    fn intersection_takes_every_key_of_either_side(a in plain_set(), b in plain_set()) {
        let mut joined = a.clone();
        for (key, plain) in &b {
            let both = joined.get(key).map_or_else(|| plain.clone(), |own| own.and(plain));
            joined.insert(key, both);
        }
        prop_assert_eq!(read(&a).intersect(&read(&b)), read(&joined));
    }

    #[test]
    fn intersection_of_sets_is_commutative_associative_and_idempotent(
        a in plain_set(), b in plain_set(), c in plain_set(),
    ) {
        let [a, b, c] = [a, b, c].map(|set| read(&set));
        prop_assert_eq!(a.intersect(&b), b.intersect(&a));
        prop_assert_eq!(a.intersect(&b).intersect(&c), a.intersect(&b.intersect(&c)));
        prop_assert_eq!(&a.intersect(&a), &a);
        prop_assert_eq!(a.intersect(&Requirements::new()), a);
    }

    #[test]
    fn a_node_takes_on_what_it_has_and_less_once_it_has_more(a in plain_set(), b in plain_set()) {
        let (a, b) = (read(&a), read(&b));
        prop_assert!(a.is_compatible(&a, AllowUndefined::Nothing));
        let both = a.intersect(&b);
        prop_assert!(!a.is_intersecting(&b) || both.is_compatible(&b, AllowUndefined::Nothing));
    }

    // behaviour 01#119
    #[test]
    fn what_is_written_reads_back_as_the_same_for_every_value_a_label_can_have(set in plain_set()) {
        let requirements = read(&set);
        let written = requirements.to_spec();
        let back = Requirements::from_spec(&written, &LabelNormalization::default());
        for requirement in requirements.iter() {
            let back = back.get(requirement.key().as_str()).expect("every key is written");
            prop_assert_eq!(back.min_values(), requirement.min_values());
            // An integer below zero is no label value.
            for text in UNIVERSE.iter().filter(|text| !text.starts_with('-')) {
                prop_assert_eq!(back.contains(text), requirement.contains(text), "{}", text);
            }
        }
        let keys: Vec<&str> = written.iter().map(|entry| entry.key.as_str()).collect();
        prop_assert!(keys.is_sorted());
    }

    // behaviour 01#77
    #[test]
    fn old_and_new_spellings_of_a_key_and_of_a_value_are_one(
        values in prop::collection::vec("[a-c]", 0..4), old_key in any::<bool>(),
    ) {
        use crate::model::requirement::{Operator, Requirement};

        let rules = LabelNormalization::default().with_key("old", "new").with_value("new", "a", "b");
        let key = if old_key { "old" } else { "new" };
        let requirement = Requirement::new(key, Operator::In, &values, &rules);
        let mapped: Vec<&str> =
            values.iter().map(|value| if value == "a" { "b" } else { value.as_str() }).collect();
        prop_assert_eq!(&requirement, &Requirement::in_values("new", mapped));
        let again = Requirement::new(
            requirement.key().as_str(), Operator::In, requirement.values(), &rules,
        );
        prop_assert_eq!(again, requirement);
    }
}
