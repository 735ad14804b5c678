use super::*;

fn at_least(n: i64) -> Requirement {
    Requirement::at_least("k", n)
}

fn at_most(n: i64) -> Requirement {
    Requirement::at_most("k", n)
}

fn one_of(values: &[&str]) -> Requirement {
    Requirement::in_values("k", values.iter().copied())
}

fn none_of(values: &[&str]) -> Requirement {
    Requirement::not_in_values("k", values.iter().copied())
}

// behaviour 01#106
#[test]
fn strict_bounds_around_one_integer_leave_that_integer_and_around_none_leave_nothing() {
    let five = Requirement::greater_than("k", 5).intersection(&Requirement::less_than("k", 5));
    assert_eq!(five, Requirement::does_not_exist("k"));
    let five = Requirement::greater_than("k", 4).intersection(&Requirement::less_than("k", 6));
    assert_eq!((five.gte(), five.lte()), (Some(5), Some(5)));
    assert!(five.contains("5") && !five.contains("05x"));
    assert_eq!(five.any().as_deref(), Some("5"));
}

// behaviour 01#107
#[test]
fn bounds_drop_members_and_exceptions_outside_them() {
    assert_eq!(one_of(&["1", "9", "x"]).intersection(&at_least(2)), one_of(&["9"]));
    let open = none_of(&["1", "x"]).intersection(&at_least(5));
    assert!(open.complement() && open.values().is_empty());
    assert_eq!(open.operator(), Operator::Exists);
}

// behaviour 01#108
#[test]
fn exceptions_inside_bounds_stay_excluded() {
    let range = none_of(&["1", "5"]).intersection(&at_least(3)).intersection(&at_most(9));
    assert_eq!(range.values().len(), 1);
    assert!(range.contains("4") && !range.contains("5") && !range.contains("10"));
}

// behaviour 01#109
// behaviour 02#73
#[test]
fn the_larger_minimum_survives_even_where_nothing_else_does() {
    let both = Requirement::exists("k")
        .with_min_values(Some(3))
        .intersection(&one_of(&["a", "b"]).with_min_values(Some(2)));
    assert_eq!(both, one_of(&["a", "b"]).with_min_values(Some(3)));
    let none = one_of(&["a"]).with_min_values(Some(2)).intersection(&one_of(&["b"]));
    assert_eq!(none, Requirement::does_not_exist("k").with_min_values(Some(2)));
}

// behaviour 01#110
#[test]
fn empty_lists_and_the_unreachable_bound_have_simpler_names() {
    assert_eq!(none_of(&[]), Requirement::exists("k"));
    assert_eq!(one_of(&[]), Requirement::does_not_exist("k"));
    assert_eq!(Requirement::greater_than("k", i64::MAX), Requirement::does_not_exist("k"));
}

// behaviour 01#111
#[test]
fn cardinality_and_operator_do_not_see_bounds() {
    assert_eq!(none_of(&["a"]).cardinality(), i64::MAX - 1);
    assert_eq!(none_of(&["a"]).operator(), Operator::NotIn);
    assert_eq!(Requirement::exists("k").cardinality(), i64::MAX);
    assert_eq!(one_of(&["a", "b", "a"]).cardinality(), 2);
    assert_eq!(at_least(3).operator(), Operator::Exists);
}

// behaviour 01#112
// behaviour 02#80
#[test]
fn a_requirement_prints_sorted_values_bounds_and_minimum() {
    let many = one_of(&["G", "F", "E", "D", "C", "B", "A"]);
    assert_eq!(many.to_string(), "k In [A B C D E and 2 others]");
    let range = at_least(5).intersection(&at_most(9));
    assert_eq!(range.to_string(), "k Exists >=5 <=9");
    assert_eq!(none_of(&["A"]).with_min_values(Some(2)).to_string(), "k NotIn [A] minValues 2");
    assert_eq!(Requirement::does_not_exist("k").to_string(), "k DoesNotExist");
}

// behaviour 01#118
#[test]
fn choosing_a_value_heeds_exceptions_and_never_panics() {
    assert_eq!(none_of(&["0"]).intersection(&at_most(1)).any().as_deref(), Some("1"));
    assert_eq!(Requirement::less_than("k", 0).any(), None);
    assert_eq!(at_most(i64::MAX).any().as_deref(), Some("0"));
    assert_eq!(at_least(i64::MAX).any().as_deref(), Some("9223372036854775807"));
    assert_eq!(none_of(&["0", "1"]).intersection(&at_most(1)).any(), None);
}

// behaviour 01#120
#[test]
fn values_are_mapped_for_the_normal_key_without_touching_the_source() {
    let table = LabelNormalization::core().with_value("topology.kubernetes.io/zone", "", "0");
    let source = vec![String::new(), "b".to_owned()];
    let key = "failure-domain.beta.kubernetes.io/zone";
    let zone = Requirement::new(key, Operator::In, &source, &table);
    assert_eq!(zone.to_string(), "topology.kubernetes.io/zone In [0 b]");
    assert_eq!(source[0], "");
}

// behaviour 01#77
// behaviour 02#74
#[test]
fn deprecated_keys_mean_their_successors() {
    for (from, to) in crate::api::labels::NORMALIZED {
        let requirement = Requirement::new(from, Operator::In, ["v"], &LabelNormalization::core());
        assert_eq!(requirement.key().as_str(), to);
    }
}

// behaviour 01#189
#[test]
fn bounds_that_are_no_64_bit_integers_count_as_zero_or_the_nearest_one() {
    let read = |operator, text: &str| {
        Requirement::new("k", operator, [text], &LabelNormalization::default())
    };
    assert_eq!(read(Operator::Gt, "abc"), Requirement::greater_than("k", 0));
    assert_eq!(read(Operator::Gte, "99999999999999999999"), at_least(i64::MAX));
    assert_eq!(read(Operator::Lt, "-9223372036854775808"), at_most(i64::MIN));
    let none: [&str; 0] = [];
    assert_eq!(
        Requirement::new("k", Operator::Lte, none, &LabelNormalization::default()),
        at_most(0)
    );
}

// behaviour 02#71
#[test]
fn crossing_and_mixed_operators_meet_as_specified() {
    assert_eq!(at_least(5).intersection(&at_most(3)), Requirement::does_not_exist("k"));
    let range = Requirement::greater_than("k", 1).intersection(&Requirement::less_than("k", 9));
    assert_eq!((range.operator(), range.gte(), range.lte()), (Operator::Exists, Some(2), Some(8)));
    let above = Requirement::greater_than("k", 1);
    assert_eq!(one_of(&["1", "9"]).intersection(&above), one_of(&["9"]));
    assert_eq!(one_of(&["a"]).intersection(&above), Requirement::does_not_exist("k"));
}

// behaviour 02#72
#[test]
fn a_range_emptied_by_exceptions_still_counts_as_intersecting() {
    let range = at_least(1).intersection(&at_most(3));
    assert!(none_of(&["1", "2", "3"]).has_intersection(&range));
}
