//! Which pods may go to nodes that have not been quiet for as long as their pool asks, when consolidation is simulated.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use proptest::prelude::*;

use super::bins::{machine, place, plan};
use super::random_clusters::outcome;
use super::{journal, random_clusters, random_topology, reference};
use crate::decide::scheduling::input::{Purpose, SchedulingInput};
use crate::decide::scheduling::solve::solve;
use crate::model::pod::PodPhase;
use crate::testing::instance_types::catalog;
use crate::testing::node_pools::{NodePoolBuilder, node_pool};
use crate::testing::nodes::{StateNodeBuilder, state_node};
use crate::testing::pods::{PodBuilder, pod};
use crate::testing::scenario::cluster;

const NOW: i64 = 100;

/// An initialized node of 8 processors.
fn ready() -> StateNodeBuilder {
    state_node("n").capacity("cpu", "8").managed("p").initialized_at(0)
}

fn waits(period: &str) -> NodePoolBuilder {
    node_pool("p").consolidate_after(period)
}

/// A pod that runs on a node that is not there any more.
fn running() -> PodBuilder {
    pod("x").cpu("1").phase(PodPhase::Running).bound_to("gone")
}

/// The question whether consolidation could do with this node.
fn question(pool: NodePoolBuilder, node: StateNodeBuilder) -> SchedulingInput {
    let types = catalog([machine("t", "8").build()]);
    SchedulingInput {
        purpose: Purpose::Consolidation,
        now: Timestamp::from_second(NOW).unwrap(),
        ..cluster().with_pool(pool, types).with_node(node)
    }
}

fn displacing(input: SchedulingInput, pod: PodBuilder) -> SchedulingInput {
    SchedulingInput { displaced: vec![pod.build()], ..input }
}

fn unsettled() -> SchedulingInput {
    question(waits("30s"), ready().last_pod_event(80))
}

// behaviour 02#127
#[test]
fn pods_of_candidates_skip_a_node_inside_its_consolidate_after() {
    assert_eq!(place(&plan(&displacing(unsettled(), running())), "x"), "new 0");
    let starting = running().phase(PodPhase::Pending);
    assert_eq!(place(&plan(&displacing(unsettled(), starting)), "x"), "node/n");
}

// behaviour 02#127
#[test]
fn pods_that_need_a_place_anyway_may_use_a_node_inside_its_consolidate_after() {
    let waiting = unsettled().with_pods([pod("x").cpu("1")]);
    assert_eq!(place(&plan(&waiting), "x"), "node/n");
    let deleting = SchedulingInput { reschedule: vec![running().build()], ..unsettled() };
    assert_eq!(place(&plan(&deleting), "x"), "node/n");
    let virtual_pod = pod("x").cpu("1").build();
    let buffer = SchedulingInput { virtual_pods: vec![virtual_pod], ..unsettled() };
    assert_eq!(place(&plan(&buffer), "x"), "new 0", "nobody waits for it");
}

// behaviour 02#127
#[test]
fn equal_pods_are_told_apart_by_whether_they_need_a_place_anyway() {
    let alike = |name: &str| pod(name).cpu("1").phase(PodPhase::Running).bound_to("gone").build();
    let input = SchedulingInput {
        reschedule: vec![alike("leaving")],
        displaced: vec![alike("candidate")],
        ..unsettled()
    };
    let plan = plan(&input);
    assert_eq!([place(&plan, "leaving"), place(&plan, "candidate")], ["node/n", "new 0"]);
}

// behaviour 02#127
#[test]
fn a_node_has_settled_once_its_pool_has_waited_long_enough_or_does_not_wait() {
    let place_of = |pool: NodePoolBuilder, node: StateNodeBuilder| {
        place(&plan(&displacing(question(pool, node), running())), "x")
    };
    let bare = || state_node("n").capacity("cpu", "8");
    for (pool, node, expected) in [
        (waits("30s"), ready().last_pod_event(71), "new 0"),
        (waits("30s"), ready().last_pod_event(70), "node/n"),
        (waits("30s"), bare().managed("p").initialized_at(71), "new 0"),
        (waits("30s"), bare().managed("p").initialized_at(70), "node/n"),
        (waits("30s"), bare().managed("p").last_pod_event(99), "node/n"),
        (waits("0s"), ready().last_pod_event(100), "node/n"),
        (waits("Never"), ready().last_pod_event(100), "node/n"),
        (waits("30s"), bare().managed("other").initialized_at(99), "node/n"),
        (waits("30s"), bare().label("karpenter.sh/nodepool", "p"), "node/n"),
    ] {
        let text = format!("{pool:?} {node:?}");
        assert_eq!(place_of(pool, node), expected, "{text}");
    }
}

// behaviour 02#127
#[test]
fn other_plans_use_nodes_that_have_not_settled() {
    let drift = SchedulingInput { purpose: Purpose::Placement, ..unsettled() };
    assert_eq!(place(&plan(&displacing(drift, running())), "x"), "node/n");
}

// behaviour 02#127
#[test]
fn a_node_stays_closed_when_a_pod_that_waits_changes_its_labels() {
    let input = unsettled();
    let input = input.with_pods([pod("first").cpu("2").select("kubernetes.io/hostname", "n")]);
    let plan = plan(&displacing(input, running()));
    assert!(place(&plan, "x").starts_with("new"), "{}", place(&plan, "x"));
}

/// The question of consolidation in a cluster where some pods run already and nodes have been quiet for so long.
fn consolidating(
    mut input: SchedulingInput,
    (n_waiting, quiet, starting): (usize, Vec<i64>, u8),
) -> SchedulingInput {
    input.purpose = Purpose::Consolidation;
    input.now = Timestamp::from_second(NOW).unwrap();
    let displaced = input.pods.split_off(n_waiting.min(input.pods.len()));
    for (at, mut pod) in displaced.into_iter().enumerate() {
        if starting >> (at % 8) & 1 == 0 {
            Arc::make_mut(&mut pod).phase = PodPhase::Running;
        }
        input.displaced.push(pod);
    }
    for supply in &mut input.pools {
        Arc::make_mut(&mut supply.pool).consolidate_after = Some(Duration::from_secs(30));
    }
    for (node, quiet) in input.nodes.iter_mut().zip(quiet) {
        let Some(pool) = node.pool().filter(|_| node.is_initialized()) else { continue };
        let own = state_node(node.name()).managed(pool.as_str()).initialized_at(NOW - quiet);
        let conditions = own.build().claim.unwrap().object.status.clone().unwrap().conditions;
        let Some(claim) = node.claim.as_mut().map(Arc::make_mut) else { continue };
        Arc::make_mut(&mut claim.object).status.get_or_insert_default().conditions = conditions;
        claim.initialized = true;
    }
    input
}

fn ages() -> impl Strategy<Value = (usize, Vec<i64>, u8)> {
    (0..4_usize, proptest::collection::vec(0..60_i64, 4), any::<u8>())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    // behaviour 02#127, behaviour 02#252
    #[test]
    fn simulations_equal_the_naive_reference(input in random_clusters::clusters(), ages in ages()) {
        let input = consolidating(input, ages);
        prop_assert_eq!(outcome(&solve(&input)), reference::solve(&input));
    }

    // behaviour 02#127, behaviour 02#252
    #[test]
    fn simulations_of_pods_that_look_at_each_other_equal_the_naive_reference(
        input in random_topology::clusters(),
        ages in ages(),
    ) {
        let input = consolidating(input, ages);
        prop_assert_eq!(outcome(&solve(&input)), reference::solve(&input));
    }

    #[test]
    fn rollback_restores_simulations(
        input in random_clusters::clusters(),
        ages in ages(),
        n_kept in 0..8_usize,
    ) {
        journal::check(&consolidating(input, ages), n_kept)?;
    }
}
