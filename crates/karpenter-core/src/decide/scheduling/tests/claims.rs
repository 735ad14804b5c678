//! What a new claim may be: instance types, offerings, pools, limits, `minValues`, the object.

use super::bins::{machine, place, plan, sizes};
use crate::api::v1::nodepool;
use crate::decide::scheduling::plan::SchedulingPlan;
use crate::decide::scheduling::solve::Solver;
use crate::model::instance_type::Catalog;
use crate::model::resources::ResourceName;
use crate::options::MinValuesPolicy;
use crate::testing::instance_types::{InstanceTypeBuilder, catalog, instance_type};
use crate::testing::node_pools::node_pool;
use crate::testing::nodes::state_node;
use crate::testing::pods::{expression, pod};
use crate::testing::scenario::cluster;

const TYPE: &str = "node.kubernetes.io/instance-type";
const ZONE: &str = "topology.kubernetes.io/zone";

/// Types `it-i` with i processors, 2i Gi and 10i pods.
fn ladder(n: u32) -> Catalog {
    catalog((1..=n).map(|i| {
        let it = instance_type(&format!("it-{i}"))
            .cpu(&i.to_string())
            .memory(&format!("{}Gi", 2 * i))
            .pods(&(10 * i).to_string())
            .label("integer", [i.to_string().as_str()]);
        it.offering("z1", "on-demand", f64::from(i)).build()
    }))
}

fn types(plan: &SchedulingPlan, claim: usize) -> Vec<String> {
    plan.claims[claim].instance_types.iter().map(ToString::to_string).collect()
}

// behaviour 02#67
#[test]
fn zero_of_an_unknown_resource_fits_anywhere_and_one_nowhere() {
    let input = cluster()
        .with_pool(node_pool("p"), sizes())
        .with_pods([pod("zero").request("x.io/a", "0"), pod("one").request("x.io/a", "1")]);
    let plan = plan(&input);
    assert_eq!(place(&plan, "zero"), "new 0");
    assert!(place(&plan, "one").starts_with("no instance type has enough resources, "));
}

// behaviour 02#68
#[test]
fn number_of_pods_is_a_resource() {
    let five = machine("t", "4").pods("5").build();
    let input = cluster()
        .with_pool(node_pool("p"), catalog([five]))
        .with_pods((0..25).map(|n| pod(&n.to_string()).cpu("10m").request("pods", "7")));
    assert_eq!(plan(&input).claims.len(), 5);
}

// behaviour 02#69
#[test]
fn nothing_fits_a_type_with_a_negative_amount() {
    let broken = machine("t", "4").capacity("x.io/a", "1").reserved("x.io/a", "2").build();
    let input = cluster().with_pool(node_pool("p"), catalog([broken])).with_pods([pod("x")]);
    assert_eq!(
        place(&plan(&input), "x"),
        "nodepool requirements filtered out all available instance types"
    );
}

// behaviour 02#91, behaviour 02#92
#[test]
fn resource_of_one_offering_needs_that_offering() {
    let it = || machine("t", "4").offering_with("z2", "spot", 1.0, ("x.io/slots", "1"));
    let asks = || pod("x").request("x.io/slots", "1");
    let with = |it: InstanceTypeBuilder, pod| {
        let plain = machine("plain", "4").build();
        let pool = node_pool("p");
        plan(&cluster().with_pool(pool, catalog([it.build(), plain])).with_pods([pod]))
    };
    assert_eq!(types(&with(it(), asks()), 0), ["t"]);
    let refused = place(&with(it(), asks().zone("z1")), "x");
    assert!(refused.starts_with("no instance type has enough resources, "), "{refused}");
    assert!(with(machine("t", "4"), asks()).claims.is_empty());
}

// behaviour 02#93
#[test]
fn refusal_names_the_tests_that_no_type_passed() {
    let t = catalog([machine("t", "4").sold_out("z4", "spot", 1.0).build()]);
    let head = |pod| {
        let text =
            place(&plan(&cluster().with_pool(node_pool("p"), t.clone()).with_pods([pod])), "x");
        text.split_once(", requirements=").map(|(head, _)| head.to_owned()).unwrap_or(text)
    };
    let x = || pod("x").cpu("1");
    let other = |pod: crate::testing::pods::PodBuilder| pod.select(TYPE, "other");
    let both = "no instance type met the scheduling requirements or had";
    assert_eq!(head(x().cpu("5")), "no instance type has enough resources");
    assert_eq!(head(other(x())), "no instance type met all requirements");
    assert_eq!(head(other(x().cpu("5"))), format!("{both} enough resources"));
    assert_eq!(
        head(x().zone("z4")),
        "no instance type had enough resources or had a required offering"
    );
    assert_eq!(
        head(other(x().zone("z4"))),
        format!("{both} enough resources or had a required offering")
    );
}

// behaviour 02#93
#[test]
fn refusal_says_what_is_missing_on_the_nearest_type() {
    let one = catalog([machine("t", "4").build()]);
    let with = |cpu| {
        let input =
            cluster().with_pool(node_pool("p"), one.clone()).with_daemon_set(pod("d").cpu("1"));
        place(&plan(&input.with_pods([pod("x").cpu(cpu)])), "x")
    };
    let text = with("5");
    assert!(text.contains(r#"resources={"cpu":"6","pods":"2"}"#), "{text}");
    assert!(
        text.ends_with("[of 1 instance types 1 met the requirements, 1 had an offering, 0 had room; t lacks 2 cpu] (NodePool=p)"),
        "{text}"
    );
    assert!(with("1500000").contains("(CPU request >= 1 Million, m vs M typo?)"));
}

// behaviour 02#94, behaviour 02#104, behaviour 02#105
#[test]
fn types_are_listed_by_price_of_what_can_be_bought() {
    let it = |name, spot, on_demand| {
        let it = instance_type(name).cpu("4").offering("z1", "spot", spot);
        it.offering("z1", "on-demand", on_demand).build()
    };
    let gone = instance_type("gone").cpu("4").sold_out("z1", "on-demand", 0.1).build();
    let all = catalog([it("a", 1.0, 9.0), it("b", 2.0, 8.0), it("c", 2.0, 8.0), gone]);
    let with = |pod| plan(&cluster().with_pool(node_pool("p"), all.clone()).with_pods([pod]));
    assert_eq!(types(&with(pod("x").cpu("1")), 0), ["a", "b", "c"]);
    let on_demand = with(pod("x").cpu("1").select("karpenter.sh/capacity-type", "on-demand"));
    assert_eq!(types(&on_demand, 0), ["b", "c", "a"]);
    assert_eq!(on_demand.claims[0].price.as_f64(), 8.0);
}

// behaviour 02#95, behaviour 02#96
#[test]
fn pool_without_a_usable_type_is_left_out_and_existing_nodes_still_serve() {
    let node = || state_node("n").capacity("cpu", "1");
    for (pool, why) in [
        (node_pool("p").require("kubernetes.io/arch", "In", ["arm64"]), ""),
        (node_pool("p").require(ZONE, "In", ["unknown"]), ""),
        (node_pool("p").require_min(9, TYPE, "Exists", []), " due to minValues incompatibility"),
    ] {
        let input = cluster()
            .with_pool(pool, sizes())
            .with_node(node())
            .with_pods([pod("x").cpu("1"), pod("y").cpu("1")]);
        let plan = plan(&input);
        assert_eq!(place(&plan, "x"), "node/n");
        assert_eq!(
            place(&plan, "y"),
            "nodepool requirements filtered out all available instance types"
        );
        assert_eq!(
            plan.report.unusable_pools[0].why.to_string(),
            format!(
                "NodePool requirements filtered out all compatible available instance types{why}"
            )
        );
    }
}

// behaviour 02#98
#[test]
fn larger_type_that_is_cheaper_is_listed_first() {
    let it =
        |name, cpu, price| instance_type(name).cpu(cpu).offering("z1", "on-demand", price).build();
    let all = catalog([it("medium", "2", 3.0), it("small", "1", 2.0), it("large", "4", 1.0)]);
    let plan = plan(&cluster().with_pool(node_pool("p"), all).with_pods([pod("x").cpu("1m")]));
    assert_eq!(types(&plan, 0), ["large", "small", "medium"]);
    let requirement = plan.claims[0].requirements.get(TYPE).map(ToString::to_string);
    assert_eq!(
        requirement.as_deref(),
        Some("node.kubernetes.io/instance-type In [large medium small]")
    );
}

// behaviour 02#99
#[test]
fn pods_that_exclude_each_other_get_claims_of_their_own() {
    let input = cluster()
        .with_pool(node_pool("p"), sizes())
        .with_pods([pod("a").cpu("1").zone("z1"), pod("b").cpu("1").zone("z2")]);
    assert_eq!(plan(&input).claims.len(), 2);
}

// behaviour 02#100
#[test]
fn claim_grows_to_the_largest_type_and_small_pods_fill_up() {
    let input = cluster()
        .with_pool(node_pool("p"), ladder(5))
        .with_pods([pod("a").cpu("4500m"), pod("b").cpu("1")]);
    let plan = plan(&input);
    assert_eq!((types(&plan, 0), types(&plan, 1).len()), (vec!["it-5".to_owned()], 5));
}

// behaviour 02#103
#[test]
fn list_of_types_is_cut_to_the_cheapest() {
    let input = cluster().with_pool(node_pool("p"), ladder(700)).with_pods([pod("x").cpu("1")]);
    let listed = types(&plan(&input), 0);
    assert_eq!((listed.len(), listed[599].as_str()), (600, "it-600"));
}

// behaviour 02#145, behaviour 02#147
#[test]
fn heavier_pools_go_first_then_names_from_the_end() {
    let input = cluster()
        .with_pool(node_pool("none"), sizes())
        .with_pool(node_pool("a").weight(50), sizes())
        .with_pool(node_pool("b").weight(50), sizes())
        .with_pool(node_pool("heavy").weight(100).require(ZONE, "In", ["z1"]), sizes())
        .with_pods([
            pod("any").cpu("10"),
            pod("z2").cpu("9").zone("z2"),
            pod("named").cpu("8").select("karpenter.sh/nodepool", "none"),
        ]);
    let plan = plan(&input);
    let pools: Vec<&str> = plan.claims.iter().map(|claim| claim.pool.as_str()).collect();
    assert_eq!(pools, ["heavy", "b", "none"]);
    let passed: Vec<&str> =
        plan.report.claims[2].passed_over.iter().map(|refusal| refusal.pool.as_str()).collect();
    assert_eq!(passed, ["heavy", "b", "a"]);
}

// behaviour 02#146
#[test]
fn without_a_usable_pool_nothing_is_planned() {
    for pool in [node_pool("p").not_ready(), node_pool("p").deleting(), node_pool("p").replicas(1)]
    {
        let input = cluster()
            .with_pool(pool, sizes())
            .with_node(state_node("n").capacity("cpu", "4"))
            .with_pods([pod("x").cpu("1")]);
        assert_eq!(place(&plan(&input), "x"), "no dynamic nodepools found");
    }
}

// behaviour 02#151, behaviour 02#153
#[test]
fn pool_at_its_limit_makes_no_more_nodes() {
    let limited = || cluster().with_pool(node_pool("p").limit("cpu", "2"), sizes());
    let asks = || [pod("x").cpu("1750m")];
    assert_eq!(place(&plan(&limited().with_pods(asks())), "x"), "new 0");
    let refused = "all available instance types exceed limits for nodepool (NodePool=p)";
    for used in ["2", "100"] {
        let full = state_node("n").capacity("cpu", used).taint("t", "", "NoSchedule").managed("p");
        assert_eq!(place(&plan(&limited().with_node(full).with_pods(asks())), "x"), refused);
    }
}

// behaviour 02#152
#[test]
fn new_claim_is_charged_the_largest_type_it_may_become() {
    let input = cluster()
        .with_pool(node_pool("p").limit("cpu", "3"), ladder(5))
        .with_pods([pod("a").cpu("1500m").host_port(1), pod("b").cpu("1500m").host_port(1)]);
    let plan = plan(&input);
    assert_eq!((plan.claims.len(), plan.unschedulable.len()), (1, 1));
    assert_eq!(types(&plan, 0), ["it-2", "it-3"]);
}

// behaviour 02#270
#[test]
fn claim_that_is_narrowed_gives_back_what_its_pool_was_charged_too_much_where_asked_for() {
    let charged = |refund_limits: bool| {
        let types = ["2", "4", "8"].map(|cpu| machine(&format!("c{cpu}"), cpu).build());
        let input = cluster()
            .with_pool(node_pool("p").limit("cpu", "12").limit("nodes", "9"), catalog(types))
            .with_options(|options| options.refund_limits = refund_limits)
            .with_pods([
                pod("a").cpu("1"),
                pod("b").cpu("500m").select(TYPE, "c2"),
                pod("c").cpu("100m").select(TYPE, "c8"),
            ]);
        let pods = input.all_pods();
        let mut solver = Solver::of(&input, &pods).expect("the pool is ready");
        let left = [0, 1].map(|pod| {
            assert!(solver.place(pod));
            solver.templates[0]
                .remaining
                .amounts()
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
        });
        (left, place(&plan(&input), "c"))
    };
    let left = |cpu: &str| vec![cpu.to_owned(), "8".to_owned()];
    let (unpaid, refused) = charged(false);
    assert_eq!(unpaid, [left("4"), left("4")]);
    assert!(
        refused.contains("[of 2 instance types 0 met the requirements"),
        "8 are too many: {refused}"
    );
    assert_eq!(charged(true), ([left("4"), left("10")], "new 1".to_owned()));
}

// behaviour 02#154
#[test]
fn limit_on_pods_compares_capacity_not_use() {
    let single = machine("single", "4").pods("1").build();
    let five = machine("five", "4").pods("5").capacity("x.io/a", "1").build();
    let input = cluster()
        .with_pool(node_pool("p").limit("pods", "1"), catalog([single, five]))
        .with_pods([pod("plain").cpu("1"), pod("special").request("x.io/a", "1")]);
    let plan = plan(&input);
    assert_eq!(types(&plan, 0), ["single"]);
    assert!(!place(&plan, "special").starts_with("new"));
}

// behaviour 02#155, behaviour 02#263
#[test]
fn limit_on_nodes_counts_claims_of_the_same_plan() {
    let apart = || (0..3).map(|n| pod(&n.to_string()).cpu("1").host_port(1));
    let with = |nodes: &str, present: usize| {
        let input = cluster().with_pool(node_pool("p").limit("nodes", nodes), sizes());
        let full =
            |n: usize| state_node(&format!("n{n}")).taint("t", "", "NoSchedule").managed("p");
        plan(&(0..present).fold(input, |input, n| input.with_node(full(n))).with_pods(apart()))
    };
    let two = with("2", 0);
    assert_eq!(two.claims.len(), 2);
    assert_eq!(place(&two, "2"), "node limits have been exhausted for nodepool (NodePool=p)");
    assert_eq!(
        place(&with("2", 2), "0"),
        "node limits have been exhausted for nodepool (NodePool=p)"
    );
    assert_eq!(
        place(&with("1", 2), "0"),
        "all available instance types exceed limits for nodepool (NodePool=p)"
    );
}

// behaviour 01#133
// behaviour 02#159, behaviour 02#158
#[test]
fn unmet_minimum_refuses_or_is_lowered() {
    let input = cluster()
        .with_pool(node_pool("p").require_min(3, TYPE, "Exists", []), ladder(3))
        .with_pods([pod("wide").cpu("500m").host_port(1), pod("narrow").cpu("1500m").host_port(1)]);
    let strict = plan(&input);
    assert!(place(&strict, "narrow").starts_with(
        "minValues requirement is not met for label(s) (label(s)=[node.kubernetes.io/instance-type])"
    ));
    let effort = input.with_options(|o| o.min_values_policy = MinValuesPolicy::BestEffort);
    let relaxed = plan(&effort);
    let of = |at: usize| {
        let claim = &relaxed.claims[at];
        let annotations = claim.object().metadata.annotations.unwrap();
        let flag = annotations["karpenter.sh/nodeclaim-min-values-relaxed"].clone();
        (claim.requirements.get(TYPE).and_then(|r| r.min_values()), flag)
    };
    assert_eq!(of(0), (Some(2), "true".to_owned()));
    assert_eq!(of(1), (Some(3), "false".to_owned()));
}

// behaviour 02#160
#[test]
fn heavier_pool_is_relaxed_before_a_lighter_one_is_used() {
    let input = cluster()
        .with_pool(node_pool("heavy").weight(9).require_min(9, TYPE, "Exists", []), ladder(3))
        .with_pool(node_pool("light"), ladder(3))
        .with_options(|options| options.min_values_policy = MinValuesPolicy::BestEffort)
        .with_pods([pod("x").cpu("1")]);
    assert_eq!(plan(&input).claims[0].pool.as_str(), "heavy");
}

// behaviour 02#161, behaviour 02#166
#[test]
fn pod_that_would_leave_too_few_types_opens_a_claim_of_its_own() {
    let two = catalog([machine("small", "1").build(), machine("large", "4").build()]);
    for policy in [MinValuesPolicy::Strict, MinValuesPolicy::BestEffort] {
        let input = cluster()
            .with_pool(node_pool("p").require_min(2, TYPE, "Exists", []), two.clone())
            .with_options(|options| options.min_values_policy = policy)
            .with_pods([pod("a").cpu("900m"), pod("b").cpu("900m")]);
        assert_eq!(plan(&input).claims.len(), 2);
    }
}

// behaviour 01#133
// behaviour 02#162
#[test]
fn cut_list_below_the_minimum_discards_the_claim_or_lowers_the_minimum() {
    let input = cluster()
        .with_pool(node_pool("p").require_min(2, TYPE, "Exists", []), ladder(3))
        .with_options(|options| options.max_instance_types = 1)
        .with_pods([pod("a").cpu("500m"), pod("b").cpu("500m")]);
    let strict = plan(&input);
    let text = "pod didn’t schedule because NodePool couldn’t meet minValues requirements, validating minValues, \
                minValues requirement is not met for label(s) (label(s)=[node.kubernetes.io/instance-type]) (NodePool=p)";
    assert_eq!((place(&strict, "a").as_str(), place(&strict, "b").as_str()), (text, text));
    let effort = input.with_options(|o| o.min_values_policy = MinValuesPolicy::BestEffort);
    let claim = &plan(&effort).claims[0];
    assert_eq!(claim.requirements.get(TYPE).and_then(|r| r.min_values()), Some(1));
    assert!(claim.min_values_relaxed);
}

// behaviour 02#163, behaviour 02#164
#[test]
fn distinct_values_are_counted_within_the_bounds_of_every_key() {
    let with = |min| {
        let pool =
            node_pool("p").require_min(min, "integer", "Gt", ["2"]).require("integer", "Lt", ["5"]);
        let input = cluster().with_pool(pool, ladder(9)).with_well_known(&["integer"]);
        plan(&input.with_pods([pod("x").cpu("1")])).claims.len()
    };
    assert_eq!((with(2), with(3)), (1, 0));
    let both = node_pool("p").require_min(1, TYPE, "In", ["it-1", "it-2"]).require_min(
        2,
        TYPE,
        "NotIn",
        ["it-2"],
    );
    let input = cluster().with_pool(both, ladder(3)).with_pods([pod("x").cpu("1")]);
    assert!(plan(&input).claims.is_empty());
}

// behaviour 02#165
#[test]
fn values_a_pod_excludes_do_not_count_towards_the_minimum() {
    let pool = || node_pool("p").require_min(2, ZONE, "In", ["z1", "z2", "z3"]);
    let input = cluster().with_pool(pool(), sizes()).with_pods([pod("x").cpu("1").zone("z1")]);
    assert!(place(&plan(&input), "x").starts_with("minValues requirement is not met"));
    let effort = input.with_options(|o| o.min_values_policy = MinValuesPolicy::BestEffort);
    assert_eq!(
        plan(&effort).claims[0].requirements.get(ZONE).and_then(|zone| zone.min_values()),
        Some(1)
    );
}

// behaviour 02#157, behaviour 02#282
#[test]
fn object_carries_pool_hash_owner_labels_and_requirements() {
    let pool =
        node_pool("p").require("tier", "Exists", []).label("team", "a").annotation("note", "n");
    let input = cluster().with_pool(pool, sizes()).with_pods([pod("x")
        .cpu("1")
        .require([expression("tier", "Gt", ["3"]), expression("tier", "NotIn", ["5"])])]);
    let plan = plan(&input);
    let claim = &plan.claims[0];
    let object = &claim.object();
    let labels = object.metadata.labels.clone().unwrap();
    assert_eq!(object.metadata.name.as_deref(), Some(claim.name.as_str()));
    assert!(claim.name.as_str().starts_with("p-") && claim.name.as_str().len() == 7);
    assert_eq!((labels["tier"].as_str(), labels["team"].as_str()), ("4", "a"));
    assert_eq!(labels["karpenter.test/testnodeclass"], "default");
    assert!(!labels.contains_key("kubernetes.io/arch"));
    let template: &nodepool::NodePool = &input.pools[0].pool.object;
    let hash = crate::api::v1::hash::hash(template);
    assert_eq!(object.metadata.annotations.clone().unwrap()["karpenter.sh/nodepool-hash"], hash);
    assert_eq!(object.metadata.owner_references.clone().unwrap()[0].uid, "p-uid");
    let tier: Vec<String> = object
        .spec
        .requirements
        .iter()
        .filter(|entry| entry.key == "tier")
        .map(|entry| format!("{} {:?}", entry.operator, entry.values.clone().unwrap_or_default()))
        .collect();
    assert_eq!(tier, [r#"NotIn ["5"]"#, r#"Gte ["4"]"#]);
}

#[test]
fn names_differ_between_claims_and_between_plans() {
    let apart = (0..3).map(|n| pod(&n.to_string()).cpu("1").host_port(1));
    let mut input = cluster().with_pool(node_pool("p"), sizes()).with_pods(apart);
    let names = |plan: SchedulingPlan| plan.claims.into_iter().map(|claim| claim.name);
    let first: Vec<_> = names(plan(&input)).collect();
    input.based_on = crate::state::Revision(2);
    let second: Vec<_> = names(plan(&input)).collect();
    let all: std::collections::BTreeSet<_> = first.iter().chain(&second).collect();
    assert_eq!(all.len(), 6);
}

#[test]
fn every_decision_prints_as_one_line() {
    let input = cluster()
        .with_pool(node_pool("p"), sizes())
        .with_node(state_node("n").capacity(ResourceName::cpu().as_str(), "1"))
        .with_pods([pod("a").cpu("9"), pod("b").cpu("1"), pod("c").cpu("99")]);
    let plan = plan(&input);
    let report = plan.report.to_string();
    let lines: Vec<&str> = report.lines().collect();
    assert_eq!(lines.len(), 3);
    assert_eq!(lines[0], "node/n: has room for 1 pod(s)");
    assert!(lines[1].contains("cheapest s16 at 16.0000; nothing there had room for pod default/a"));
    assert!(lines[2].starts_with("pod default/c: no place: no instance type has enough resources"));
}
