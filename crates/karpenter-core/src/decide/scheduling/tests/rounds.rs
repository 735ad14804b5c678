//! Several plans after each other, and several of one state.

use std::sync::Arc;

use proptest::prelude::*;
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};

use super::bins::{machine, plan};
use super::random_clusters::clusters;
use crate::decide::scheduling::input::SchedulingInput;
use crate::decide::scheduling::plan::{SchedulingPlan, Target};
use crate::decide::scheduling::solve::solve;
use crate::testing::instance_types::catalog;
use crate::testing::node_pools::node_pool;
use crate::testing::nodes::state_node;
use crate::testing::pods::pod;
use crate::testing::scenario::cluster;

/// Pods of one processor on each node, after this many more have been planned onto nodes of four.
fn after_batch(filled: &[usize], n_pods: usize, round: usize) -> Vec<usize> {
    let four = catalog([machine("s4", "4").pods("4").build()]);
    let input = cluster().with_pool(node_pool("p"), four);
    let input = filled.iter().enumerate().fold(input, |input, (at, n_bound)| {
        let node = state_node(&format!("n{at:03}")).capacity("cpu", "4").capacity("pods", "4");
        input.with_node((0..*n_bound).fold(node.managed("p"), |node, n| {
            node.bind(pod(&format!("old-{at}-{n}")).cpu("1").build())
        }))
    });
    let plan = plan(&input.with_pods((0..n_pods).map(|n| pod(&format!("r{round}-{n}")).cpu("1"))));
    let mut filled = filled.to_vec();
    for placement in &plan.placements {
        let Target::Node(name) = &placement.target else { panic!("{placement:?}") };
        let at: usize = name.as_str()[1..].parse().expect("nodes are numbered");
        filled[at] += placement.pods.len();
    }
    filled.extend(plan.claims.iter().map(|claim| claim.pods.len()));
    filled
}

// behaviour 02#125
#[test]
fn batches_after_each_other_leave_room_on_one_node_at_most() {
    let mut random = ChaCha8Rng::seed_from_u64(7);
    let mut filled: Vec<usize> = vec![];
    for round in 0..12 {
        filled = after_batch(&filled, random.random_range(1..10), round);
        let with_room = filled.iter().filter(|n_pods| **n_pods < 4).count();
        assert!(with_room <= 1, "round {round}: {filled:?}");
    }
}

/// The plan when the node number `at` goes away and its pods need another place.
fn without(base: &SchedulingInput, at: usize) -> SchedulingPlan {
    let mut input = base.clone();
    let mut gone = input.nodes.remove(at);
    gone.marked = true;
    input.reschedule.extend(gone.usage.pods.values().cloned());
    input.leaving.push(gone);
    solve(&input)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    // behaviour 02#258
    #[test]
    fn simulations_beside_each_other_change_nothing_and_come_to_what_they_come_to_alone(
        input in clusters(),
    ) {
        let base = Arc::new(input);
        let before = format!("{base:?}");
        let n_nodes = base.nodes.len();
        let alone: Vec<_> = (0..n_nodes).map(|at| without(&base, at)).collect();
        let beside: Vec<SchedulingPlan> = std::thread::scope(|scope| {
            let running: Vec<_> =
                (0..n_nodes).map(|at| { let base = &base; scope.spawn(move || without(base, at)) }).collect();
            running.into_iter().map(|thread| thread.join().expect("a plan")).collect()
        });
        prop_assert_eq!(alone, beside);
        prop_assert_eq!(format!("{base:?}"), before);
    }
}
