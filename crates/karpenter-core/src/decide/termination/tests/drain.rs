//! Whose turn it is, and whose time is over.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::decide::termination::grace::{force_grace, needs_force_delete};
use crate::decide::termination::order::drain;
use crate::model::pod::Pod;
use crate::testing::cluster::{at, at_millis, pod, text};
use std::sync::Arc;

fn critical(daemon: bool) -> Value {
    let mut changes = owned_by(daemon);
    changes["spec"] = json!({ "priorityClassName": "system-cluster-critical" });
    changes
}

fn owned_by(daemon: bool) -> Value {
    let owner = json!({ "apiVersion": "apps/v1", "kind": "DaemonSet", "name": "d", "uid": "u" });
    json!({ "metadata": { "ownerReferences": if daemon { json!([owner]) } else { json!([]) } } })
}

fn names(pods: &[Arc<Pod>]) -> Vec<String> {
    pods.iter().map(|pod| pod.key.name.to_string()).collect()
}

fn waiting(pod: Pod, now: Timestamp) -> usize {
    drain(&[Arc::new(pod)], None, now).n_waiting
}

fn with_grace(seconds: u64) -> Value {
    json!({ "spec": { "terminationGracePeriodSeconds": seconds } })
}

// behaviour 04#136, 03#259
#[test]
fn tiers_leave_one_after_the_other() {
    let mut pods: Vec<Arc<Pod>> = [
        pod("critical-daemon", "a", critical(true)),
        pod("critical", "a", critical(false)),
        pod("daemon", "a", owned_by(true)),
        pod("plain", "a", owned_by(false)),
    ]
    .into_iter()
    .map(Arc::new)
    .collect();
    for expected in ["plain", "daemon", "critical", "critical-daemon"] {
        let turn = drain(&pods, None, at(0));
        assert_eq!(names(&turn.tier), [expected]);
        assert_eq!(turn.n_waiting, pods.len());
        pods.pop();
    }
    assert!(drain(&pods, None, at(0)).is_complete());
}

// behaviour 04#137, 03#269
#[test]
fn a_pod_whose_time_is_over_does_not_wait_for_its_tier() {
    let mut late = critical(true);
    late["spec"]["terminationGracePeriodSeconds"] = json!(600);
    let pods = [Arc::new(pod("late", "a", late)), Arc::new(pod("plain", "a", json!({})))];
    let turn = drain(&pods, Some(at(300)), at(0));
    assert_eq!(names(&turn.forced), ["late"]);
    assert_eq!(names(&turn.tier), ["plain"]);
}

// behaviour 04#138, 03#257, 03#258, 03#260
#[test]
fn pods_that_stay_or_have_ended_are_not_waited_for() {
    let tolerating = |toleration: Value| json!({ "spec": { "tolerations": [toleration] } });
    let mirror = json!({ "metadata": { "ownerReferences": [
        { "apiVersion": "v1", "kind": "Node", "name": "a", "uid": "u" }
    ] } });
    let cases = [
        (tolerating(json!({ "key": "karpenter.sh/disrupted", "operator": "Exists" })), 0),
        (tolerating(json!({ "key": "karpenter.sh/disrupted", "effect": "NoSchedule" })), 0),
        (tolerating(json!({ "operator": "Exists" })), 0),
        (tolerating(json!({ "key": "node.kubernetes.io/unschedulable", "operator": "Exists" })), 1),
        (mirror, 0),
        (json!({ "status": { "phase": "Succeeded" } }), 0),
        (json!({ "status": { "phase": "Failed" } }), 0),
        (json!({}), 1),
    ];
    for (changes, expected) in cases {
        assert_eq!(waiting(pod("p", "a", changes.clone()), at(0)), expected, "{changes}");
    }
}

// behaviour 04#141, 03#261
#[test]
fn a_pod_is_waited_for_until_a_minute_after_its_own_end() {
    let ending = || pod("p", "a", json!({ "metadata": { "deletionTimestamp": text(at(0)) } }));
    assert_eq!(waiting(ending(), at(59)), 1);
    assert_eq!(waiting(ending(), at(60)), 1);
    assert_eq!(waiting(ending(), at(61)), 0);
}

// behaviour 04#142, 03#267, 03#268
#[test]
fn force_begins_strictly_after_the_last_instant_that_leaves_the_pod_its_grace() {
    let due =
        |grace: u64, now| needs_force_delete(&pod("p", "a", with_grace(grace)), Some(at(300)), now);
    assert!(!due(60, at(240)));
    assert!(due(60, at(240) + Duration::from_nanos(1)));
    assert!(!due(300, at(0)));
    assert!(due(300, at_millis(1)));
    assert!(!needs_force_delete(&pod("p", "a", with_grace(60)), None, at(9999)));
}

// behaviour 04#143, 03#272
#[test]
fn a_forced_pod_keeps_the_whole_seconds_left_but_at_least_one() {
    let seconds = |deadline, now| force_grace(deadline, now).as_secs();
    assert_eq!(seconds(at_millis(30_900), at(0)), 30);
    assert_eq!(seconds(at(0), at(0)), 1);
    assert_eq!(seconds(at(0), at(3600)), 1);
}

// behaviour 04#144, 03#270
#[test]
fn a_terminating_pod_is_forced_only_when_it_would_outlive_the_deadline() {
    let ending = |end| pod("p", "a", json!({ "metadata": { "deletionTimestamp": text(end) } }));
    assert!(needs_force_delete(&ending(at(6000)), Some(at(210)), at(0)));
    assert!(!needs_force_delete(&ending(at(209)), Some(at(210)), at(0)));
    assert_eq!(force_grace(at(210), at(0)).as_secs(), 210);
}

// behaviour 04#145
#[test]
fn a_pod_that_names_no_grace_period_is_never_forced() {
    let nameless = pod("p", "a", json!({}));
    assert!(!needs_force_delete(&nameless, Some(at(0)), at(9999)));
}
