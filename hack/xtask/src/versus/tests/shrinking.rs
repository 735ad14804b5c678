use serde_json::{Value, json};

use super::{pod, pool};
use crate::versus::shrink::smallest;

#[test]
fn what_a_difference_does_not_need_is_left_out() {
    let constraint = |key: &str| json!({ "topologyKey": key, "maxSkew": 1 });
    let spread = pod(json!({
        "nodeSelector": { "kubernetes.io/arch": "amd64", "team": "red" },
        "tolerations": [{ "operator": "Exists" }],
        "topologySpreadConstraints": [constraint("zone"), constraint("host")],
    }));
    let objects = vec![pool(json!({ "taints": [{ "key": "x" }] })), pod(json!({})), spread];
    let needs = |object: &Value| {
        object["spec"]["nodeSelector"]["kubernetes.io/arch"] == "amd64"
            && object["spec"]["topologySpreadConstraints"].to_string().contains("host")
    };
    let left = smallest(objects, |objects| objects.iter().any(needs));
    let expected = pod(json!({
        "nodeSelector": { "kubernetes.io/arch": "amd64" },
        "topologySpreadConstraints": [constraint("host")],
    }));
    assert_eq!(left, [expected]);
}

#[test]
fn what_makes_an_object_is_never_left_out() {
    let whole = pod(json!({ "containers": [{ "name": "main" }], "tolerations": [] }));
    let left = smallest(vec![whole], |objects| !objects.is_empty());
    assert_eq!(left, [pod(json!({ "containers": [{ "name": "main" }] }))]);
}
