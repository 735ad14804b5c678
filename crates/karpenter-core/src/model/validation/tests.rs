use super::*;
use crate::api::v1::nodepool::NodePool;
use serde_json::{Value, json};

fn problems(metadata: &Value, spec: &Value) -> Vec<String> {
    let mut pool = json!({
        "apiVersion": "karpenter.sh/v1",
        "kind": "NodePool",
        "metadata": { "name": "p" },
        "spec": { "template": { "metadata": metadata, "spec": {
            "requirements": [],
            "nodeClassRef": { "group": "g", "kind": "k", "name": "n" },
        } } },
    });
    for (name, value) in spec.as_object().cloned().unwrap_or_default() {
        pool["spec"]["template"]["spec"][name] = value;
    }
    found(&pool)
}

fn found(pool: &Value) -> Vec<String> {
    let pool: NodePool = serde_json::from_value(pool.clone()).unwrap();
    let problems = validate(&pool, &ValidationRules::core());
    problems.iter().map(|problem| format!("{}: {}", problem.field, problem.message)).collect()
}

fn of_requirement(requirement: &Value) -> Vec<String> {
    problems(&json!({}), &json!({ "requirements": [requirement] }))
}

fn of_label(key: &str, value: &str) -> Vec<String> {
    problems(&json!({ "labels": { key: value } }), &json!({}))
}

// behaviour 01#78
#[test]
fn domains_are_restricted_with_their_true_sub_domains_and_the_host_name_alone() {
    let rules = ValidationRules::core();
    for (key, expected) in [
        ("karpenter.sh/x", true),
        ("a.karpenter.sh/x", true),
        ("foo-karpenter.sh/x", false),
        ("karpenter.sh/nodepool", false),
        ("kubernetes.io/hostname", true),
        ("x", false),
        ("kubernetes.io/foo", false),
    ] {
        assert_eq!(rules.is_restricted(key), expected, "{key}");
    }
}

// behaviour 01#26
#[test]
fn labels_of_kubernetes_domains_are_fine() {
    for key in
        ["kubernetes.io/foo", "node-restriction.kubernetes.io/x", "kops.k8s.io/instancegroup"]
    {
        assert_eq!(of_label(key, "v"), [""; 0], "{key}");
    }
}

// behaviour 01#28
// behaviour 01#31
#[test]
fn keys_and_values_the_schema_lets_through_are_found() {
    assert!(of_label("spaces in key", "v")[0].contains("is not a qualified name"));
    assert!(of_label("a/b/c", "v")[0].contains("is not a qualified name"));
    assert!(of_label("a", &"v".repeat(64))[0].contains("invalid value"));
    let long = json!({ "key": "k".repeat(64), "operator": "Exists" });
    assert!(of_requirement(&long)[0].contains("is not a qualified name"));
    let fine = json!({ "key": "k".repeat(63), "operator": "Exists" });
    assert_eq!(of_requirement(&fine), [""; 0]);
}

#[test]
fn a_restricted_label_is_answered_with_what_may_be_used() {
    let expected = "spec.template.metadata.labels[karpenter.sh/x]: using label karpenter.sh/x is not allowed \
        as it might interfere with the internal provisioning logic; specify a well known label: \
        [karpenter.sh/capacity-type karpenter.sh/nodepool kubernetes.io/arch kubernetes.io/os \
        node.kubernetes.io/instance-type node.kubernetes.io/windows-build \
        topology.kubernetes.io/region topology.kubernetes.io/zone], or a custom label that does not use a \
        restricted domain: [karpenter.sh]";
    assert_eq!(of_label("karpenter.sh/x", "v"), [expected]);
}

// behaviour 01#42
#[test]
fn a_pair_of_key_and_effect_stands_once_in_both_lists_together() {
    let taint = |effect: &str| json!([{ "key": "a", "effect": effect }]);
    let same = json!({ "taints": taint("NoSchedule"), "startupTaints": taint("NoSchedule") });
    assert!(
        problems(&json!({}), &same)[0].contains("duplicate taint key and effect pair a:NoSchedule")
    );
    let other = json!({ "taints": taint("NoSchedule"), "startupTaints": taint("NoExecute") });
    assert_eq!(problems(&json!({}), &other), [""; 0]);
}

// behaviour 01#43
#[test]
fn of_a_closed_set_of_values_enough_must_be_known() {
    let capacity = |operator: &str, values: &[&str], min: Option<u32>| {
        let key = "karpenter.sh/capacity-type";
        json!({ "key": key, "operator": operator, "values": values, "minValues": min })
    };
    assert!(of_requirement(&capacity("In", &["foo"], None))[0].contains("no valid values found"));
    assert_eq!(of_requirement(&capacity("In", &["spot", "foo"], None)), [""; 0]);
    let too_few = of_requirement(&capacity("In", &["spot", "foo"], Some(2)));
    assert!(too_few[0].contains("not enough valid values found"));
    assert_eq!(of_requirement(&capacity("NotIn", &["foo"], None)), [""; 0]);
    let mixed = serde_json::from_value(capacity("In", &["spot", "foo"], None)).unwrap();
    assert_eq!(unknown_values(&mixed, &ValidationRules::core()), ["foo"]);
}

// behaviour 01#44
#[test]
fn deprecated_keys_are_judged_by_their_successors() {
    let arch = json!({ "key": "beta.kubernetes.io/arch", "operator": "In", "values": ["amd64"] });
    assert_eq!(of_requirement(&arch), [""; 0]);
}

// behaviour 01#36
#[test]
fn counts_and_bounds_of_values_are_checked_by_operator() {
    let of = |operator: &str, values: &[&str]| {
        of_requirement(&json!({ "key": "k", "operator": operator, "values": values }))
    };
    assert!(of("In", &[])[0].contains("must have a value defined"));
    for values in [&["1", "2"][..], &[], &["a"], &["-1"], &["1.5"]] {
        let errors = of("Gte", values).join("; ");
        assert!(errors.contains("must have a single positive integer value"), "{values:?}");
    }
    assert!(of("Gte", &["+5"])[0].contains("invalid value"));
    assert_eq!(of("Lte", &["007"]), [""; 0]);
    let few = json!({ "key": "k", "operator": "In", "values": ["a"], "minValues": 2 });
    assert!(of_requirement(&few)[0].contains("at least minimum number of values"));
}

#[test]
fn the_pool_key_is_refused_in_labels_and_requirements_of_a_pool() {
    let requirement = json!({ "key": "karpenter.sh/nodepool", "operator": "In", "values": ["p"] });
    assert!(of_requirement(&requirement)[0].ends_with("is restricted"));
    assert!(of_label("karpenter.sh/nodepool", "p")[0].ends_with("is restricted"));
}

// behaviour 01#45
#[test]
fn findings_are_sorted_by_field() {
    let labels = json!({ "labels": { "b b": "x", "a a": "x" } });
    let fields: Vec<String> = problems(&labels, &json!({}));
    assert!(fields[0].starts_with("spec.template.metadata.labels[a a]"));
    assert!(fields[1].starts_with("spec.template.metadata.labels[b b]"));
}

#[test]
fn amounts_that_cannot_be_read_are_found_in_limits_and_budgets() {
    let pool = json!({
        "apiVersion": "karpenter.sh/v1",
        "kind": "NodePool",
        "metadata": { "name": "p" },
        "spec": {
            "limits": { "cpu": "1e1.5" },
            "disruption": { "budgets": [{ "nodes": "10%" }, {
                "nodes": "99999999999999999999", "schedule": "@hourlyfoo", "duration": "1h",
            }] },
            "template": { "spec": {
                "requirements": [],
                "nodeClassRef": { "group": "g", "kind": "k", "name": "n" },
            } },
        },
    });
    let found = found(&pool);
    assert!(found[0].starts_with("spec.disruption.budgets[1].nodes: "), "{found:?}");
    assert!(found[1].starts_with("spec.disruption.budgets[1].schedule: "), "{found:?}");
    assert!(found[2].starts_with("spec.limits[cpu]: "), "{found:?}");
}

/// What is found wrong with several requirements of a pool with one label.
fn of_requirements(label: (&str, &str), entries: &[(&str, &str, &[&str])]) -> Vec<String> {
    let entry = |(key, operator, values): &(&str, &str, &[&str])| json!({ "key": key, "operator": operator, "values": values });
    let requirements: Vec<Value> = entries.iter().map(entry).collect();
    problems(&json!({ "labels": { label.0: label.1 } }), &json!({ "requirements": requirements }))
}

#[test]
fn requirements_that_exclude_each_other_are_named_with_what_to_do() {
    let of = |entries: &[(&str, &str, &[&str])]| of_requirements(("other", "x"), entries);
    let said = |at: usize, message: &str| {
        vec![format!("spec.template.spec.requirements[{at}]: {message}")]
    };
    let fix = "so no node can have the label; remove one of them or widen its values";
    assert_eq!(
        of(&[("k", "In", &["a"]), ("z", "Exists", &[]), ("k", "NotIn", &["a"])]),
        said(2, &format!("k NotIn [a] excludes k In [a], {fix}"))
    );
    assert_eq!(
        of(&[("k", "Gt", &["5"]), ("k", "Lt", &["3"])]),
        said(1, &format!("k Exists <=2 excludes k Exists >=6, {fix}"))
    );
    assert_eq!(
        of(&[("k", "Exists", &[]), ("k", "DoesNotExist", &[])]),
        said(1, &format!("k DoesNotExist excludes k Exists, {fix}"))
    );
    assert_eq!(
        of(&[
            ("beta.kubernetes.io/arch", "In", &["amd64"]),
            ("kubernetes.io/arch", "In", &["arm64"])
        ]),
        said(
            1,
            &format!("kubernetes.io/arch In [arm64] excludes kubernetes.io/arch In [amd64], {fix}")
        )
    );
    assert_eq!(
        of(&[("k", "Lt", &["0"])]),
        said(0, "k Exists <=-1 leaves no value a label can have; widen its bounds")
    );
}

#[test]
fn a_label_that_the_requirements_exclude_is_named() {
    let found = of_requirements(("team", "a"), &[("team", "In", &["b", "c"])]);
    let message = "team In [a] excludes team In [b c], so no node can have the label; \
                   change the label or the requirement";
    assert_eq!(found, [format!("spec.template.metadata.labels[team]: {message}")]);
    assert_eq!(of_requirements(("team", "b"), &[("team", "In", &["b", "c"])]), [""; 0]);
}

#[test]
fn requirements_that_leave_something_or_agree_on_absence_are_fine() {
    for entries in [
        &[("k", "In", &["a", "b"][..]), ("k", "NotIn", &["a"])][..],
        &[("k", "Gt", &["5"]), ("k", "Lt", &["7"])],
        &[("k", "NotIn", &["a"]), ("k", "DoesNotExist", &[])],
        &[("k", "DoesNotExist", &[])],
    ] {
        assert_eq!(of_requirements(("other", "x"), entries), [""; 0], "{entries:?}");
    }
}

#[test]
fn windows_that_never_open_or_have_no_length_are_named_with_what_to_do() {
    let of = |schedule: &str, duration: &str| {
        let mut pool = json!({
            "apiVersion": "karpenter.sh/v1",
            "kind": "NodePool",
            "metadata": { "name": "p" },
            "spec": { "template": { "spec": {
                "requirements": [],
                "nodeClassRef": { "group": "g", "kind": "k", "name": "n" },
            } } },
        });
        pool["spec"]["disruption"]["budgets"] =
            json!([{ "nodes": "1", "schedule": schedule, "duration": duration }]);
        found(&pool)
    };
    let budget = "spec.disruption.budgets[0]";
    assert_eq!(
        of("0 0 31 2 *", "1h"),
        [format!(
            "{budget}.schedule: no date ever matches, so the budget is in force all the time; \
         name a day that its month has"
        )]
    );
    assert_eq!(
        of("@daily", "0m"),
        [format!(
            "{budget}.duration: the window has no length, so the budget is never in force; \
         give it at least 1m or remove the budget"
        )]
    );
    assert_eq!(of("0 0 29 2 *", "1h"), [""; 0]);
}
