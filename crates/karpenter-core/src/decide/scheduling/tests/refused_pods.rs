//! Pods that are not planned for: invalid ones, ones that opt out, ones that contradict themselves.

use super::bins::{place, plan, sizes};
use crate::decide::scheduling::plan::SchedulingPlan;
use crate::decide::scheduling::unschedulable::Unschedulable;
use crate::model::ids::PodKey;
use crate::testing::node_pools::{NodePoolBuilder, node_pool};
use crate::testing::pods::{PodBuilder, expression, pod};
use crate::testing::scenario::cluster;

const NODEPOOL: &str = "karpenter.sh/nodepool";

fn planned(pods: impl IntoIterator<Item = PodBuilder>, pool: NodePoolBuilder) -> SchedulingPlan {
    plan(&cluster().with_pool(pool, sizes()).with_pods(pods))
}

fn refusal(plan: &SchedulingPlan, name: &str) -> Option<Unschedulable> {
    let key = PodKey::new("default", name);
    plan.unschedulable.iter().find(|(pod, _)| *pod == key).map(|(_, why)| why.clone())
}

// behaviour 01#127
// behaviour 02#18
#[test]
fn pod_that_requires_the_absence_of_a_pool_has_opted_out() {
    let out = pod("out").cpu("1").require([expression(NODEPOOL, "DoesNotExist", [])]);
    let plan = planned([out], node_pool("p"));
    let why = refusal(&plan, "out").unwrap();
    assert_eq!(why, Unschedulable::OptedOut);
    assert!(!why.is_worth_an_event());
    assert_eq!(
        why.to_string(),
        "configured to not run on a Karpenter provisioned node \
         (requirement=karpenter.sh/nodepool DoesNotExist)"
    );
}

// behaviour 02#19
#[test]
fn only_the_heaviest_preference_opts_out() {
    let absence = || [expression(NODEPOOL, "DoesNotExist", [])];
    let zone = || [expression("topology.kubernetes.io/zone", "In", ["z1"])];
    let heavy = pod("heavy").cpu("1").prefer(9, absence()).prefer(1, zone());
    let light = pod("light").cpu("1").prefer(1, absence()).prefer(9, zone());
    let plan = planned([heavy, light], node_pool("p"));
    assert_eq!(refusal(&plan, "heavy"), Some(Unschedulable::OptedOut));
    assert_eq!(refusal(&plan, "light"), None);
}

// behaviour 01#127
// behaviour 02#20, behaviour 02#23
#[test]
fn host_name_is_refused_and_valid_pods_are_planned_for() {
    let named = pod("named").cpu("1").select("kubernetes.io/hostname", "x");
    let plan = planned([named, pod("valid").cpu("1")], node_pool("p"));
    let why = refusal(&plan, "named").unwrap();
    assert!(matches!(why, Unschedulable::Invalid(_)), "{why}");
    assert!(why.is_worth_an_event());
    assert!(why.to_string().starts_with("using label kubernetes.io/hostname is not allowed"));
    assert_eq!(place(&plan, "valid"), "new 0");
}

// behaviour 01#127
#[test]
fn what_a_pod_must_not_ask_for_is_named() {
    let pods = [
        pod("fields").require_match_fields(),
        pod("pool").select(NODEPOOL, "p"),
        pod("foo").select("karpenter.sh/foo", "x"),
    ];
    let plan = planned(pods, node_pool("p"));
    let said = |name: &str| refusal(&plan, name).map(|why| why.to_string()).unwrap_or_default();
    assert_eq!(said("fields"), "node selector term with matchFields is not supported");
    assert_eq!((said("pool"), place(&plan, "pool")), (String::new(), "new 0".into()));
    assert!(
        said("foo").starts_with("using label karpenter.sh/foo is not allowed"),
        "{}",
        said("foo")
    );
}

// behaviour 01#128
#[test]
fn operators_of_our_own_kinds_are_refused_in_pods() {
    let pods = ["Gte", "Lte", "Gt"]
        .map(|operator| pod(operator).cpu("1").require([expression("tier", operator, ["3"])]));
    let plan = planned(pods, node_pool("p").label("tier", "5"));
    for operator in ["Gte", "Lte"] {
        let why = refusal(&plan, operator).unwrap().to_string();
        assert_eq!(why, format!("key tier has unsupported operator {operator:?}"));
    }
    assert_eq!(place(&plan, "Gt"), "new 0");
}

// behaviour 02#21
#[test]
fn labels_of_other_domains_can_be_asked_for() {
    let custom = ["kubernetes.io/custom", "sub.k8s.io/custom"];
    let pool = custom.iter().fold(node_pool("p"), |pool, key| pool.label(key, "a"));
    let pods = ["foo.karpenter.sh/x", custom[0], custom[1]];
    let pods = pods.iter().enumerate().map(|(at, key)| pod(&format!("p{at}")).select(key, "a"));
    let plan = planned(pods, pool);
    assert!(matches!(refusal(&plan, "p0"), Some(Unschedulable::Invalid(_))));
    assert_eq!((place(&plan, "p1"), place(&plan, "p2")), ("new 0".into(), "new 0".into()));
    let labels = plan.claims[0].object().metadata.labels.unwrap();
    assert_eq!((&*labels[custom[0]], &*labels[custom[1]]), ("a", "a"));
}

#[test]
fn preference_that_contradicts_a_requirement_is_given_up() {
    let torn = pod("torn")
        .cpu("1")
        .require([expression("tier", "In", ["a"])])
        .prefer(5, [expression("tier", "In", ["b"])]);
    let plan = planned([torn], node_pool("p").label("tier", "a"));
    assert_eq!(place(&plan, "torn"), "new 0");
    assert_eq!(plan.report.relaxed.len(), 1);
}

#[test]
fn pod_that_always_contradicts_itself_is_refused_by_the_label() {
    let torn = pod("torn").cpu("1").select("tier", "a").require([expression("tier", "In", ["b"])]);
    let plan = planned([torn], node_pool("p"));
    let why = refusal(&plan, "torn").unwrap();
    assert_eq!(why, Unschedulable::Contradiction("tier".into()));
    assert_eq!(why.to_string(), "constraints of the pod on label \"tier\" exclude each other");
}

#[test]
fn request_below_zero_refuses_the_pod_and_makes_no_room_for_others() {
    let plan = planned([pod("below").cpu("-100"), pod("other").cpu("1")], node_pool("p"));
    let why = refusal(&plan, "below").unwrap();
    assert_eq!(why.to_string(), "requests of cpu come to -100, which is below zero");
    assert!(why.is_worth_an_event());
    assert_eq!(place(&plan, "other"), "new 0");
}
