use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Demand, demand};
use crate::api::v1::nodeclaim::NodeClaim as ClaimObject;
use crate::model::pod::Pod;
use crate::state::{Change, ClusterEvent, ClusterState, Intent};
use crate::wire::Decoded;
use crate::wire::disruption_budget::SlimDisruptionBudget;
use crate::wire::node::SlimNode;
use crate::wire::pod::SlimPod;

mod planning;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).expect("in range")
}

/// A cluster described by objects.
struct Cluster(ClusterState);

impl Cluster {
    fn new() -> Self {
        Self(ClusterState::default())
    }

    fn pod(self, name: &str, extra: Value) -> Self {
        let mut object = json!({
            "metadata": { "name": name, "namespace": "d", "uid": name, "labels": { "app": "a" } },
            "spec": {},
            "status": { "conditions": [
                { "type": "PodScheduled", "status": "False", "reason": "Unschedulable" },
            ] },
        });
        merge(&mut object, extra);
        let slim: SlimPod = serde_json::from_value(object).expect("it reads");
        self.apply(ClusterEvent::Pod(Change::Upsert(slim.decode().expect("it is valid").into())))
    }

    fn claim(self, name: &str, provider_id: &str, deleting: bool) -> Self {
        let mut object = json!({
            "apiVersion": "karpenter.sh/v1",
            "kind": "NodeClaim",
            "metadata": { "name": name, "uid": name },
            "spec": {
                "nodeClassRef": { "group": "g", "kind": "K", "name": "c" },
                "requirements": [],
            },
            "status": { "providerID": provider_id },
        });
        if deleting {
            object["metadata"]["deletionTimestamp"] = json!("1970-01-01T00:00:00Z");
        }
        let object: ClaimObject = serde_json::from_value(object).expect("it reads");
        let claim = object.decode().expect("it is valid").into();
        self.apply(ClusterEvent::NodeClaim(Change::Upsert(claim)))
    }

    fn node(self, name: &str, provider_id: &str) -> Self {
        let object = json!({
            "metadata": { "name": name, "uid": name },
            "spec": { "providerID": provider_id },
        });
        let slim: SlimNode = serde_json::from_value(object).expect("it reads");
        self.apply(ClusterEvent::Node(Change::Upsert(slim.decode().expect("it is valid").into())))
    }

    /// A budget for pods labelled `app: a`.
    fn budget(self, mut spec: Value) -> Self {
        merge(&mut spec, json!({ "selector": { "matchLabels": { "app": "a" } } }));
        self.budget_as_written(&spec)
    }

    fn budget_as_written(self, spec: &Value) -> Self {
        let number = self.0.snapshot().disruption_budgets.len();
        let object = json!({
            "metadata": { "name": format!("b{number}"), "namespace": "d" }, "spec": spec,
        });
        let slim: SlimDisruptionBudget = serde_json::from_value(object).expect("it reads");
        let budget = slim.decode().expect("it is valid").into();
        self.apply(ClusterEvent::PodDisruptionBudget(Change::Upsert(budget)))
    }

    fn apply(self, event: ClusterEvent) -> Self {
        self.0.apply(event, at(0));
        self
    }

    fn demand(&self) -> Demand {
        demand(&self.0.snapshot(), at(7200))
    }

    fn rescheduled(&self) -> Vec<String> {
        self.demand().reschedule.iter().map(|pod| pod.key.name.to_string()).collect()
    }
}

fn merge(target: &mut Value, more: Value) {
    match (target, more) {
        (Value::Object(target), Value::Object(more)) => {
            for (key, value) in more {
                merge(target.entry(key).or_insert(Value::Null), value);
            }
        }
        (target, more) => *target = more,
    }
}

/// A node `n` that is being deleted.
fn leaving() -> Cluster {
    Cluster::new().claim("c", "p", true).node("n", "p")
}

fn on_node(extra: Value) -> Value {
    let mut spec = json!({ "spec": { "nodeName": "n" }, "status": { "phase": "Running" } });
    merge(&mut spec, extra);
    spec
}

/// The intention of claim `c`, made for the pods of `cluster` with these names.
fn planned(cluster: &Cluster, names: &[&str]) -> ClusterEvent {
    let snapshot = cluster.0.snapshot();
    let wanted = |pod: &&Arc<Pod>| names.contains(&pod.key.name.as_ref());
    let pods = snapshot.pods.values().filter(wanted).cloned().collect();
    ClusterEvent::Intent(Intent::PlanPods { claim: "c".into(), pods })
}

fn pending(cluster: &Cluster) -> Vec<String> {
    cluster.demand().pending.iter().map(|pod| pod.key.name.to_string()).collect()
}

// behaviour 02#7
#[test]
fn pods_of_a_claim_that_is_being_launched_are_not_planned_again_and_others_go_on() {
    let cluster = Cluster::new().pod("waiting", json!({})).pod("other", json!({}));
    let intent = planned(&cluster, &["waiting"]);
    let cluster = cluster.apply(intent).claim("c", "", false);
    assert_eq!(pending(&cluster), ["other"]);
    assert!(cluster.demand().blocked_by.is_empty());
    // Once launched, the claim is a node like any other, and the pod is planned onto it.
    assert_eq!(pending(&cluster.claim("c", "p", false)), ["other", "waiting"]);
}

#[test]
fn place_of_a_pod_that_was_bound_elsewhere_goes_to_one_other_of_its_kind() {
    let big = json!({ "spec": { "containers": [
        { "name": "a", "resources": { "requests": { "cpu": "4" } } },
    ] } });
    let cluster = Cluster::new()
        .node("n", "p")
        .pod("planned", json!({}))
        .pod("big", big)
        .pod("same-1", json!({}))
        .pod("same-2", json!({}));
    let intent = planned(&cluster, &["planned"]);
    let cluster = cluster.apply(intent).claim("c", "", false);
    assert_eq!(pending(&cluster), ["big", "same-1", "same-2"]);
    let cluster = cluster.pod("planned", on_node(json!({})));
    assert_eq!(pending(&cluster), ["big", "same-2"]);
}

#[test]
fn a_claim_of_another_process_holds_planning_back_until_it_launches() {
    let cluster = Cluster::new().pod("a", json!({})).claim("c", "", false);
    assert_eq!(cluster.demand().blocked_by, ["c".into()]);
    assert!(cluster.claim("c", "p", false).demand().blocked_by.is_empty());
    assert!(Cluster::new().claim("c", "", true).demand().blocked_by.is_empty());
}

// behaviour 02#24
#[test]
fn pods_of_a_node_that_goes_away_are_planned_unless_they_need_no_other_place() {
    let deleting = json!({ "metadata": { "deletionTimestamp": "1970-01-01T00:00:00Z" } });
    let owned = |kind: &str| {
        json!({ "metadata": { "ownerReferences": [
            { "apiVersion": "apps/v1", "kind": kind, "name": "o", "uid": "o" },
        ] } })
    };
    let protected = |value: &str| {
        json!({
            "metadata": { "annotations": { "karpenter.sh/do-not-disrupt": value } },
            "status": { "startTime": "1970-01-01T00:00:00Z" },
        })
    };
    let both = |a: &Value, b: &Value| {
        let mut all = on_node(a.clone());
        merge(&mut all, b.clone());
        all
    };
    let cluster = leaving()
        .pod("running", on_node(json!({})))
        .pod("failed", on_node(json!({ "status": { "phase": "Failed" } })))
        .pod("succeeded", on_node(json!({ "status": { "phase": "Succeeded" } })))
        .pod("daemon", on_node(owned("DaemonSet")))
        .pod("terminating-replica", both(&deleting, &owned("ReplicaSet")))
        .pod("terminating-stateful", both(&deleting, &owned("StatefulSet")))
        .pod("protected", on_node(protected("true")))
        .pod("protected-once", on_node(protected("1h")));
    assert_eq!(cluster.rescheduled(), ["protected-once", "running", "terminating-stateful"]);
}

// behaviour 02#25
#[test]
fn pods_that_a_budget_never_lets_go_are_not_planned() {
    for spec in [
        json!({ "maxUnavailable": 0 }),
        json!({ "maxUnavailable": "0%" }),
        json!({ "minAvailable": "100%" }),
    ] {
        let cluster = leaving().pod("a", on_node(json!({}))).budget(spec.clone());
        assert!(cluster.rescheduled().is_empty(), "{spec}");
    }
    let counted = leaving().pod("a", on_node(json!({}))).budget(json!({ "minAvailable": 1 }));
    assert_eq!(counted.rescheduled(), ["a"]);
    let two = counted.budget(json!({ "maxUnavailable": 1 }));
    assert!(two.rescheduled().is_empty());
}

// behaviour 02#26
#[test]
fn an_unready_pod_may_go_when_its_budget_says_so() {
    let spec = json!({ "maxUnavailable": 0, "unhealthyPodEvictionPolicy": "AlwaysAllow" });
    let cluster = leaving().pod("a", on_node(json!({}))).budget(spec);
    assert_eq!(cluster.rescheduled(), ["a"]);
}

// behaviour 02#27
#[test]
fn budget_without_selector_covers_nothing_and_with_an_empty_one_its_whole_namespace() {
    let spec = json!({ "maxUnavailable": 0 });
    let other = json!({ "metadata": { "namespace": "other" } });
    let cluster = leaving().pod("a", on_node(json!({}))).pod("b", on_node(other));
    let cluster = cluster.budget_as_written(&spec);
    assert_eq!(cluster.rescheduled(), ["a", "b"]);
    let mut all = spec;
    all["selector"] = json!({});
    assert_eq!(cluster.budget_as_written(&all).rescheduled(), ["b"]);
}

// behaviour 02#28
#[test]
fn protection_that_cannot_be_read_protects_nothing_and_one_that_has_not_begun_does() {
    let annotated = |value: &str| {
        let key = "karpenter.sh/do-not-disrupt";
        leaving().pod("a", on_node(json!({ "metadata": { "annotations": { key: value } } })))
    };
    for nonsense in ["abc", "0s", "-5m"] {
        assert_eq!(annotated(nonsense).rescheduled(), ["a"], "{nonsense}");
    }
    assert!(annotated("30m").rescheduled().is_empty());
}

// behaviour 02#120
#[test]
fn a_node_that_goes_away_receives_no_pods() {
    let cluster = leaving().node("stays", "q").node("chosen", "r").claim("d", "r", false);
    let nodes = |cluster: &Cluster| -> Vec<String> {
        cluster.demand().nodes.iter().map(|node| node.name().to_owned()).collect()
    };
    assert_eq!(nodes(&cluster), ["d", "stays"]);
    let mark = ClusterEvent::Intent(Intent::MarkForDeletion("d".into()));
    assert_eq!(nodes(&cluster.apply(mark)), ["stays"]);
}

// behaviour 02#9
#[test]
fn node_that_is_being_drained_opens_a_batch_and_other_taints_do_not() {
    let tainted = |key: &str, effect: &str| {
        let object = json!({
            "metadata": { "name": "n", "uid": "uid-n" },
            "spec": { "taints": [{ "key": key, "effect": effect }] },
        });
        let slim: SlimNode = serde_json::from_value(object).expect("it reads");
        let node = slim.decode().expect("it is valid").into();
        let cluster = Cluster::new().apply(ClusterEvent::Node(Change::Upsert(node)));
        cluster.demand().triggers().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(tainted("karpenter.sh/disrupted", "NoSchedule"), ["uid-n"]);
    assert!(tainted("karpenter.sh/disrupted", "NoExecute").is_empty());
    assert!(tainted("karpenter.sh/other", "NoSchedule").is_empty());
}

// behaviour 02#101
#[test]
fn pod_of_a_claim_that_was_given_up_is_planned_again() {
    let cluster = Cluster::new().pod("a", json!({}));
    let intent = planned(&cluster, &["a"]);
    let cluster = cluster.apply(intent).claim("c", "", false);
    assert!(pending(&cluster).is_empty());
    let cluster = cluster.apply(ClusterEvent::NodeClaim(Change::Delete("c".into())));
    assert_eq!(pending(&cluster), ["a"]);
}
