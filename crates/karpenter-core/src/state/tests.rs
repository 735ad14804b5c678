use std::sync::Arc;

use jiff::Timestamp;
use serde_json::json;

use super::{Change, ClusterEvent, ClusterState, Intent, Kind, Revision};
use crate::api::v1::nodeclaim::NodeClaim as ClaimObject;
use crate::model::ids::{NodeName, PodKey, ResourceVersion};
use crate::model::node::Node;
use crate::model::node_claim::NodeClaim;
use crate::model::pod::Pod;
use crate::wire::Decoded;
use crate::wire::node::SlimNode;
use crate::wire::pod::SlimPod;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).expect("in range")
}

fn node(name: &str, version: u64, provider_id: &str) -> Arc<Node> {
    let object = json!({
        "metadata": { "name": name, "uid": name, "resourceVersion": version.to_string() },
        "spec": { "providerID": provider_id },
    });
    let slim: SlimNode = serde_json::from_value(object).expect("it reads");
    Arc::new(slim.decode().expect("it is valid"))
}

fn claim(name: &str, version: u64, provider_id: &str) -> Arc<NodeClaim> {
    let object = json!({
        "apiVersion": "karpenter.sh/v1",
        "kind": "NodeClaim",
        "metadata": { "name": name, "uid": name, "resourceVersion": version.to_string() },
        "spec": {
            "nodeClassRef": { "group": "g", "kind": "K", "name": "c" },
            "requirements": [],
        },
        "status": { "providerID": provider_id },
    });
    let object: ClaimObject = serde_json::from_value(object).expect("it reads");
    Arc::new(object.decode().expect("it is valid"))
}

fn pod(name: &str, node: Option<&str>, phase: &str) -> Arc<Pod> {
    let object = json!({
        "metadata": { "name": name, "namespace": "d", "uid": name, "resourceVersion": "1" },
        "spec": {
            "nodeName": node,
            "containers": [{ "name": "c", "resources": { "requests": { "cpu": "1" } } }],
        },
        "status": { "phase": phase, "conditions": [
            { "type": "PodScheduled", "status": "False", "reason": "Unschedulable" },
        ] },
    });
    let slim: SlimPod = serde_json::from_value(object).expect("it reads");
    Arc::new(slim.decode().expect("it is valid"))
}

fn apply(state: &ClusterState, events: impl IntoIterator<Item = ClusterEvent>) {
    for event in events {
        state.apply(event, at(0));
    }
}

#[test]
fn a_pod_that_comes_before_its_node_is_counted_once_the_node_is_there() {
    let state = ClusterState::default();
    apply(
        &state,
        [
            ClusterEvent::Pod(Change::Upsert(pod("a", Some("n"), "Running"))),
            ClusterEvent::Node(Change::Upsert(node("n", 1, "p"))),
        ],
    );
    let nodes = state.snapshot().state_nodes();
    assert_eq!(nodes[0].usage.requested.to_string(), r#"{"cpu":"1","pods":"1"}"#);
}

#[test]
fn usage_follows_pods_that_end_move_or_vanish() {
    let state = ClusterState::default();
    let requested =
        |node: &str| state.snapshot().usage(&NodeName::from(node)).requested.to_string();
    apply(&state, [ClusterEvent::Pod(Change::Upsert(pod("a", Some("n"), "Running")))]);
    apply(&state, [ClusterEvent::Pod(Change::Upsert(pod("a", Some("n"), "Succeeded")))]);
    assert!(state.snapshot().usage(&NodeName::from("n")).pods.is_empty());
    assert_eq!(requested("n"), r#"{"cpu":"0","pods":"0"}"#);
    apply(
        &state,
        [
            ClusterEvent::Pod(Change::Upsert(pod("b", Some("n"), "Running"))),
            ClusterEvent::Pod(Change::Delete(PodKey::new("d", "b"))),
        ],
    );
    assert!(state.snapshot().usage(&NodeName::from("n")).pods.is_empty());
}

#[test]
fn pending_pods_keep_the_time_they_were_first_seen() {
    let state = ClusterState::default();
    state.apply(ClusterEvent::Pod(Change::Upsert(pod("a", None, "Pending"))), at(5));
    state.apply(ClusterEvent::Pod(Change::Upsert(pod("a", None, "Pending"))), at(9));
    let key = PodKey::new("d", "a");
    assert_eq!(state.snapshot().pending.get(&key).map(|pending| pending.since), Some(at(5)));
    state.apply(ClusterEvent::Pod(Change::Upsert(pod("a", Some("n"), "Running"))), at(10));
    assert!(state.snapshot().pending.is_empty());
}

#[test]
fn claims_and_nodes_are_joined_by_provider_id_alone() {
    let state = ClusterState::default();
    apply(
        &state,
        [
            ClusterEvent::NodeClaim(Change::Upsert(claim("c", 1, "p"))),
            ClusterEvent::NodeClaim(Change::Upsert(claim("unlaunched", 1, ""))),
            ClusterEvent::Node(Change::Upsert(node("n", 1, "p"))),
            ClusterEvent::Node(Change::Upsert(node("stranger", 1, ""))),
        ],
    );
    let joined: Vec<_> = state
        .snapshot()
        .state_nodes()
        .iter()
        .map(|node| (node.name().to_owned(), node.node.is_some(), node.claim.is_some()))
        .collect();
    // Until it has registered, the claim speaks for the node.
    let expected = [("c", true, true), ("stranger", true, false), ("unlaunched", false, true)];
    assert_eq!(joined, expected.map(|(name, node, claim)| (name.to_owned(), node, claim)));
}

#[test]
fn a_finished_list_removes_what_it_does_not_contain() {
    let state = ClusterState::default();
    apply(
        &state,
        [
            ClusterEvent::Node(Change::Upsert(node("old", 1, "p"))),
            ClusterEvent::Node(Change::Reset(vec![node("new", 2, "p")])),
        ],
    );
    let snapshot = state.snapshot();
    assert_eq!(snapshot.nodes.values().map(|n| n.name.as_str()).collect::<Vec<_>>(), ["new"]);
    assert_eq!(snapshot.nodes_of(&"p".into()).len(), 1);
    assert!(!snapshot.unsynced().contains(&Kind::Node));
    assert!(snapshot.unsynced().contains(&Kind::Pod));
}

#[test]
fn our_own_write_is_not_undone_by_older_news() {
    let state = ClusterState::default();
    let version = || state.snapshot().nodes.get(&"n".into()).map(|n| n.resource_version.clone());
    apply(
        &state,
        [
            ClusterEvent::Node(Change::Upsert(node("n", 1, "p"))),
            ClusterEvent::Node(Change::Written(node("n", 10, "p"))),
            ClusterEvent::Node(Change::Upsert(node("n", 9, "p"))),
        ],
    );
    assert_eq!(version(), Some(ResourceVersion::from("10")));
    // The guard ends: an API restored from a backup counts from lower versions.
    state.apply(ClusterEvent::Node(Change::Upsert(node("n", 9, "p"))), at(61));
    assert_eq!(version(), Some(ResourceVersion::from("9")));
}

#[test]
fn a_late_answer_does_not_bring_a_deleted_object_back() {
    let state = ClusterState::default();
    apply(
        &state,
        [
            ClusterEvent::Node(Change::Upsert(node("n", 1, "p"))),
            ClusterEvent::Node(Change::Delete("n".into())),
            ClusterEvent::Node(Change::Written(node("n", 2, "p"))),
        ],
    );
    assert!(state.snapshot().nodes.is_empty());
}

// behaviour 04#18, 04#19
#[test]
fn a_created_claim_survives_older_lists_until_a_live_read_decides() {
    let state = ClusterState::default();
    let unconfirmed = |second| {
        let claims = state.expire(at(second));
        claims.iter().map(|claim| claim.name.to_string()).collect::<Vec<_>>()
    };
    apply(
        &state,
        [
            ClusterEvent::NodeClaim(Change::Created(claim("c", 5, ""))),
            ClusterEvent::NodeClaim(Change::Reset(vec![])),
        ],
    );
    assert_eq!(state.next_expiry(), Some(at(15)));
    assert!(unconfirmed(14).is_empty());
    assert_eq!(unconfirmed(15), ["c"]);
    // Read live: it is there, so it stays and is asked for again later.
    state.apply(ClusterEvent::NodeClaim(Change::Created(claim("c", 6, ""))), at(15));
    assert!(unconfirmed(29).is_empty());
    assert_eq!(unconfirmed(30), ["c"]);
    // The watch shows it: nobody asks any more.
    state.apply(ClusterEvent::NodeClaim(Change::Upsert(claim("c", 6, ""))), at(31));
    assert!(unconfirmed(100).is_empty());
    assert_eq!(state.snapshot().claims.len(), 1);
}

#[test]
fn nominations_end_and_extend() {
    let state = ClusterState::default();
    let nominate = |until| {
        let node = NodeName::from("n");
        ClusterEvent::Intent(Intent::NominateNode { node, until: at(until) })
    };
    apply(
        &state,
        [nominate(20), nominate(10), ClusterEvent::Node(Change::Upsert(node("n", 1, "")))],
    );
    assert!(state.snapshot().state_nodes()[0].is_nominated(at(19)));
    assert!(!state.snapshot().state_nodes()[0].is_nominated(at(20)));
    state.expire(at(20));
    assert_eq!(state.snapshot().state_nodes()[0].nominated_until, None);
}

#[tokio::test]
async fn every_event_is_a_new_revision_and_wakes_subscribers() {
    let state = ClusterState::default();
    let mut changes = state.subscribe();
    apply(&state, [ClusterEvent::Node(Change::Upsert(node("n", 1, "p")))]);
    assert_eq!(state.snapshot().revision, Revision(1));
    changes.changed().await;
    assert!(futures::FutureExt::now_or_never(changes.changed()).is_none());
}
