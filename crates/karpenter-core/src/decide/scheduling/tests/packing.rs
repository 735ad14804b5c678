//! Packing policies: never dearer than `FirstFit`, never against a rule, and nothing else changes.

use std::sync::Arc;

use proptest::prelude::*;
use proptest::test_runner::TestCaseError;

use super::{random_clusters, random_topology};
use crate::api::labels;
use crate::decide::audit::audit;
use crate::decide::scheduling::bounds::configuration::Effort;
use crate::decide::scheduling::input::SchedulingInput;
use crate::decide::scheduling::lower_bound::lower_bound;
use crate::decide::scheduling::plan::SchedulingPlan;
use crate::decide::scheduling::solve::solve;
use crate::model::instance_type::Catalog;
use crate::options::PackingPolicy;
use crate::testing::instance_types::{catalog, instance_type};
use crate::testing::node_pools::{NodePoolBuilder, node_pool};
use crate::testing::nodes::state_node;
use crate::testing::packing::{Supply, Workload, packing_input};
use crate::testing::pod_topology::near;
use crate::testing::pods::{PodBuilder, pod};
use crate::testing::scenario::cluster;

fn with(input: &SchedulingInput, policy: PackingPolicy) -> SchedulingInput {
    input.clone().with_options(|options| options.packing_policy = policy)
}

/// The plans of all policies, in their order.
fn plans(input: &SchedulingInput) -> [SchedulingPlan; 3] {
    PackingPolicy::ALL.map(|policy| solve(&with(input, policy)))
}

fn cost(plan: &SchedulingPlan) -> f64 {
    plan.claims.iter().map(|claim| claim.price.as_f64()).sum()
}

/// Pods on new nodes with the pool they got, sorted.
fn pools(plan: &SchedulingPlan) -> Vec<(String, String)> {
    let pods = plan
        .claims
        .iter()
        .flat_map(|claim| claim.pods.iter().map(|pod| (pod.to_string(), claim.pool.to_string())));
    let mut pods: Vec<_> = pods.collect();
    pods.sort();
    pods
}

/// What every policy owes to every input.
fn check(input: &SchedulingInput) -> Result<(), TestCaseError> {
    let [first, guarded, optimized] = plans(input);
    for plan in [&guarded, &optimized] {
        prop_assert_eq!(audit(input, plan), vec![]);
        prop_assert_eq!(&plan.placements, &first.placements);
        prop_assert_eq!(&plan.report.relaxed, &first.report.relaxed);
        prop_assert_eq!(pools(plan), pools(&first));
        let left = |plan: &SchedulingPlan| -> Vec<_> {
            plan.unschedulable.iter().map(|(pod, _)| pod.clone()).collect()
        };
        prop_assert_eq!(left(plan), left(&first));
    }
    let costs = [&first, &guarded, &optimized].map(cost);
    prop_assert!(costs.is_sorted_by(|a, b| *b <= a + 1e-9), "{:?}", costs);
    let n_before = first.claims.len().max(guarded.claims.len());
    prop_assert!(optimized.claims.len() <= 2 * n_before);
    let bound = lower_bound(input, &first, Effort::ONLINE).as_f64();
    prop_assert!(bound <= costs[2], "{bound} {costs:?}");
    for plan in [&first, &guarded, &optimized] {
        let reported: f64 = plan.report.packing.iter().map(|pool| pool.cost.as_f64()).sum();
        prop_assert!((reported - cost(plan)).abs() < 1e-6);
        prop_assert!(plan.report.packing.iter().all(|pool| pool.lower_bound <= pool.cost));
    }
    Ok(())
}

/// Sizes with a price each, from no rule at all.
fn wild_types() -> impl Strategy<Value = Catalog> {
    let one = (0..4_u32, 0..3_usize, 1..40_u32, 0..4_u8);
    proptest::collection::vec(one, 1..8).prop_map(|all| {
        catalog(all.into_iter().enumerate().map(|(at, (size, ratio, price, zones))| {
            let cpu = 1 << size;
            let it = instance_type(&format!("t{at}"))
                .cpu(&cpu.to_string())
                .memory(&format!("{}Gi", cpu * [1, 4, 8][ratio]))
                .offering("z1", "on-demand", f64::from(cpu * price));
            let it = if zones > 1 {
                it.offering("z2", "spot", f64::from(cpu * price) * 0.9)
            } else {
                it
            };
            it.build()
        }))
    })
}

/// Many pods of few shapes, some of them choosy, with a node that is there and limits that may be tight.
fn crowds() -> impl Strategy<Value = SchedulingInput> {
    let kinds = proptest::collection::vec((1..14_usize, 1..8_u32, 1..24_u32, 0..6_u8), 1..5);
    (kinds, wild_types(), 0..4_u32, any::<bool>()).prop_map(|(kinds, types, limit, has_node)| {
        let pods = kinds.into_iter().enumerate().flat_map(|(kind, (n, cpu, memory, twist))| {
            (0..n).map(move |at| {
                let pod = pod(&format!("p{kind}-{at}"))
                    .cpu(&format!("{}m", 300 * cpu))
                    .memory(&format!("{}Mi", 400 * memory));
                match twist {
                    0 => pod.zone("z1"),
                    1 => pod.select(labels::CAPACITY_TYPE, "spot"),
                    2 => pod
                        .label("app", "lonely")
                        .apart(near(labels::HOSTNAME, &[("app", "lonely")])),
                    3 if at == 0 => pod.host_port(80),
                    _ => pod,
                }
            })
        });
        let pool = node_pool("pool");
        let pool = if limit > 0 { pool.limit("cpu", &(9 * limit).to_string()) } else { pool };
        let input = cluster().with_pods(pods).with_pool(pool.weight(10), types.clone());
        let input = input.with_pool(node_pool("spare"), types);
        let input = input.with_daemon_set(pod("agent").cpu("100m").memory("50Mi"));
        let node = state_node("n").capacity("cpu", "4").capacity("memory", "8Gi");
        if has_node { input.with_node(node) } else { input }
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    // behaviour 02#253, behaviour 02#254, behaviour 02#256, behaviour 02#257
    #[test]
    fn crowds_are_packed_cheaper_and_by_the_rules(input in crowds()) {
        check(&input)?;
    }

    // behaviour 02#253, behaviour 02#254, behaviour 02#256, behaviour 02#257
    #[test]
    fn constraints_of_every_kind_hold_under_every_policy(input in random_clusters::clusters()) {
        check(&input)?;
    }

    // behaviour 02#253, behaviour 02#257
    #[test]
    fn pods_that_look_at_each_other_are_left_as_they_are(input in random_topology::clusters()) {
        check(&input)?;
    }

    // behaviour 02#255
    #[test]
    fn plans_repeat_and_leave_the_input_alone(input in crowds()) {
        let input = with(&input, PackingPolicy::CostOptimized);
        let before = format!("{input:?}");
        let (plan, again) = (solve(&input), solve(&input));
        prop_assert_eq!(plan, again);
        prop_assert_eq!(format!("{input:?}"), before);
    }

    // behaviour 02#257
    #[test]
    fn a_pool_that_says_first_fit_is_packed_as_without_the_setting(input in crowds()) {
        let plan = solve(&input);
        let mut said = with(&input, PackingPolicy::CostOptimized);
        for supply in &mut said.pools {
            let object = &mut Arc::make_mut(&mut supply.pool).object;
            let annotations = Arc::make_mut(object).metadata.annotations.get_or_insert_default();
            annotations.insert(labels::PACKING_POLICY.to_owned(), "FirstFit".to_owned());
        }
        let said = solve(&said);
        prop_assert_eq!(format!("{:?}", plan.claims), format!("{:?}", said.claims));
        prop_assert_eq!(plan.placements, said.placements);
        prop_assert_eq!(plan.report.to_string(), said.report.to_string());
    }
}

/// Two processors for 1, sixteen for 20.
fn dear_when_large() -> Catalog {
    catalog([
        instance_type("small").cpu("2").memory("8Gi").offering("z1", "spot", 1.0).build(),
        instance_type("large").cpu("16").memory("64Gi").offering("z1", "spot", 20.0).build(),
    ])
}

fn singles(n: usize) -> Vec<PodBuilder> {
    (0..n).map(|at| pod(&format!("p{at}")).cpu("1").memory("1Gi")).collect()
}

fn bought(plan: &SchedulingPlan) -> Vec<&str> {
    plan.claims.iter().map(|claim| claim.instance_types[0].as_str()).collect()
}

#[test]
fn guarded_nodes_do_not_grow_into_dear_types() {
    let input = cluster().with_pods(singles(8)).with_pool(node_pool("p"), dear_when_large());
    let [first, guarded, _] = plans(&input);
    assert_eq!(bought(&first), ["large"]);
    assert_eq!(bought(&guarded), ["small"; 4]);
}

#[test]
fn a_pod_that_only_fits_a_dear_type_gets_it() {
    let pods = singles(4).into_iter().chain([pod("huge").cpu("10").memory("1Gi")]);
    let input = cluster().with_pods(pods).with_pool(node_pool("p"), dear_when_large());
    let [_, guarded, optimized] = plans(&input);
    assert!(bought(&guarded).contains(&"large") && bought(&optimized).contains(&"large"));
    assert!(guarded.unschedulable.is_empty());
}

#[test]
fn shapes_that_complete_each_other_are_put_together() {
    let types = catalog([
        instance_type("c").cpu("8").memory("16Gi").offering("z1", "spot", 3.4).build(),
        instance_type("r").cpu("8").memory("64Gi").offering("z1", "spot", 5.0).build(),
    ]);
    // Largest first puts the processors first and leaves memory behind; together they fill `r` to the brim.
    let pods = (0..8).flat_map(|at| {
        let hungry = pod(&format!("cpu{at}")).cpu("2").memory("2Gi");
        [hungry, pod(&format!("mem{at}")).cpu("1").memory("14Gi")]
    });
    let input = cluster().with_pods(pods).with_pool(node_pool("p"), types);
    let [first, _, optimized] = plans(&input);
    let bound = lower_bound(&input, &first, Effort::OFFLINE).as_f64();
    assert!(cost(&optimized) < 0.9 * cost(&first), "{} {}", cost(&optimized), cost(&first));
    assert!(bound <= cost(&optimized) && cost(&optimized) < 1.1 * bound, "{bound}");
}

#[test]
fn a_pool_says_how_it_is_packed() {
    let packed = |pool: NodePoolBuilder, set: PackingPolicy| {
        let input = cluster().with_pods(singles(8)).with_pool(pool, dear_when_large());
        let plan = solve(&with(&input, set));
        (plan.claims.len(), plan.report.packing[0].policy)
    };
    let annotated = |text: &str| node_pool("p").annotated(labels::PACKING_POLICY, text);
    for (pool, set, expect) in [
        (node_pool("p"), PackingPolicy::FirstFit, (1, PackingPolicy::FirstFit)),
        (node_pool("p"), PackingPolicy::CostGuard, (4, PackingPolicy::CostGuard)),
        (annotated("CostGuard"), PackingPolicy::FirstFit, (4, PackingPolicy::CostGuard)),
        (annotated("FirstFit"), PackingPolicy::CostOptimized, (1, PackingPolicy::FirstFit)),
        // Not a policy: as if nothing had been written.
        (annotated("cheap"), PackingPolicy::CostGuard, (4, PackingPolicy::CostGuard)),
    ] {
        assert_eq!(packed(pool, set), expect);
    }
}

#[test]
fn limits_on_nodes_outweigh_prices() {
    let pool = || node_pool("p").limit("nodes", "3");
    let input = cluster().with_pods(singles(8)).with_pool(pool(), dear_when_large());
    let [first, guarded, optimized] = plans(&input);
    assert_eq!([bought(&guarded), bought(&optimized)], [bought(&first), bought(&first)]);
}

#[test]
fn the_report_says_what_was_saved_and_what_is_left() {
    let input = cluster().with_pods(singles(8)).with_pool(node_pool("p"), dear_when_large());
    let [first, guarded, _] = plans(&input);
    assert!(!first.report.to_string().contains("least possible"));
    let line = "nodepool p: CostGuard makes 4 node(s) at 4.0000 per hour, 0.0 % above the least possible 4.0000; \
                FirstFit would make 1 at 20.0000\n";
    assert!(guarded.report.to_string().contains(line), "{}", guarded.report);
}

// behaviour 02#257
#[test]
fn the_best_packing_is_close_to_the_bound_and_never_dearer_than_another() {
    let mut gaps = vec![];
    for supply in Supply::ALL {
        for workload in [Workload::Basic, Workload::Memcpu] {
            let input = packing_input(workload, supply);
            let plans = plans(&input);
            let bound = lower_bound(&input, &plans[0], Effort::ONLINE).as_f64();
            let costs = [&plans[0], &plans[1], &plans[2]].map(cost);
            assert!(bound <= costs[2] && costs[2] <= costs[1] && costs[1] <= costs[0], "{costs:?}");
            gaps.push(costs[2] / bound - 1.0);
        }
    }
    gaps.sort_by(f64::total_cmp);
    assert!(gaps[gaps.len() / 2] < 0.05, "{gaps:?}");
}
