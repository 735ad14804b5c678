//! What the slim types make of objects.

use crate::testing::cluster::{pod, pod_budget};
use serde_json::json;

#[test]
fn claims_of_a_pod_are_those_of_its_volumes_and_ephemeral_ones_are_named_after_the_pod() {
    let volumes = json!({ "spec": { "volumes": [
        { "name": "data", "persistentVolumeClaim": { "claimName": "data-a" } },
        { "name": "tmp", "emptyDir": {} },
        { "name": "scratch", "ephemeral": { "volumeClaimTemplate": {} } },
    ] } });
    let names: Vec<String> =
        pod("a", "n", volumes).volume_claims.iter().map(ToString::to_string).collect();
    assert_eq!(names, ["data-a", "a-scratch"]);
}

#[test]
fn a_deletion_cost_that_is_no_integer_of_32_bits_counts_as_absent() {
    let cost = |text: &str| {
        let key = "controller.kubernetes.io/pod-deletion-cost";
        pod("a", "n", json!({ "metadata": { "annotations": { key: text } } })).deletion_cost
    };
    assert_eq!(cost("-7"), -7);
    assert_eq!(cost("abc"), 0);
    assert_eq!(cost("NaN"), 0);
    assert_eq!(cost("2147483648"), 0);
}

#[test]
fn health_of_a_budget_is_read_from_its_status() {
    let status = json!({ "status": { "currentHealthy": 3, "desiredHealthy": 2 } });
    let budget = pod_budget("b", 1, status);
    assert_eq!((budget.current_healthy, budget.desired_healthy), (3, 2));
    assert_eq!(budget.disruptions_allowed, 1);
}
