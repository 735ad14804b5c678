//! Laws of the algebra, and its agreement with plain sets.

use super::plain::{Plain, Sample, texts};
use super::{Operator, Requirement};
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    // behaviour 02#70
    #[test]
    fn a_chain_of_intersections_is_what_plain_sets_say(plain in Plain::any()) {
        let all = plain.read("k");
        prop_assert_eq!(texts(&all), plain.texts());
        prop_assert_eq!(all.complement(), plain.is_open());
        prop_assert_eq!(all.allows_absence(), plain.allows_absence());
        prop_assert_eq!(all.min_values(), plain.min_values());
    }

    // behaviour 01#113
    #[test]
    fn the_intersection_of_two_is_what_plain_sets_say(a in Plain::any(), b in Plain::any()) {
        let (left, right, plain) = (a.read("k"), b.read("k"), a.and(&b));
        let both = left.intersection(&right);
        prop_assert_eq!(texts(&both), plain.texts());
        prop_assert_eq!(both.complement(), plain.is_open());
        prop_assert_eq!(both.allows_absence(), plain.allows_absence());
        prop_assert_eq!(both.min_values(), plain.min_values());
        prop_assert_eq!(left.has_intersection(&right), a.meets(&b));
    }

    // behaviour 01#113
    #[test]
    fn intersection_is_commutative_associative_and_idempotent(
        a in Plain::any(), b in Plain::any(), c in Plain::any(),
    ) {
        let [a, b, c] = [a, b, c].map(|plain| plain.read("k"));
        prop_assert_eq!(a.intersection(&b), b.intersection(&a));
        prop_assert_eq!(
            a.intersection(&b).intersection(&c),
            a.intersection(&b.intersection(&c))
        );
        prop_assert_eq!(a.intersection(&a), a);
    }

    #[test]
    fn presence_is_neutral_and_absence_absorbs(a in Plain::any()) {
        let a = a.read("k");
        let (present, absent) = (Requirement::exists("k"), Requirement::does_not_exist("k"));
        prop_assert_eq!(&a.intersection(&present), &a);
        let nothing = absent.with_min_values(a.min_values());
        prop_assert_eq!(a.intersection(&Requirement::does_not_exist("k")), nothing);
        prop_assert!(!a.has_intersection(&Requirement::does_not_exist("k")));
    }

    #[test]
    fn what_was_intersected_once_is_absorbed_the_second_time(a in Plain::any(), b in Plain::any()) {
        let (a, b) = (a.read("k"), b.read("k"));
        let both = a.intersection(&b);
        prop_assert_eq!(&both.intersection(&a), &both);
        prop_assert_eq!(b.intersection(&both), both);
    }

    // behaviour 01#113
    #[test]
    fn sides_intersect_exactly_when_their_intersection_is_not_absence(
        a in Plain::any(), b in Plain::any(),
    ) {
        let (a, b) = (a.read("k"), b.read("k"));
        let is_absence = a.intersection(&b).operator() == Operator::DoesNotExist;
        prop_assert_eq!(a.has_intersection(&b), !is_absence);
        prop_assert_eq!(a.has_intersection(&b), b.has_intersection(&a));
    }

    // behaviour 01#109
    #[test]
    fn the_larger_minimum_is_kept_whatever_else_is_lost(a in Sample::any(), b in Sample::any()) {
        let (a, b) = (a.read("k"), b.read("k"));
        prop_assert_eq!(a.intersection(&b).min_values(), a.min_values().max(b.min_values()));
    }

    // behaviour 01#118
    #[test]
    fn a_value_is_chosen_exactly_when_there_is_one_a_new_node_can_have(plain in Plain::any()) {
        let requirement = plain.read("k");
        match requirement.any() {
            Some(value) => {
                prop_assert!(requirement.contains(&value));
                let is_smaller = |n: &i64| requirement.complement() && requirement.contains(&n.to_string());
                let chosen: i64 = value.parse().unwrap_or(0);
                prop_assert_eq!((0..chosen.min(100)).find(is_smaller), None);
            }
            None if requirement.complement() => {
                prop_assert!(!(0..100).any(|n: i64| requirement.contains(&n.to_string())));
            }
            None => prop_assert!(requirement.values().is_empty()),
        }
    }

    // behaviour 01#112
    #[test]
    fn the_text_names_the_operator_the_first_values_and_every_bound(plain in Plain::any()) {
        let requirement = plain.read("k");
        let text = requirement.to_string();
        let start = format!("k {}", requirement.operator());
        prop_assert!(text.starts_with(&start), "{}", text);
        prop_assert_eq!(text.contains('['), !requirement.values().is_empty());
        let shown = |mark: &str, bound: Option<i64>| match bound {
            Some(n) => text.contains(&format!(" {mark}{n}")),
            None => !text.contains(mark),
        };
        prop_assert!(shown(">=", requirement.gte()) && shown("<=", requirement.lte()), "{}", text);
        prop_assert_eq!(text.contains("minValues"), requirement.min_values().is_some());
    }
}
