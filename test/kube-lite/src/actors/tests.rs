//! Pure parts of the actors.

use serde_json::{Value, json};

use super::fit::{EFFECTS, matches_affinity, untolerated};
use super::quantity::{parse, requests};

#[test]
fn quantities_are_read_in_thousandths() {
    let rows = [
        ("1", Some(1000)),
        ("100m", Some(100)),
        ("1.5", Some(1500)),
        ("2Ki", Some(2_048_000)),
        ("1Gi", Some(1_073_741_824_000)),
        ("1e3", Some(1_000_000)),
        ("1k", Some(1_000_000)),
        ("x", None),
        ("1Q", None),
    ];
    for (text, expected) in rows {
        assert_eq!(parse(text), expected, "{text}");
    }
}

#[test]
fn init_containers_count_with_their_largest_and_sidecars_with_their_sum() {
    let cpu = |amount: &str| json!({"requests": {"cpu": amount}});
    let pod = json!({"spec": {
        "containers": [{"resources": cpu("1")}, {"resources": cpu("1")}],
        "initContainers": [
            {"resources": cpu("500m"), "restartPolicy": "Always"}, {"resources": cpu("4")}],
        "overhead": {"cpu": "100m"},
    }});
    assert_eq!(requests(&pod).get("cpu"), Some(&4600));
    assert_eq!(requests(&pod).get("pods"), Some(&1000));
}

#[test]
fn tolerations_match_by_key_value_and_effect() {
    let node = json!({"spec": {"taints": [{"key": "a", "value": "b", "effect": "NoSchedule"}]}});
    let rows: [(Value, bool); 6] = [
        (json!({"operator": "Exists"}), true),
        (json!({"key": "a", "operator": "Exists"}), true),
        (json!({"key": "a", "value": "b"}), true),
        (json!({"key": "a", "value": "c"}), false),
        (json!({"key": "a", "operator": "Exists", "effect": "NoExecute"}), false),
        (json!({"key": "z", "operator": "Exists"}), false),
    ];
    for (toleration, expected) in rows {
        let tolerated = untolerated(std::slice::from_ref(&toleration), &node, &EFFECTS).is_none();
        assert_eq!(tolerated, expected, "{toleration}");
    }
}

#[test]
fn an_affinity_term_needs_all_its_expressions_and_an_empty_one_matches_nothing() {
    let node = json!({"metadata": {"name": "n1", "labels": {"zone": "z1", "cpu": "8"}}});
    let rows: [(Value, bool); 5] = [
        (
            json!([{"matchFields": [{"key": "metadata.name", "operator": "In", "values": ["n1"]}]}]),
            true,
        ),
        (
            json!([{"matchExpressions": [{"key": "zone", "operator": "NotIn", "values": ["z1"]}]}]),
            false,
        ),
        (json!([{"matchExpressions": [{"key": "cpu", "operator": "Gt", "values": ["4"]}]}]), true),
        (json!([{}]), false),
        (json!([{}, {"matchExpressions": [{"key": "zone", "operator": "Exists"}]}]), true),
    ];
    for (terms, expected) in rows {
        let pod = json!({"spec": {"affinity": {"nodeAffinity": {
            "requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": terms}}}}});
        assert_eq!(matches_affinity(&pod, &node), expected, "{terms}");
    }
}
