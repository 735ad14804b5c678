//! What people read.

use crate::decide::scheduling::input::SchedulingInput;
use crate::decide::scheduling::solve::solve;
use crate::decide::scheduling::unschedulable::{PoolRefusal, Unschedulable};
use crate::model::ids::PodKey;
use crate::model::instance_type::Catalog;
use crate::testing::instance_types::{InstanceTypeBuilder, catalog, instance_type};
use crate::testing::node_pools::{NodePoolBuilder, node_pool};
use crate::testing::nodes::state_node;
use crate::testing::pod_topology::{near, spread};
use crate::testing::pods::{PodBuilder, expression, pod};
use crate::testing::scenario::cluster;

const TYPE: &str = "node.kubernetes.io/instance-type";
const ZONE: &str = "topology.kubernetes.io/zone";

fn machine(name: &str, cpu: &str, arch: &str) -> InstanceTypeBuilder {
    let it = instance_type(name).cpu(cpu).memory("64Gi").arch(arch);
    ["z1", "z2"].iter().fold(it, |it, zone| it.offering(zone, "on-demand", 1.0))
}

/// Three small types, two of them arm64, and one large one.
fn machines() -> Catalog {
    let all = [("a", "4", "amd64"), ("b", "4", "arm64"), ("c", "8", "arm64"), ("d", "64", "amd64")];
    catalog(all.map(|(name, cpu, arch)| machine(name, cpu, arch).build()))
}

fn refusals(input: &SchedulingInput, name: &str) -> Vec<PoolRefusal> {
    let plan = solve(input);
    let key = PodKey::new("default", name);
    let refused = plan.unschedulable.into_iter().find(|(pod, _)| *pod == key);
    match refused {
        Some((_, Unschedulable::Refused(refusals))) => refusals,
        other => panic!("{other:?}"),
    }
}

/// The core of the only pool's refusal of the pod `x`.
fn core(input: &SchedulingInput) -> String {
    let refusals = refusals(input, "x");
    let [PoolRefusal { core: Some(core), .. }] = &refusals[..] else { panic!("{refusals:?}") };
    core.to_string()
}

fn core_of(pool: NodePoolBuilder, types: Catalog, pod: PodBuilder) -> String {
    core(&cluster().with_pool(pool, types).with_pods([pod]))
}

fn plain(pod: PodBuilder) -> String {
    core_of(node_pool("p"), machines(), pod)
}

fn x() -> PodBuilder {
    pod("x").cpu("1").memory("1Gi")
}

#[test]
fn one_constraint_that_nothing_can_meet_is_named_alone() {
    assert_eq!(plain(x().zone("z9")), format!("{ZONE} In [z9] alone rules out all 4 types"));
    assert_eq!(plain(x().cpu("65")), "cpu 65 alone rules out all 4 types");
}

#[test]
fn constraints_that_exclude_each_other_are_named_together_with_what_each_leaves() {
    assert_eq!(
        plain(x().cpu("9").select("kubernetes.io/arch", "arm64")),
        "kubernetes.io/arch In [arm64] and cpu 9 together rule out all 4 types (either alone leaves 2 / 1)"
    );
}

#[test]
fn three_constraints_are_named_when_no_two_of_them_would_do() {
    let types = catalog([
        machine("a", "4", "amd64").build(),
        machine("b", "64", "arm64").build(),
        instance_type("c")
            .cpu("64")
            .memory("64Gi")
            .arch("amd64")
            .offering("z1", "spot", 1.0)
            .build(),
    ]);
    let pod = x().cpu("9").select("kubernetes.io/arch", "amd64");
    let pod = pod.select("karpenter.sh/capacity-type", "on-demand");
    assert_eq!(
        core_of(node_pool("p"), types, pod),
        "karpenter.sh/capacity-type In [on-demand], kubernetes.io/arch In [amd64] and cpu 9 together rule out all \
         3 types (leaving out each in turn leaves 1 / 1 / 1)"
    );
}

#[test]
fn everything_else_that_rules_all_out_by_itself_is_named_too() {
    let pool = node_pool("p").taint("team", "a", "NoSchedule");
    assert_eq!(
        core_of(pool, machines(), x().zone("z9").cpu("65")),
        format!(
            "taint team=a:NoSchedule alone rules out all 4 types, and so does each of {ZONE} In [z9] and cpu 65"
        )
    );
}

#[test]
fn what_is_out_of_stock_is_told_from_what_there_never_was() {
    let types = || catalog([machine("a", "4", "amd64").sold_out("z3", "on-demand", 1.0).build()]);
    let text = |zone| core_of(node_pool("p"), types(), x().zone(zone));
    assert_eq!(
        text("z3"),
        format!(
            "{ZONE} In [z3] and what is out of stock together rule out the only type (either alone leaves 1 / 1)"
        )
    );
    assert_eq!(text("z9"), format!("{ZONE} In [z9] alone rules out the only type"));
}

#[test]
fn types_that_are_sold_out_altogether_count_among_those_of_the_pool() {
    let gone = instance_type("big").cpu("64").memory("64Gi").sold_out("z1", "on-demand", 1.0);
    let types = catalog([machine("a", "4", "amd64").build(), gone.build()]);
    assert_eq!(
        core_of(node_pool("p"), types, x().cpu("9")),
        "cpu 9 and what is out of stock together rule out all 2 types (either alone leaves 1 / 1)"
    );
}

#[test]
fn limits_taints_ports_daemons_and_minimums_are_constraints_of_their_own() {
    let limited = node_pool("p").limit("cpu", "3").limit("memory", "1000Gi");
    assert_eq!(core_of(limited, machines(), x()), "the limit of cpu alone rules out all 4 types");
    let full = node_pool("p").limit("nodes", "0");
    assert_eq!(core_of(full, machines(), x()), "the limit of nodes alone rules out all 4 types");
    let many = node_pool("p").require_min(3, TYPE, "Exists", []);
    assert_eq!(
        core_of(many, machines(), x().select("kubernetes.io/arch", "arm64")),
        format!(
            "kubernetes.io/arch In [arm64] and minValues of {TYPE} together rule out all 4 types (either alone leaves 2 / 4)"
        )
    );
    let with_daemon = |daemon, pod| {
        core(
            &cluster()
                .with_pool(node_pool("p"), machines())
                .with_daemon_set(daemon)
                .with_pods([pod]),
        )
    };
    assert_eq!(
        with_daemon(pod("d").cpu("2"), x().cpu("63")),
        "cpu 63 and what DaemonSets take together rule out all 4 types (either alone leaves 1 / 4)"
    );
    assert_eq!(
        with_daemon(pod("d").cpu("1").host_port(80), x().host_port(80)),
        "hostPort 80 and what DaemonSets take together rule out all 4 types (either alone leaves 4 / 4)"
    );
}

#[test]
fn terms_of_topology_are_named_by_what_they_are_and_by_their_label() {
    let nobody = x().near(near(ZONE, &[("app", "nobody")]));
    assert_eq!(plain(nobody), format!("pod affinity by {ZONE} alone rules out all 4 types"));
    let there = || pod("b").label("app", "db").bound_to("n").build();
    let node = state_node("n").capacity("cpu", "0").label(ZONE, "z1").bind(there());
    let input = cluster().with_pool(node_pool("p"), machines()).with_node(node);
    let apart = x().zone("z1").apart(near(ZONE, &[("app", "db")]));
    assert_eq!(
        core(&input.with_pods([apart])),
        format!(
            "{ZONE} In [z1] and pod anti-affinity by {ZONE} together rule out all 4 types (either alone leaves 4 / 4)"
        )
    );
}

#[test]
fn a_spread_is_blamed_only_for_what_no_domain_within_its_skew_can_do() {
    let types =
        catalog([instance_type("a").cpu("4").memory("8Gi").offering("z1", "spot", 1.0).build()]);
    let wide = node_pool("p").require(ZONE, "In", ["z1"]);
    let pods = ["w", "x"].map(|name| {
        pod(name).cpu("3").label("app", "web").spread(spread(ZONE, 1, &[("app", "web")]))
    });
    let other = machine("b", "2", "amd64").build();
    let input = cluster().with_pool(wide, types).with_pool(node_pool("q"), catalog([other]));
    let refusals = refusals(&input.with_pods(pods), "x");
    let texts: Vec<String> =
        refusals.iter().filter_map(|refusal| Some(refusal.core.as_ref()?.to_string())).collect();
    assert_eq!(
        texts,
        [
            "cpu 3 alone rules out the only type".to_owned(),
            format!("topology spread by {ZONE} alone rules out the only type")
        ]
    );
}

// behaviour 02#93
#[test]
fn one_line_has_the_head_the_pool_the_core_and_what_is_lacking() {
    let input = cluster().with_pool(node_pool("p"), machines()).with_pods([x().cpu("65")]);
    let [refusal] = &refusals(&input, "x")[..] else { panic!("one refusal") };
    assert_eq!(
        refusal.brief(),
        "no instance type has enough resources (NodePool=p) [cpu 65 alone rules out all 4 types; d lacks 1 cpu]"
    );
    let full = refusal.to_string();
    assert!(full.starts_with("no instance type has enough resources, requirements="), "{full}");
    assert!(
        full.ends_with("d lacks 1 cpu] (NodePool=p) [cpu 65 alone rules out all 4 types]"),
        "{full}"
    );
}

#[test]
fn pods_that_are_equal_share_the_work_and_many_that_differ_do_not_exceed_the_bound() {
    let pods = (0..3000_u32).map(|n| pod(&format!("x{n}")).cpu(&format!("{}m", 65_000 + n)));
    let plan = solve(&cluster().with_pool(node_pool("p"), machines()).with_pods(pods));
    let with_core = |(_, why): &&(PodKey, Unschedulable)| matches!(why, Unschedulable::Refused(all) if all.iter().all(|one| one.core.is_some()));
    let n_explained = plan.unschedulable.iter().filter(with_core).count();
    assert!(n_explained > 100 && n_explained < 1500, "{n_explained}");
    let pods = (0..3000_u32).map(|n| pod(&format!("x{n}")).cpu("65"));
    let plan = solve(&cluster().with_pool(node_pool("p"), machines()).with_pods(pods));
    assert_eq!(plan.unschedulable.iter().filter(with_core).count(), 3000);
}

#[test]
fn last_alternative_of_an_affinity_is_the_one_that_is_explained() {
    let torn =
        x().require([expression(ZONE, "In", ["z8"])]).require([expression(ZONE, "In", ["z9"])]);
    assert_eq!(plain(torn), format!("{ZONE} In [z9] alone rules out all 4 types"));
}
