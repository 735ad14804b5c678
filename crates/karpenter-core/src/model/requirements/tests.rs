use super::*;
use crate::api::v1::requirement::NodeSelectorRequirementWithMinValues;
use crate::model::label_rules::{LabelNormalization, WellKnownLabels};
use crate::model::requirement::Operator;
use k8s_openapi::api::core::v1::{NodeSelectorRequirement, NodeSelectorTerm};

fn set(requirements: impl IntoIterator<Item = Requirement>) -> Requirements {
    requirements.into_iter().collect()
}

fn one_of(key: &str, values: &[&str]) -> Requirement {
    Requirement::in_values(key, values.iter().copied())
}

fn none_of(key: &str, values: &[&str]) -> Requirement {
    Requirement::not_in_values(key, values.iter().copied())
}

fn error(node: &Requirements, incoming: Requirement) -> String {
    let incoming = set([incoming]);
    let known = WellKnownLabels::core();
    match node.compatible(&incoming, AllowUndefined::WellKnown(&known)) {
        Ok(()) => "ok".to_owned(),
        Err(error) => error.to_string(),
    }
}

/// Rows and columns of the matrix, but for the unconstrained one.
fn matrix_sets() -> Vec<Requirements> {
    let key = "zone";
    [
        Requirement::exists(key),
        Requirement::does_not_exist(key),
        one_of(key, &["A"]),
        one_of(key, &["B"]),
        one_of(key, &["A", "B"]),
        none_of(key, &["A"]),
        one_of(key, &["1"]),
        one_of(key, &["9"]),
        one_of(key, &["1", "9"]),
        none_of(key, &["1", "2"]),
        Requirement::greater_than(key, 1),
        Requirement::greater_than(key, 9),
        Requirement::less_than(key, 1),
        Requirement::less_than(key, 9),
    ]
    .map(|requirement| set([requirement]))
    .to_vec()
}

const MATRIX: &str = "
Y . Y . . . Y . . . Y . . . .
Y Y . Y Y Y Y Y Y Y Y Y Y Y Y
Y . Y . . . Y . . . Y . . . .
Y Y . Y . Y . . . . Y . . . .
Y Y . . Y Y Y . . . Y . . . .
Y Y . Y Y Y Y . . . Y . . . .
Y Y Y . Y Y Y Y Y Y Y Y Y Y Y
Y Y . . . . Y Y . Y . . . . Y
Y Y . . . . Y . Y Y Y Y . . .
Y Y . . . . Y Y Y Y Y Y . . Y
Y Y Y Y Y Y Y . Y Y Y Y Y Y Y
Y Y . . . . Y . Y Y Y Y Y . Y
Y Y . . . . Y . . . Y Y Y . .
Y Y . . . . Y . . . Y . . Y Y
Y Y . . . . Y Y . Y Y Y . Y Y";

// behaviour 01#105
// behaviour 02#70
#[test]
fn every_pair_of_the_matrix_is_judged_as_specified_in_both_modes() {
    let sets: Vec<_> = [Requirements::new()].into_iter().chain(matrix_sets()).collect();
    let known = WellKnownLabels::default().with(["zone"]);
    let allow = AllowUndefined::WellKnown(&known);
    for (row, (node, line)) in sets.iter().zip(MATRIX.trim().lines()).enumerate() {
        assert_eq!(line.split(' ').count(), sets.len(), "columns of row {row}");
        for (incoming, cell) in sets.iter().zip(line.split(' ')) {
            let expected = cell == "Y";
            let strict = node.is_compatible(incoming, AllowUndefined::Nothing);
            assert_eq!(strict, expected, "strict: [{node}] takes [{incoming}]");
            let lenient = node.is_compatible(incoming, allow);
            assert_eq!(lenient, expected || row == 0, "lenient: [{node}] takes [{incoming}]");
            assert_eq!(lenient, node.compatible(incoming, allow).is_ok());
        }
    }
}

// behaviour 01#114
// behaviour 02#75
#[test]
fn an_undefined_custom_key_is_denied_unless_its_absence_will_do() {
    let node = Requirements::new();
    let unknown = r#"label "team" does not have known values"#;
    assert_eq!(error(&node, one_of("team", &["a"])), unknown);
    assert_eq!(error(&node, Requirement::exists("team")), unknown);
    assert_eq!(error(&node, none_of("team", &["a"])), "ok");
    assert_eq!(error(&node, Requirement::does_not_exist("team")), "ok");
}

// behaviour 01#114
// behaviour 02#76
#[test]
fn an_undefined_well_known_key_is_accepted_for_planned_nodes_only() {
    let incoming = set([one_of("kubernetes.io/arch", &["arm64"])]);
    let known = WellKnownLabels::core();
    assert!(Requirements::new().is_compatible(&incoming, AllowUndefined::WellKnown(&known)));
    assert!(!Requirements::new().is_compatible(&incoming, AllowUndefined::Nothing));
}

// behaviour 01#115
// behaviour 02#78
#[test]
fn a_mistyped_key_is_answered_with_the_key_that_was_meant() {
    let hint = |key: &str| error(&Requirements::new(), one_of(key, &["a"]));
    for key in ["zone", "node.io/zone", "topology.kubernetesio/zone"] {
        let expected = r#"does not have known values (typo of "topology.kubernetes.io/zone"?)"#;
        assert!(hint(key).ends_with(expected), "{}", hint(key));
    }
    assert!(hint("karpenter/nodepool").ends_with(r#"(typo of "karpenter.sh/nodepool"?)"#));
    assert!(hint("foo").ends_with("does not have known values"));
    let node = set([one_of("example.com/team", &["a"])]);
    assert!(error(&node, one_of("team", &["a"])).ends_with(r#"(typo of "example.com/team"?)"#));
}

// behaviour 01#116
// behaviour 02#77
#[test]
fn absence_on_both_sides_is_common_ground_and_against_a_value_it_is_not() {
    let absent = set([Requirement::does_not_exist("k")]);
    assert_eq!(error(&absent, none_of("k", &["a"])), "ok");
    assert_eq!(error(&set([none_of("k", &["a"])]), Requirement::does_not_exist("k")), "ok");
    let node = set([one_of("k", &["a"])]);
    let message = error(&node, Requirement::does_not_exist("k"));
    assert_eq!(message, "key k, k DoesNotExist not in k In [a]");
}

// behaviour 01#117
#[test]
fn exceptions_next_to_a_bound_are_satisfied_by_an_undefined_custom_key() {
    let requirement = none_of("k", &["2"]).intersection(&Requirement::at_least("k", 2));
    assert_eq!(error(&Requirements::new(), requirement), "ok");
}

#[test]
fn every_conflicting_key_is_reported_in_order() {
    let node = set([one_of("b", &["1"]), one_of("a", &["1"]), one_of("c", &["1"])]);
    let incoming = set([one_of("b", &["2"]), one_of("a", &["2"]), one_of("c", &["1"])]);
    let conflict = node.intersects(&incoming).unwrap_err();
    let expected = "key a, a In [2] not in a In [1]; key b, b In [2] not in b In [1]";
    assert_eq!(conflict.to_string(), expected);
    assert!(!node.is_intersecting(&incoming));
}

// behaviour 01#119
// behaviour 01#108
#[test]
fn written_entries_are_sorted_and_keep_exceptions_next_to_bounds() {
    let range = Requirement::at_least("b", 3).intersection(&Requirement::at_most("b", 9));
    let requirements = set([
        none_of("b", &["1", "5"]).intersection(&range).with_min_values(Some(2)),
        one_of("a", &["y", "x"]),
        Requirement::exists("c"),
        Requirement::less_than("d", 0),
    ]);
    let entry = |entry: &NodeSelectorRequirementWithMinValues| {
        let values = entry.values.clone().unwrap_or_default().join(" ");
        format!("{} {} {values} {:?}", entry.key, entry.operator, entry.min_values)
    };
    let written: Vec<String> = requirements.to_spec().iter().map(entry).collect();
    let expected = [
        "a In x y None",
        "b NotIn 5 Some(2)",
        "b Gte 3 Some(2)",
        "b Lte 9 Some(2)",
        "c Exists  None",
        "d DoesNotExist  None",
    ];
    assert_eq!(written, expected);
}

// behaviour 02#79
#[test]
fn a_bounded_range_is_written_as_two_entries_and_read_back() {
    let range = Requirement::at_least("k", 1).intersection(&Requirement::at_most("k", 8));
    let requirements = set([range]);
    let written = requirements.to_spec();
    let operators: Vec<Operator> = written.iter().map(|entry| entry.operator).collect();
    assert_eq!(operators, [Operator::Gte, Operator::Lte]);
    assert_eq!(Requirements::from_spec(&written, &LabelNormalization::core()), requirements);
}

// behaviour 01#121
// behaviour 02#80
#[test]
fn the_host_name_is_hidden_when_a_set_is_printed() {
    let requirements = set([one_of("b", &["1"]), one_of("kubernetes.io/hostname", &["h"])]);
    assert_eq!(requirements.to_string(), "b In [1]");
}

#[test]
fn labels_of_the_same_normal_key_intersect() {
    let labels = [("beta.kubernetes.io/arch", "amd64"), ("kubernetes.io/arch", "arm64")];
    let requirements = Requirements::from_labels(labels, &LabelNormalization::core());
    assert_eq!(requirements.to_string(), "kubernetes.io/arch DoesNotExist");
}

#[test]
fn selector_terms_are_alternatives_and_empty_ones_match_nothing() {
    let expression = |operator: &str| NodeSelectorRequirement {
        key: "k".into(),
        operator: operator.into(),
        values: Some(vec!["1".into()]),
    };
    let term =
        |expressions| NodeSelectorTerm { match_expressions: expressions, match_fields: None };
    let terms = [
        term(Some(vec![expression("In"), expression("Gt")])),
        term(None),
        term(Some(vec![])),
        term(Some(vec![expression("NotIn")])),
    ];
    let read = |terms: &[_]| {
        Requirements::from_node_selector_terms(terms, &LabelNormalization::core())
            .map(|sets| sets.iter().map(ToString::to_string).collect::<Vec<_>>())
    };
    assert_eq!(read(&terms), Ok(vec!["k DoesNotExist".to_owned(), "k NotIn [1]".to_owned()]));
    let unknown = UnsupportedOperator { key: "k".into(), operator: "in".into() };
    assert_eq!(read(&[term(Some(vec![expression("in")]))]), Err(unknown));
}

#[test]
fn keys_of_one_side_are_taken_over_when_sets_are_intersected() {
    let a = set([one_of("a", &["1", "2"]), one_of("b", &["1"])]);
    let b = set([one_of("a", &["2", "3"]), one_of("c", &["1"])]);
    assert_eq!(a.intersect(&b).to_string(), "a In [2], b In [1], c In [1]");
}
