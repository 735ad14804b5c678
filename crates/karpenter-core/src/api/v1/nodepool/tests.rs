use super::*;
use serde_json::{Value, json};

fn read(disruption: Option<Value>) -> NodePool {
    let mut pool = json!({
        "apiVersion": "karpenter.sh/v1",
        "kind": "NodePool",
        "metadata": { "name": "p" },
        "spec": { "template": { "spec": {
            "requirements": [],
            "nodeClassRef": { "group": "g", "kind": "k", "name": "n" },
        } } },
    });
    if let Some(disruption) = disruption {
        pool["spec"]["disruption"] = disruption;
    }
    serde_json::from_value(pool).unwrap()
}

// behaviour 01#10
#[test]
fn a_pool_without_disruption_and_one_with_an_empty_one_read_the_same() {
    let written = serde_json::to_value(read(None).spec.disruption).unwrap();
    let expected = json!({
        "consolidateAfter": "0s",
        "consolidationPolicy": "WhenEmptyOrUnderutilized",
        "budgets": [{ "nodes": "10%" }],
    });
    assert_eq!(written, expected);
    assert_eq!(read(Some(json!({}))), read(None));
}

// behaviour 01#11
// behaviour 01#6
#[test]
fn what_is_given_of_disruption_is_kept_and_the_rest_defaulted() {
    let given = json!({ "budgets": [], "consolidationPolicy": "WhenEmpty" });
    let disruption = read(Some(given)).spec.disruption;
    assert_eq!(disruption.budgets, []);
    assert_eq!(disruption.consolidation_policy, ConsolidationPolicy::WhenEmpty);
    assert_eq!(disruption.consolidate_after.as_str(), "0s");
}

#[test]
fn nodes_expire_after_thirty_days_unless_said_otherwise() {
    let pool = read(None);
    assert_eq!(pool.spec.template.spec.expire_after.as_str(), "720h");
    assert!(!pool.is_static());
    assert_eq!(pool.weight(), 0);
}

// behaviour 01#12
#[test]
fn policies_are_spelled_exactly() {
    let policy = |text: &str| serde_json::from_value::<ConsolidationPolicy>(json!(text)).is_ok();
    assert!(policy("Balanced"));
    assert!(!policy("balanced") && !policy("WhenUnderutilized") && !policy(""));
}
