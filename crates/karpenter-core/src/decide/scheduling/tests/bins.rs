//! Which bin takes a pod: existing nodes, taints, host ports, DaemonSets, order and relaxation.

use crate::decide::audit::audit;
use crate::decide::scheduling::input::SchedulingInput;
use crate::decide::scheduling::plan::{SchedulingPlan, Target};
use crate::decide::scheduling::solve::solve;
use crate::decide::scheduling::unschedulable::Unschedulable;
use crate::model::ids::PodKey;
use crate::model::instance_type::Catalog;
use crate::model::pod::UnsupportedConstraint;
use crate::options::PreferencePolicy;
use crate::testing::instance_types::{InstanceTypeBuilder, catalog, instance_type};
use crate::testing::node_pools::node_pool;
use crate::testing::nodes::state_node;
use crate::testing::pods::{expression, pod};
use crate::testing::scenario::cluster;

const ZONE: &str = "topology.kubernetes.io/zone";

/// A type in every zone, on demand.
pub(super) fn machine(name: &str, cpu: &str) -> InstanceTypeBuilder {
    let it = instance_type(name).cpu(cpu).memory("64Gi");
    let price = cpu.parse::<f64>().unwrap();
    ["z1", "z2", "z3"].iter().fold(it, |it, zone| it.offering(zone, "on-demand", price))
}

/// Types of 2, 4 and 16 processors.
pub(super) fn sizes() -> Catalog {
    catalog([machine("s2", "2").build(), machine("s4", "4").build(), machine("s16", "16").build()])
}

/// The plan, after the auditor has agreed.
pub(super) fn plan(input: &SchedulingInput) -> SchedulingPlan {
    let plan = solve(input);
    assert_eq!(audit(input, &plan), vec![]);
    plan
}

/// Where a pod went: `node/n`, `nodeclaim/n`, `new <number>` or the text of its refusal without its cores.
pub(super) fn place(plan: &SchedulingPlan, name: &str) -> String {
    let key = PodKey::new("default", name);
    let placed = plan.placements.iter().find(|placement| placement.pods.contains(&key));
    let claimed = plan.claims.iter().position(|claim| claim.pods.contains(&key));
    let refused = plan.unschedulable.iter().find(|(pod, _)| *pod == key);
    match (placed, claimed, refused) {
        (Some(placement), _, _) => placement.target.to_string(),
        (_, Some(claim), _) => format!("new {claim}"),
        (_, _, Some((_, why))) => without_cores(why.clone()).to_string(),
        (None, None, None) => "nowhere".to_owned(),
    }
}

/// The reason as upstream knows it.
pub(super) fn without_cores(mut why: Unschedulable) -> Unschedulable {
    if let Unschedulable::Refused(refusals) = &mut why {
        refusals.iter_mut().for_each(|refusal| refusal.core = None);
    }
    why
}

// behaviour 02#119
#[test]
fn pod_goes_to_a_launched_claim_with_room_rather_than_a_new_one() {
    let input = cluster()
        .with_pool(node_pool("p"), sizes())
        .with_node(
            state_node("c")
                .capacity("cpu", "4")
                .label("kubernetes.io/arch", "amd64")
                .in_flight("p"),
        )
        .with_pods([
            pod("fits").cpu("1"),
            pod("arm").cpu("1").select("kubernetes.io/arch", "amd64").select("zone-of", "mine"),
        ]);
    let plan = plan(&input);
    assert_eq!(plan.placements[0].target, Target::Claim("c".into()));
    assert_eq!(place(&plan, "fits"), "nodeclaim/c");
    assert!(place(&plan, "arm").starts_with("incompatible requirements, label \"zone-of\""));
}

// behaviour 02#121
#[test]
fn initialized_nodes_come_first_then_names_decide() {
    let room = |name: &str| state_node(name).capacity("cpu", "4");
    let input = cluster()
        .with_pool(node_pool("p"), sizes())
        .with_node(room("a").in_flight("p"))
        .with_node(room("c").managed("p"))
        .with_node(room("b").managed("p"))
        .with_pods([pod("x").cpu("1")]);
    assert_eq!(place(&plan(&input), "x"), "node/b");
}

// behaviour 02#122
#[test]
fn claim_fills_in_what_a_starting_kubelet_reports_as_zero() {
    let gpu =
        || state_node("n").capacity("cpu", "4").capacity("x.io/gpu", "2").reported("x.io/gpu", "0");
    let asks = || {
        cluster().with_pool(node_pool("p"), sizes()).with_pods([pod("x").request("x.io/gpu", "1")])
    };
    assert_eq!(place(&plan(&asks().with_node(gpu().uninitialized("p"))), "x"), "node/n");
    let refused = place(&plan(&asks().with_node(gpu().managed("p"))), "x");
    assert!(refused.starts_with("no instance type has enough resources"), "{refused}");
}

// behaviour 02#123, behaviour 02#128
#[test]
fn nodes_of_others_and_of_unknown_pools_are_used() {
    let input = cluster()
        .with_pool(node_pool("p"), sizes())
        .with_node(state_node("n").capacity("cpu", "4"))
        .with_node(state_node("o").capacity("cpu", "4").managed("gone"))
        .with_pods((0..8).map(|n| pod(&n.to_string()).cpu("1")));
    let plan = plan(&input);
    assert!(plan.claims.is_empty());
    assert_eq!(plan.placements.iter().map(|p| p.pods.len()).collect::<Vec<_>>(), [4, 4]);
}

// behaviour 02#124
#[test]
fn node_without_a_well_known_label_does_not_satisfy_it() {
    let input = cluster()
        .with_pool(node_pool("p"), sizes())
        .with_node(state_node("n").capacity("cpu", "4"))
        .with_pods([pod("x").cpu("1").select("kubernetes.io/os", "linux")]);
    assert_eq!(place(&plan(&input), "x"), "new 0");
}

// behaviour 02#81
#[test]
fn untolerated_taint_is_named_and_an_empty_key_tolerates_all() {
    let input = cluster()
        .with_pool(node_pool("p").taint("team", "a", "NoSchedule"), sizes())
        .with_pods([pod("x").cpu("1"), pod("y").cpu("1").tolerate("", "Exists", "", "")]);
    let plan = plan(&input);
    assert_eq!(place(&plan, "x"), "did not tolerate taint (taint=team=a:NoSchedule) (NodePool=p)");
    assert_eq!(place(&plan, "y"), "new 0");
}

// behaviour 02#82
#[test]
fn startup_taint_needs_no_toleration_and_is_on_the_claim() {
    let input = cluster()
        .with_pool(node_pool("p").startup_taint("cni", "", "NoExecute"), sizes())
        .with_pods([pod("x").cpu("1")]);
    let plan = plan(&input);
    let startup = plan.claims[0].object().spec.startup_taints.unwrap();
    assert_eq!(startup[0].key, "cni");
}

// behaviour 02#84, behaviour 02#85, behaviour 02#288
#[test]
fn taints_that_pass_are_overlooked_until_the_node_is_initialized() {
    for (key, effect, usable) in [
        ("node.kubernetes.io/not-ready", "NoExecute", true),
        ("karpenter.sh/unregistered", "NoExecute", true),
        ("readiness.k8s.io/x", "AnyEffect", true),
        ("x.readiness.k8s.io/", "NoSchedule", false),
        ("node.kubernetes.io/unreachable", "NoExecute", false),
        ("start", "NoSchedule", true),
    ] {
        let node = || {
            state_node("n").capacity("cpu", "4").taint(key, "", effect).startup_taint(
                "start",
                "",
                "NoSchedule",
            )
        };
        let with = |node| {
            let input = cluster().with_pool(node_pool("p"), sizes()).with_node(node);
            place(&plan(&input.with_pods([pod("x").cpu("1")])), "x")
        };
        assert_eq!(with(node().uninitialized("p")) == "node/n", usable, "{key}:{effect}");
        assert_eq!(with(node().managed("p")), "new 0", "{key}:{effect}");
        assert_eq!(with(node()), "new 0", "{key}:{effect}");
    }
}

// behaviour 02#86
#[test]
fn host_ports_clash_by_protocol_number_and_address() {
    for (a, b, n_nodes) in [
        (("0.0.0.0", "TCP"), ("0.0.0.0", "TCP"), 2),
        (("0.0.0.0", "TCP"), ("0.0.0.0", "UDP"), 1),
        (("10.0.0.1", "TCP"), ("0.0.0.0", "TCP"), 2),
        (("::", "TCP"), ("10.0.0.1", "TCP"), 2),
        (("10.0.0.1", "TCP"), ("10.0.0.2", "TCP"), 1),
    ] {
        let input = cluster().with_pool(node_pool("p"), sizes()).with_pods([
            pod("a").cpu("1").host_port_on(a.0, 8080, a.1),
            pod("b").cpu("1").host_port_on(b.0, 8080, b.1),
        ]);
        assert_eq!(plan(&input).claims.len(), n_nodes, "{a:?} {b:?}");
    }
}

// behaviour 02#87
#[test]
fn pool_with_a_preference_taint_is_the_last_resort() {
    let soft = || node_pool("soft").weight(9).taint("t", "", "PreferNoSchedule");
    let both = cluster().with_pool(soft(), sizes()).with_pool(node_pool("clean"), sizes());
    let chosen = plan(&both.with_pods([pod("x").cpu("1")]));
    assert_eq!(chosen.claims[0].pool.as_str(), "clean");
    let impossible = [expression(ZONE, "In", ["nowhere"])];
    let only =
        cluster().with_pool(soft(), sizes()).with_pods([pod("x").cpu("1").prefer(5, impossible)]);
    let plan = plan(&only);
    assert_eq!(plan.claims[0].pool.as_str(), "soft");
    assert_eq!(
        plan.report.relaxed[0].to_string(),
        "pod default/x: gave up a preferred node affinity term of weight 5, staying off PreferNoSchedule taints"
    );
}

// behaviour 02#88
#[test]
fn preference_taint_of_an_existing_node_is_relaxed_too() {
    let input = cluster()
        .with_pool(node_pool("p").taint("no", "", "NoSchedule"), sizes())
        .with_node(state_node("n").capacity("cpu", "4").taint("t", "", "PreferNoSchedule"))
        .with_pods([pod("x").cpu("1")]);
    assert_eq!(place(&plan(&input), "x"), "node/n");
}

// behaviour 02#106
#[test]
fn daemon_overhead_is_counted_once_per_claim() {
    let input = cluster()
        .with_pool(node_pool("p"), sizes())
        .with_daemon_set(pod("d").cpu("1").memory("1Gi"))
        .with_pods([pod("a").cpu("1").memory("1Mi"), pod("b").cpu("1").memory("1Mi")]);
    let plan = plan(&input);
    assert_eq!(plan.claims[0].requests.to_string(), r#"{"cpu":"3","memory":"1026Mi","pods":"3"}"#);
}

// behaviour 02#107
#[test]
fn daemon_overhead_excludes_types_that_are_too_small() {
    let with = |cpu| {
        let input = cluster().with_pool(node_pool("p"), sizes()).with_daemon_set(pod("d").cpu(cpu));
        plan(&input.with_pods([pod("x").cpu("1")]))
    };
    let names =
        with("2").claims[0].instance_types.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(names, ["s4", "s16"]);
    assert!(with("10000").claims.is_empty());
}

// behaviour 02#108, behaviour 02#110, behaviour 02#114
#[test]
fn daemon_counts_exactly_if_it_can_run_on_the_new_node() {
    let d = || pod("d").cpu("1");
    for (daemon, counted) in [
        (d(), true),
        (d().select("unknown", "x"), false),
        (d().select("node.kubernetes.io/instance-type", "other"), false),
        (d().select("team", "a"), true),
        (d().require([expression("unknown", "NotIn", ["x"])]), true),
        (d().prefer(1, [expression("unknown", "In", ["x"])]), true),
        (
            d().require([expression("team", "In", ["z"])]).require([expression(
                "team",
                "In",
                ["a"],
            )]),
            true,
        ),
        (d().select("karpenter.sh/initialized", "true"), true),
        (d().unsupported(UnsupportedConstraint::ResourceClaim), false),
    ] {
        let shown = format!("{daemon:?}");
        let pool = node_pool("p")
            .label("team", "a")
            .taint("soft", "", "PreferNoSchedule")
            .startup_taint("s", "", "NoSchedule");
        let input = cluster()
            .with_pool(pool, sizes())
            .with_daemon_set(daemon)
            .with_pods([pod("x").cpu("1")]);
        let claim = &plan(&input).claims[0];
        assert_eq!(claim.requests.get_or_zero("cpu").to_string() == "2", counted, "{shown}");
        assert!(!claim.requirements.has("karpenter.sh/initialized"));
    }
}

// behaviour 02#109, behaviour 02#118
#[test]
fn types_are_charged_their_own_daemons_only() {
    let on = |name: &str, it: &str, cpu| {
        pod(name).cpu(cpu).select("node.kubernetes.io/instance-type", it)
    };
    let input = cluster()
        .with_pool(node_pool("p"), sizes())
        .with_daemon_set(on("small", "s2", "1"))
        .with_daemon_set(on("large", "s16", "10"));
    let first = plan(&input.clone().with_pods([pod("x").cpu("1")]));
    assert_eq!(first.claims[0].instance_types.len(), 3);
    assert_eq!(first.claims[0].requests.get_or_zero("cpu").to_string(), "1");
    let large = plan(&input.with_pods([pod("x").cpu("5")]));
    assert_eq!(large.claims[0].requests.get_or_zero("cpu").to_string(), "15");
}

// behaviour 02#113
#[test]
fn daemon_host_port_refuses_the_pod_where_the_daemon_runs() {
    let everywhere = cluster()
        .with_pool(node_pool("p"), sizes())
        .with_daemon_set(pod("d").host_port(8080))
        .with_pods([pod("x").cpu("1").host_port(8080)]);
    assert!(place(&plan(&everywhere), "x").starts_with(
        "no instance type met the scheduling requirements or had enough resources or had a required offering, "
    ));
    let large = pod("d").host_port(8080).select("node.kubernetes.io/instance-type", "s16");
    let some = cluster().with_pool(node_pool("p"), sizes()).with_daemon_set(large);
    let plan = plan(&some.with_pods([pod("x").cpu("1").host_port(8080)]));
    assert!(plan.claims[0].instance_types.iter().all(|it| it.as_str() != "s16"));
}

// behaviour 02#115, behaviour 02#116, behaviour 02#262
#[test]
fn existing_node_keeps_room_for_daemons_that_will_come() {
    let owned = || crate::model::pod::PodOwners { daemonset: true, ..Default::default() };
    let bound = || pod("d-1").cpu("1").owners(owned()).bound_to("n").build();
    let node = || state_node("n").capacity("cpu", "4").taint("t", "", "PreferNoSchedule");
    let with = |node, daemon, cpu| {
        let input = cluster().with_pool(node_pool("p").taint("no", "", "NoSchedule"), sizes());
        let input = input.with_node(node).with_daemon_set(daemon).with_pods([pod("x").cpu(cpu)]);
        place(&plan(&input), "x") == "node/n"
    };
    assert!(with(node(), pod("d").cpu("1"), "3"));
    assert!(!with(node(), pod("d").cpu("1"), "3500m"));
    assert!(with(node().bind(bound()), pod("d").cpu("1"), "3"));
    assert!(!with(node().bind(bound()), pod("d").cpu("500m"), "3500m"));
    assert!(with(node(), pod("d").cpu("1").select("other", "x"), "4"));
}

// behaviour 02#129
#[test]
fn largest_pods_go_first_then_oldest_then_smallest_uid() {
    let four = catalog([machine("s4", "4").build()]);
    let input = cluster().with_pool(node_pool("p"), four).with_pods([
        pod("d").cpu("1").memory("1Gi").created(1),
        pod("e").cpu("1").memory("1Gi"),
        pod("c").cpu("1").memory("1Gi"),
        pod("b").cpu("1").memory("2Gi").created(9),
        pod("a").cpu("2").created(9),
    ]);
    let plan = plan(&input);
    let order =
        |at: usize| plan.claims[at].pods.iter().map(|p| p.name.to_string()).collect::<Vec<_>>();
    assert_eq!(
        (order(0), order(1)),
        (vec!["a".into(), "b".into(), "c".into()], vec!["e".into(), "d".into()])
    );
}

// behaviour 02#135, behaviour 02#136, behaviour 02#137, behaviour 02#139
#[test]
fn alternatives_are_exhausted_before_preferences_and_heavy_ones_go_first() {
    let zone = |zone| [expression(ZONE, "In", [zone])];
    let in_zone = |x| {
        let input = cluster().with_pool(node_pool("p"), sizes()).with_pods([x]);
        let plan = plan(&input);
        plan.claims.first().and_then(|c| c.requirements.get(ZONE).map(ToString::to_string))
    };
    let shown = |zone: &str| Some(format!("{ZONE} In [{zone}]"));
    let x = || pod("x").cpu("1");
    assert_eq!(
        in_zone(
            x().require(zone("no")).require(zone("no")).require(zone("z1")).require(zone("z2"))
        ),
        shown("z1")
    );
    assert_eq!(in_zone(x().require(zone("no"))), None);
    assert_eq!(
        in_zone(x().prefer(1, zone("z2")).prefer(100, zone("no")).prefer(50, zone("z1"))),
        shown("z1")
    );
    assert_eq!(in_zone(x().require(zone("z3")).prefer(9, zone("z1"))), shown("z3"));
    let both = x().require(zone("z1")).require(zone("z2")).prefer(9, zone("z2"));
    assert_eq!(in_zone(both), shown("z2"), "the alternative is given up, not the preference");
}

// behaviour 02#142, behaviour 02#268
#[test]
fn ignored_preferences_neither_steer_nor_are_retried() {
    let preferring = pod("x").cpu("1").prefer(9, [expression(ZONE, "In", ["z2"])]);
    let input = cluster()
        .with_pool(node_pool("p"), sizes())
        .with_options(|options| options.preference_policy = PreferencePolicy::Ignore)
        .with_pods([preferring]);
    let plan = plan(&input);
    assert!(!plan.claims[0].requirements.has(ZONE));
    assert!(plan.report.relaxed.is_empty());
}

// behaviour 02#280
#[test]
fn claims_with_fewest_pods_are_tried_first_in_stable_order() {
    let four = catalog([machine("s4", "4").build()]);
    let opener = |n: u16| pod(&format!("a{n}")).cpu("1400m").host_port(1);
    let small = ["1300m", "100m", "90m", "80m", "70m", "60m", "50m", "40m"];
    let rest = small.iter().enumerate().map(|(n, cpu)| pod(&format!("p{}", n + 1)).cpu(cpu));
    let input = cluster().with_pool(node_pool("p"), four).with_pods((0..3).map(opener).chain(rest));
    let plan = plan(&input);
    let of = |at: usize| {
        plan.claims[at].pods.iter().map(|p| p.name.to_string()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!([of(0), of(1), of(2)], ["a0 p1 p6 p7", "a1 p2 p5 p8", "a2 p3 p4"]);
}

// behaviour 02#148
#[test]
fn claim_that_gains_a_pod_goes_before_others_of_its_count() {
    let mut order = crate::decide::scheduling::order::CandidateOrder::default();
    let set = crate::decide::scheduling::world::SetId::new(0);
    (0..3).for_each(|_| order.push(set));
    order.gain(0, set);
    assert_eq!(order.iter().collect::<Vec<_>>(), [1, 2, 0]);
    order.gain(1, set);
    assert_eq!(order.iter().collect::<Vec<_>>(), [2, 1, 0]);
}

// behaviour 02#150
#[test]
fn label_nobody_defines_is_known_once_another_pod_has_spoken_of_it() {
    let input = cluster().with_pool(node_pool("p"), sizes()).with_pods([
        pod("a").cpu("1").require([expression("rack", "NotIn", ["w"])]),
        pod("b").cpu("500m").select("rack", "v"),
    ]);
    assert_eq!(place(&plan(&input), "b"), "new 0");
    let alone = cluster()
        .with_pool(node_pool("p"), sizes())
        .with_pods([pod("b").cpu("1").select("rack", "v")]);
    assert_eq!(
        place(&plan(&alone), "b"),
        "incompatible requirements, label \"rack\" does not have known values (NodePool=p)"
    );
}

// behaviour 02#271
#[test]
fn range_below_zero_refuses_the_pod_or_the_pool() {
    let below = [expression("tier", "Lt", ["0"])];
    let input = cluster()
        .with_pool(node_pool("p").require("tier", "Exists", []), sizes())
        .with_pods([pod("x").cpu("1").require(below), pod("y").cpu("1")]);
    let chosen = plan(&input);
    assert_eq!(place(&chosen, "y"), "new 0");
    assert!(place(&chosen, "x").starts_with("incompatible requirements, key tier"));
    let empty = cluster().with_pool(node_pool("p").require("tier", "Lt", ["0"]), sizes());
    let plan = plan(&empty.with_pods([pod("y").cpu("1")]));
    assert_eq!(plan.report.unusable_pools.len(), 1);
}

#[test]
fn constraint_that_is_not_planned_for_refuses_the_pod_by_name() {
    let input = cluster()
        .with_pool(node_pool("p"), sizes())
        .with_pods([pod("x").cpu("1").unsupported(UnsupportedConstraint::ResourceClaim)]);
    assert_eq!(
        place(&plan(&input), "x"),
        "pod has Dynamic Resource Allocation requirements that are not yet supported by Karpenter"
    );
}

// behaviour 02#22
#[test]
fn required_match_fields_refuse_the_pod() {
    let pinned = pod("x").cpu("1").require_match_fields().require([expression(ZONE, "In", ["z1"])]);
    let input = cluster().with_pool(node_pool("p"), sizes()).with_pods([pinned]);
    assert_eq!(place(&plan(&input), "x"), "node selector term with matchFields is not supported");
}
