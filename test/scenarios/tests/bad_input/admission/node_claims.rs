//! Wrong NodeClaims, and what may change about one.

use scenarios::manifests::parse;
use scenarios::world::{World, run};
use serde_json::{Value, json};

use super::{admits, refuses};
use crate::support::{CLAIMS, with};

const REQUIREMENTS: &str = "spec.requirements";

fn claim() -> Value {
    let yaml = include_str!("../../../corpus/nodeclaim-every-field.yaml");
    parse(yaml).expect("a document of ours")
}

#[test]
fn wrong_claim_is_refused_with_its_path() {
    let of = |operator: &str, values: &[&str]| json!({ "key": "k", "operator": operator, "values": values });
    let group = "spec.nodeClassRef.group";
    refuses(
        &claim(),
        &[
            ("spec.requirements[0]", of("In", &[]), REQUIREMENTS, "'In' must have a value defined"),
            (
                "spec.requirements[0]",
                of("Gt", &["-1"]),
                REQUIREMENTS,
                "single positive integer value",
            ),
            (
                "spec.requirements[0].key",
                json!("karpenter.sh/custom"),
                "spec.requirements[0].key",
                "domain \"karpenter.sh\" is restricted",
            ),
            (
                "spec.requirements[0].key",
                json!("kubernetes.io/hostname"),
                "spec.requirements[0].key",
                "is restricted",
            ),
            (REQUIREMENTS, Value::Null, REQUIREMENTS, "Required value"),
            ("spec.nodeClassRef", Value::Null, "spec.nodeClassRef", "Required value"),
            (group, json!("a/b"), group, "should match"),
            (group, json!("g".repeat(254)), group, "may not be more than 253"),
            ("spec.nodeClassRef.name", json!(""), "spec.nodeClassRef.name", "may not be empty"),
            ("spec.expireAfter", json!("1.5h"), "spec.expireAfter", "should match"),
            (
                "spec.terminationGracePeriod",
                json!("Never"),
                "spec.terminationGracePeriod",
                "should match",
            ),
            (
                "spec.resources.requests.cpu",
                json!("1e1x"),
                "spec.resources.requests.cpu",
                "should match",
            ),
        ],
    );
}

#[test]
fn the_pool_key_is_allowed_on_claims() {
    // behaviour 01#32
    let pool = json!({ "key": "karpenter.sh/nodepool", "operator": "In", "values": ["default"] });
    let class = json!({ "key": "karpenter.alibabacloud.com/ecsnodeclass", "operator": "In", "values": ["default"] });
    admits(
        &claim(),
        &[(REQUIREMENTS, json!([pool])), (REQUIREMENTS, json!([class])), (REQUIREMENTS, json!([]))],
    );
}

// behaviour 01#52
// behaviour 01#53
#[test]
fn the_spec_never_changes_but_metadata_may() {
    run(async {
        let world = World::new(1);
        let claim = claim();
        world.apply(&claim).await.expect("taken");
        let path = format!("{CLAIMS}/every-field");
        let mut reordered = claim["spec"]["requirements"].clone();
        reordered.as_array_mut().expect("a list").reverse();
        let changes = [
            json!({ "spec": { "requirements": reordered } }),
            json!({ "spec": { "expireAfter": "1h" } }),
            json!({ "spec": { "taints": null } }),
            json!({ "spec": { "resources": { "requests": { "cpu": "2" } } } }),
        ];
        for change in changes {
            let error = world.patch(&path, &change).await.expect_err("immutable");
            assert!(error.to_string().contains("spec is immutable"), "{change}: {error}");
        }
        let labels = json!({ "metadata": { "labels": { "team": "a" } } });
        let stored = world.patch(&path, &labels).await.expect("a label");
        assert_eq!(stored["metadata"]["generation"], 1);
    });
}

#[test]
fn what_others_write_into_the_status_is_taken() {
    run(async {
        let world = World::new(1);
        world.apply(&claim()).await.expect("taken");
        let path = format!("{CLAIMS}/every-field/status");
        // behaviour 01#54
        let bare = json!([{ "type": "Drifted", "status": "False", "reason": "", "lastTransitionTime": "2026-01-05T08:00:00Z" }]);
        // behaviour 01#55
        let status = json!({ "status": { "conditions": bare, "lastPodEventTime": null } });
        let stored = world.patch(&path, &status).await.expect("taken");
        assert_eq!(stored["status"].get("lastPodEventTime"), None);
        assert_eq!(stored["status"]["conditions"], status["status"]["conditions"]);
    });
}

#[test]
fn a_member_that_is_null_counts_as_absent() {
    let base = with(claim(), "spec.expireAfter", json!("1h"));
    admits(&base, &[("spec.resources", Value::Null), ("spec.terminationGracePeriod", Value::Null)]);
}

// behaviour 01#55
#[test]
fn a_time_that_is_null_in_the_status_of_a_claim_is_absent() {
    run(async {
        let world = World::new(1);
        world.apply(&claim()).await.expect("taken");
        let path = format!("{CLAIMS}/every-field/status");
        let at = "2024-01-01T00:00:00Z";
        let status =
            |time: Value| json!({ "status": { "nodeName": "n", "lastPodEventTime": time } });
        let seen = world.patch(&path, &status(json!(at))).await.expect("a patch");
        assert_eq!(seen["status"]["lastPodEventTime"], at);
        let gone = world.patch(&path, &status(Value::Null)).await.expect("a patch");
        assert_eq!(gone["status"].get("lastPodEventTime"), None);
        assert_eq!(gone["status"]["nodeName"], "n");
    });
}
