//! Costs, predicates of pods, and PodDisruptionBudgets.

use super::*;
use crate::decide::disruption::cost::*;
use crate::decide::pod_budgets::{Evictability, PodBudgets};
use crate::decide::termination::evict::{PodNotice, protection_notice};
use crate::model::pod::Pod;
use crate::testing::cluster::{at, pod, pod_budget, text};

fn costs(deletion_cost: Option<&str>, priority: i32) -> f64 {
    let mut changes = json!({ "spec": { "priority": priority } });
    if let Some(text) = deletion_cost {
        let key = "controller.kubernetes.io/pod-deletion-cost";
        changes["metadata"] = json!({ "annotations": { key: text } });
    }
    eviction_cost(&pod("p", "a", changes))
}

// behaviour 03#1, 03#5, 03#6, 03#7
#[test]
fn eviction_costs_of_known_pods() {
    let cases = [
        (None, 0, 1.0),
        (Some("2147483647"), 0, 10.0),
        (Some("-2147483647"), 0, -10.0),
        (None, -33_554_432, 0.0),
        (None, 2_000_001_000, 10.0),
        (Some("abc"), 0, 1.0),
    ];
    for (deletion_cost, priority, expected) in cases {
        let cost = costs(deletion_cost, priority);
        assert!((cost - expected).abs() < 1e-12, "{deletion_cost:?} {priority}: {cost}");
    }
}

// behaviour 03#2, 03#3, 03#4
#[test]
fn deletion_cost_and_priority_shift_the_cost_their_way() {
    assert!(costs(Some("100"), 0) > 1.0 && costs(Some("-100"), 0) < 1.0);
    assert!(costs(Some("101"), 0) > costs(Some("100"), 0));
    assert!(costs(Some("100"), 0) > costs(Some("99"), 0));
    assert!(costs(None, 1) > 1.0 && costs(None, -1) < 1.0);
}

// behaviour 03#8
#[test]
fn lifetime_goes_from_one_to_zero() {
    let remaining = |expire_after: &str, now| {
        let expires = json!({ "spec": { "expireAfter": expire_after } });
        lifetime_remaining(&claim("a", expires), now)
    };
    assert!((remaining("Never", at(1_000_000)) - 1.0).abs() < 1e-9);
    assert!((remaining("4h", at(0)) - 0.5).abs() < 1e-9);
    assert!(remaining("4h", at(3 * 3600)).abs() < 1e-9);
}

// behaviour 03#9, 03#10
#[test]
fn pods_worth_less_than_nothing_do_not_make_a_node_cheaper() {
    let key = "controller.kubernetes.io/pod-deletion-cost";
    let worth = |text: &str| {
        Arc::new(pod("p", "a", json!({ "metadata": { "annotations": { key: text } } })))
    };
    let pods = [worth("0"), worth("-2147483647"), worth("2147483647")];
    assert!((reschedule_disruption_cost(&pods) - 12.0).abs() < 1e-9);
    assert!((reschedule_disruption_cost([&worth("-2147483647")]) - 1.0).abs() < 1e-12);
}

// behaviour 03#11, 03#12
#[test]
fn the_price_is_that_of_the_offering_the_node_was_bought_as() {
    let bought =
        |labels: Value| price(&node("a", json!({ "metadata": { "labels": labels } })), &catalog());
    let key = "node.kubernetes.io/instance-type";
    let on_demand = "on-demand";
    let known = json!({ key: "t", "karpenter.sh/capacity-type": on_demand });
    assert_eq!(bought(known), Price::per_hour(2.0), "although it is out of stock");
    let elsewhere = json!({
        key: "t", "karpenter.sh/capacity-type": on_demand, "topology.kubernetes.io/zone": "z2",
    });
    assert_eq!(bought(elsewhere), Price::ZERO);
    assert_eq!(bought(json!({ key: "u", "karpenter.sh/capacity-type": on_demand })), Price::ZERO);
    assert_eq!(bought(json!({ key: "t" })), Price::ZERO);
    assert_eq!(Price::per_hour(f64::NAN), Price::ZERO);
}

// behaviour 03#13, 03#14, 03#15, 03#16, 03#17
#[test]
fn what_the_annotation_of_a_pod_means() {
    let hours = |hours: i64| Some(text(at(-hours * 3600)));
    let until = PodNotice::ProtectedUntil(at(3 * 3600));
    let cases = [
        ("true", hours(1000), true, None),
        ("4h", hours(1), true, Some(until)),
        ("4h", hours(4), false, Some(PodNotice::Elapsed)),
        ("4h", None, true, None),
        ("false", hours(1), false, Some(PodNotice::Invalid("false".into()))),
        ("0s", hours(1), false, Some(PodNotice::Invalid("0s".into()))),
        ("-1h", hours(1), false, Some(PodNotice::Invalid("-1h".into()))),
        ("abc", hours(1), false, Some(PodNotice::Invalid("abc".into()))),
        ("1d", hours(1), false, Some(PodNotice::Invalid("1d".into()))),
    ];
    for (value, started, active, notice) in cases {
        let mut changes = annotated(value);
        changes["status"] = json!({ "startTime": started });
        let pod = pod("p", "a", changes);
        assert_eq!(pod.blocks_disruption(at(0)), active, "{value}");
        assert_eq!(protection_notice(&pod, at(0)), notice, "{value}");
    }
}

// behaviour 03#18, 03#19
#[test]
fn pods_that_somebody_makes_anew_are_rescheduled() {
    let is_rescheduled = |mut changes: Value, terminating: bool| {
        if terminating {
            changes["metadata"]["deletionTimestamp"] = json!(text(at(0)));
        }
        pod("p", "a", changes).is_reschedulable()
    };
    assert!(is_rescheduled(json!({}), false));
    assert!(!is_rescheduled(json!({ "metadata": {} }), true));
    assert!(is_rescheduled(owned_by("StatefulSet"), true));
    assert!(!is_rescheduled(owned_by("DaemonSet"), false));
    assert!(!is_rescheduled(owned_by("Node"), false));
}

fn with_budget(allowed: i32, changes: Value) -> World {
    World::new(at(0)).pod_budget(pod_budget("b", allowed, changes))
}

fn lets_go(world: &World, pod: &Pod) -> bool {
    let cluster = world.snapshot();
    PodBudgets::of(&cluster).evictability(pod, at(0)).is_allowed()
}

fn unready() -> Value {
    json!({ "status": { "conditions": [{ "type": "Ready", "status": "False" }] } })
}

// behaviour 03#20, 03#27, 03#28
#[test]
fn a_budget_keeps_the_pods_it_selects_in_its_namespace() {
    let plain = pod("p", "a", json!({}));
    let elsewhere = pod("p", "a", json!({ "metadata": { "namespace": "other" } }));
    let all = with_budget(0, json!({}));
    assert!(!lets_go(&all, &plain));
    assert!(lets_go(&all, &elsewhere));
    assert!(lets_go(&with_budget(0, json!({ "spec": { "selector": null } })), &plain));
    let odd = json!({ "matchExpressions": [{ "key": "k", "operator": "Near", "values": [] }] });
    let odd = with_budget(0, json!({ "spec": { "selector": odd } }));
    assert!(lets_go(&odd, &plain));
    let both = odd.pod_budget(pod_budget("c", 0, json!({})));
    assert!(!lets_go(&both, &plain), "a broken budget does not switch off the others");
}

// behaviour 03#21
#[test]
fn two_budgets_keep_a_pod_whatever_they_allow() {
    let world = with_budget(5, json!({})).pod_budget(pod_budget("c", 5, json!({})));
    let cluster = world.snapshot();
    let said = PodBudgets::of(&cluster).evictability(&pod("p", "a", json!({})), at(0));
    let Evictability::Several(keys) = said else { panic!("{said:?}") };
    let names: Vec<String> = keys.iter().map(ToString::to_string).collect();
    assert_eq!(names, ["default/b", "default/c"]);
}

// behaviour 03#22, 03#23
#[test]
fn always_allow_lets_unready_pods_go() {
    let world = with_budget(0, json!({ "spec": { "unhealthyPodEvictionPolicy": "AlwaysAllow" } }));
    assert!(lets_go(&world, &pod("p", "a", unready())));
    assert!(!lets_go(&world, &pod("p", "a", json!({}))));
}

#[test]
fn an_unready_pod_of_a_healthy_application_may_go() {
    let health = |current: i32, desired: i32| {
        let status = json!({ "status": { "currentHealthy": current, "desiredHealthy": desired } });
        lets_go(&with_budget(0, status), &pod("p", "a", unready()))
    };
    assert!(health(3, 3));
    assert!(!health(2, 3));
    assert!(!health(0, 0));
}

// behaviour 03#24
#[test]
fn budgets_that_forbid_everything_block_for_ever() {
    let blocks = |spec: Value| {
        let cluster = with_budget(1, json!({ "spec": spec })).snapshot();
        PodBudgets::of(&cluster).is_fully_blocked(&pod("p", "a", json!({})), at(0))
    };
    assert!(blocks(json!({ "maxUnavailable": 0 })));
    assert!(blocks(json!({ "maxUnavailable": "0%" })));
    assert!(blocks(json!({ "minAvailable": "100%" })));
    assert!(!blocks(json!({ "minAvailable": 3 })));
}

// behaviour 03#25, 03#26, 03#29
#[test]
fn budgets_matter_only_to_pods_the_eviction_api_is_asked_about() {
    let world = with_budget(0, json!({}));
    let kept = |changes: Value| !lets_go(&world, &pod("p", "a", changes));
    assert!(kept(owned_by("DaemonSet")));
    assert!(!kept(owned_by("Node")));
    assert!(!kept(json!({ "status": { "phase": "Succeeded" } })));
    assert!(!kept(json!({ "metadata": { "deletionTimestamp": text(at(0)) } })));
    assert!(!kept(json!({ "status": { "phase": "Pending" } })));
}
