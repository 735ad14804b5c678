use std::path::Path;

use serde_json::{Value, json};

use super::{leaving, node, placing, plan, pod, pool};
use crate::versus::explain::Verdict;
use crate::versus::oracle::{self, Missing};
use crate::versus::outcome::{Difference, Outcome};
use crate::versus::report::Report;
use crate::versus::rules::{Case, explain};

#[test]
fn plans_are_equal_whatever_the_order_of_claims_and_pods() {
    let ours = plan(&[("general", &["a", "b"]), ("general", &["c"])]);
    let theirs = plan(&[("general", &["c"]), ("general", &["b", "a"])]);
    assert_eq!(ours.difference(&theirs), None);
}

#[test]
fn plans_with_equal_claims_twice_differ_from_plans_with_one() {
    let twice = plan(&[("general", &[]), ("general", &[])]);
    assert_eq!(twice.difference(&plan(&[("general", &[])])), Some(Difference::Partition));
}

#[test]
fn a_difference_is_named_by_its_gravest_part() {
    let ours = plan(&[("general", &["a", "b"])]);
    let mut other_types = ours.clone();
    other_types.claims[0].instance_types = ["amd64-04".to_owned()].into();
    for (theirs, expected) in [
        (other_types, Difference::Types),
        (plan(&[("other", &["a", "b"])]), Difference::Pools),
        (plan(&[("general", &["a"]), ("general", &["b"])]), Difference::Partition),
        (placing(plan(&[("general", &["a"])]), "old-1", &["b"]), Difference::Placement),
        (leaving(plan(&[("general", &["a"])]), &["b"]), Difference::MorePlaced),
    ] {
        assert_eq!(ours.difference(&theirs), Some(expected));
    }
    let fewer = leaving(plan(&[("general", &["a"])]), &["b"]);
    assert_eq!(fewer.difference(&ours), Some(Difference::FewerPlaced));
}

#[test]
fn one_equal_answer_of_many_is_enough() {
    let ours = plan(&[("general", &["a", "b"])]);
    let other = plan(&[("other", &["a", "b"])]);
    assert_eq!(ours.mildest(&[other.clone(), ours.clone()]), None);
    assert_eq!(ours.mildest(&[other, leaving(plan(&[]), &["a", "b"])]), Some(Difference::Pools));
}

fn spread(key: &str) -> Value {
    json!([{ "topologyKey": key, "whenUnsatisfiable": "DoNotSchedule" }])
}

fn required(kind: &str, key: &str) -> Value {
    json!({ kind: { "requiredDuringSchedulingIgnoredDuringExecution": [{ "topologyKey": key }] } })
}

/// The quirk that explains the difference of `ours` from `theirs`; zero for a choice of ours.
fn quirk(objects: &[Value], ours: &Outcome, theirs: Outcome) -> Option<u8> {
    let kind = ours.difference(&theirs).unwrap();
    let case = Case { kind, objects, ours, theirs: &[theirs] };
    explain(&case).map(|cause| cause.quirk.unwrap_or(0))
}

#[test]
fn a_rule_names_the_quirk_that_the_objects_allow() {
    let zone = "topology.kubernetes.io/zone";
    let soft = json!([{ "key": "dedicated", "effect": "PreferNoSchedule" }]);
    let amd64 = json!({ "requirements": [{ "key": "kubernetes.io/arch", "operator": "In", "values": ["amd64"] }] });
    let not_a =
        json!({ "requirements": [{ "key": zone, "operator": "NotIn", "values": ["zone-a"] }] });
    let hard = json!({ "taints": [{ "key": "dedicated", "effect": "NoSchedule" }] });
    let twice = json!([{ "topologyKey": zone }, { "topologyKey": zone }]);
    let two_minima = json!([{ "topologyKey": zone }, { "topologyKey": zone, "minDomains": 3 }]);
    let spreading = pod(json!({ "topologySpreadConstraints": spread(zone) }));
    let apart = pod(json!({ "affinity": required("podAntiAffinity", zone) }));
    let (placed, left) = (plan(&[("general", &["a"])]), leaving(plan(&[]), &["a"]));
    let on_node = placing(plan(&[]), "old-1", &["a"]);
    for (objects, ours, theirs, expected) in [
        (vec![node(json!({}), soft.clone()), pod(json!({}))], &on_node, &left, Some(16)),
        (vec![node(json!({}), json!([])), apart.clone()], &on_node, &placed, Some(39)),
        (
            vec![pool(not_a), node(json!({ zone: "zone-a" }), json!([])), apart.clone()],
            &on_node,
            &placed,
            Some(39),
        ),
        (
            vec![pool(hard), node(json!({ zone: "zone-a" }), json!([])), apart.clone()],
            &on_node,
            &left,
            Some(39),
        ),
        (vec![pool(amd64), spreading.clone()], &placed, &left, Some(40)),
        (vec![pool(json!({})), spreading.clone()], &placed, &left, Some(45)),
        (vec![pool(json!({ "taints": soft })), spreading.clone()], &left, &placed, Some(5)),
        (vec![pod(json!({ "affinity": required("podAffinity", zone) }))], &placed, &left, Some(4)),
        (vec![pod(json!({ "topologySpreadConstraints": two_minima }))], &left, &placed, Some(6)),
        (
            vec![node(json!({}), json!([])), pod(json!({ "topologySpreadConstraints": twice }))],
            &left,
            &on_node,
            Some(0),
        ),
        // Upstream places more, nothing can be given in, and spreading alone never does that.
        (vec![pool(json!({})), spreading], &left, &placed, None),
        (vec![pod(json!({}))], &placed, &left, None),
        (
            vec![pool(json!({})), node(json!({ zone: "zone-a" }), json!([])), apart],
            &on_node,
            &placed,
            None,
        ),
    ] {
        assert_eq!(quirk(&objects, ours, theirs.clone()), expected, "{objects:?}");
    }
}

#[test]
fn a_limit_of_nodes_explains_more_nodes_of_that_pool_alone() {
    let mut limited = pool(json!({}));
    limited["spec"]["limits"] = json!({ "nodes": "1" });
    let one = leaving(plan(&[("general", &["a"])]), &["b"]);
    let two = plan(&[("general", &["a"]), ("general", &["b"])]);
    assert_eq!(quirk(&[limited.clone()], &one, two), Some(1));
    let elsewhere = plan(&[("general", &["a"]), ("other", &["b"])]);
    assert_eq!(quirk(&[limited], &one, elsewhere), None);
}

#[test]
fn constraints_that_exclude_each_other_are_told_from_those_that_do_not() {
    let affinity = |operator: &str, value: &str| {
        let expression = json!({ "key": "team", "operator": operator, "values": [value] });
        let terms = json!({ "nodeSelectorTerms": [{ "matchExpressions": [expression] }] });
        json!({ "nodeAffinity": { "requiredDuringSchedulingIgnoredDuringExecution": terms } })
    };
    let selecting =
        |affinity: Value| pod(json!({ "nodeSelector": { "team": "red" }, "affinity": affinity }));
    let (left, placed) = (leaving(plan(&[]), &["a"]), plan(&[("general", &["a"])]));
    for (operator, value, expected) in [
        ("NotIn", "red", Some(0)),
        ("In", "blue", Some(0)),
        ("NotIn", "blue", None),
        ("In", "red", None),
    ] {
        let objects = [selecting(affinity(operator, value))];
        assert_eq!(quirk(&objects, &left, placed.clone()), expected, "{operator} {value}");
    }
}

#[test]
fn a_report_counts_every_seed_once() {
    let mut report = Report::default();
    report.count(1, Verdict::Equal);
    report.count(2, Verdict::Tie);
    report.count(3, Verdict::Defect(Difference::Types));
    report.count(4, Verdict::Defect(Difference::Types));
    assert_eq!((report.seeds, report.equal, report.ties), (4, 1, 1));
    assert_eq!(report.defects[&Difference::Types], [3, 4]);
    assert!(report.table().contains("DEFECT: Types"));
}

#[test]
fn a_missing_oracle_is_told_in_one_sentence_with_the_way_to_get_it() {
    let text = Missing.to_string();
    assert!(
        text.contains("go.dev/dl") && text.contains("--oracle") && !text.contains('\n'),
        "{text}"
    );
    let refused = oracle::program(Path::new("."), Some(Path::new("not/there"))).unwrap_err();
    assert!(!refused.is::<Missing>() && refused.to_string().contains("not/there"), "{refused}");
}
