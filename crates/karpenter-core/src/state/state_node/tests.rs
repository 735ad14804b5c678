use serde_json::json;

use super::StateNode;
use crate::testing::cluster::{World, at, claim, node};

/// A node and its claim that say different things, with the label `karpenter.sh/registered` or without.
fn joined(is_registered: bool) -> StateNode {
    let registered = if is_registered { json!("true") } else { json!(null) };
    let node = node(
        "n",
        json!({
            "metadata": { "labels": {
                "karpenter.sh/registered": registered, "who": "node",
                "kubernetes.io/hostname": "host-n",
            } },
            "spec": { "taints": [{ "key": "of-node", "effect": "NoSchedule" }] },
        }),
    );
    let claim = claim(
        "n",
        json!({
            "metadata": { "name": "c", "labels": { "who": "claim" } },
            "spec": { "taints": [{ "key": "of-claim", "effect": "NoSchedule" }] },
        }),
    );
    let nodes = World::new(at(0)).node(node).claim(claim).snapshot().state_nodes();
    let [node] = <[StateNode; 1]>::try_from(nodes).expect("one node");
    node
}

fn who(node: &StateNode) -> (&str, &str, Option<&str>, Vec<String>) {
    let taints = node.taints().iter().map(|taint| taint.key.to_string()).collect();
    (node.name(), node.hostname(), node.label("who"), taints)
}

// behaviour 02#126
#[test]
fn claim_speaks_for_a_node_until_it_has_registered() {
    assert_eq!(who(&joined(false)), ("c", "c", Some("claim"), vec!["of-claim".to_owned()]));
    let registered = joined(true);
    assert_eq!(who(&registered), ("n", "host-n", Some("node"), vec!["of-node".to_owned()]));
}
