//! NodeClaims that somebody edits, and pools of providers that are not ours.

use scenarios::world::{World, run};
use serde_json::{Value, json};

use crate::support::{
    CLAIMS, POOLS, condition, create, node_class, node_pool, pass, refusal, until_condition, with,
};

/// A claim as the controller writes it, with two requirements.
fn node_claim(name: &str) -> Value {
    let requirement =
        |key: &str, value: &str| json!({ "key": key, "operator": "In", "values": [value] });
    json!({
        "apiVersion": "karpenter.sh/v1",
        "kind": "NodeClaim",
        "metadata": { "name": name },
        "spec": {
            "nodeClassRef": {
                "group": "karpenter.alibabacloud.com", "kind": "ECSNodeClass", "name": "default",
            },
            "requirements": [
                requirement("kubernetes.io/arch", "amd64"), requirement("kubernetes.io/os", "linux"),
            ],
            "expireAfter": "720h",
        },
    })
}

// behaviour 01#52
// behaviour 01#53
#[test]
fn nothing_of_the_spec_of_a_claim_can_be_changed_and_its_labels_can() {
    run(async {
        let world = World::new(1);
        let claim = node_claim("a");
        assert_eq!(refusal(&world, &claim).await, "");
        let path = format!("{CLAIMS}/a");
        let labels = json!({ "metadata": { "labels": { "team": "a" } } });
        let labelled = world.patch(&path, &labels).await.expect("a patch");
        assert_eq!(labelled["metadata"]["labels"]["team"], "a");
        let requirements = "spec.requirements";
        let mut reordered = claim["spec"]["requirements"].clone();
        reordered.as_array_mut().expect("a list").reverse();
        for (at, value) in [
            ("spec.expireAfter", json!("1h")),
            ("spec.terminationGracePeriod", json!("1h")),
            ("spec.nodeClassRef.name", json!("other")),
            (requirements, json!([])),
            (requirements, reordered),
        ] {
            let said = refusal(&world, &with(claim.clone(), at, value)).await;
            assert!(
                said.starts_with("spec: ") && said.ends_with("spec is immutable"),
                "{at}: {said}"
            );
        }
        assert_eq!(refusal(&world, &claim).await, "", "the same again is no change");
    });
}

// behaviour 01#55
#[test]
fn a_time_that_is_null_in_the_status_of_a_claim_is_absent() {
    run(async {
        let world = World::new(1);
        create(&world, &[node_claim("a")]).await;
        let path = format!("{CLAIMS}/a/status");
        let at = "2024-01-01T00:00:00Z";
        let status =
            |time: Value| json!({ "status": { "nodeName": "n", "lastPodEventTime": time } });
        let seen = world.patch(&path, &status(json!(at))).await.expect("a patch");
        assert_eq!(seen["status"]["lastPodEventTime"], at);
        let gone = world.patch(&path, &status(Value::Null)).await.expect("a patch");
        assert_eq!(gone["status"], json!({ "nodeName": "n" }));
    });
}

// behaviour 01#3
#[test]
fn an_age_that_is_null_is_the_default() {
    run(async {
        let world = World::new(1);
        let mut pool = node_pool("general");
        pool["spec"]["template"]["spec"]["expireAfter"] = Value::Null;
        let stored = world.apply(&pool).await.expect("taken");
        assert_eq!(stored["spec"]["template"]["spec"]["expireAfter"], "720h");
    });
}

// behaviour 01#51
#[test]
fn a_pool_of_another_provider_is_left_alone() {
    run(async {
        let mut world = World::new(1);
        let group = "spec.template.spec.nodeClassRef.group";
        let foreign = with(node_pool("foreign"), group, json!("other.io"));
        create(&world, &[node_class("default"), node_pool("ours"), foreign]).await;
        world.start_controller().expect("options hold together");
        until_condition(&world, &format!("{POOLS}/ours"), "Ready", &["True/"]).await;
        pass(std::time::Duration::from_secs(600)).await;
        let path = format!("{POOLS}/foreign");
        assert_eq!(condition(&world, &path, "Ready").await, "");
        let pool = world.read(&path).await.expect("the pool");
        let status = pool.get("status").cloned().unwrap_or_else(|| json!({}));
        assert_eq!(status, json!({}));
        assert_eq!(pool["metadata"].get("annotations"), None, "no hash either");
    });
}
