//! A search that is ended before every pod was tried.

use std::cell::Cell;

use proptest::prelude::*;

use super::bins::machine;
use super::random_clusters::clusters;
use crate::decide::audit::audit;
use crate::decide::scheduling::input::SchedulingInput;
use crate::decide::scheduling::plan::SchedulingPlan;
use crate::decide::scheduling::solve::{solve, solve_until};
use crate::model::ids::PodKey;
use crate::testing::instance_types::catalog;
use crate::testing::node_pools::node_pool;
use crate::testing::pods::pod;
use crate::testing::scenario::cluster;

/// The plan when the search may try pods so many times.
fn after(input: &SchedulingInput, n_attempts: usize) -> SchedulingPlan {
    let n_asked = Cell::new(0);
    let stop = || {
        n_asked.set(n_asked.get() + 1);
        n_asked.get() > n_attempts
    };
    solve_until(input, Some(&stop))
}

/// Pods of 4 processors for machines of 4, the first by name too large for any.
fn twenty() -> SchedulingInput {
    let four = catalog([machine("s4", "4").build()]);
    let ask = |n: usize| pod(&format!("p{n:02}")).cpu(if n == 0 { "5" } else { "4" });
    cluster().with_pool(node_pool("p"), four).with_pods((0..20).map(ask))
}

// behaviour 02#134
#[test]
fn a_search_that_is_stopped_keeps_what_it_has_found_and_blames_nobody_it_did_not_try() {
    let (plan, whole) = (after(&twenty(), 10), solve(&twenty()));
    assert_eq!(audit(&twenty(), &plan), vec![]);
    let pods = |plan: &SchedulingPlan, n: usize| -> Vec<Vec<PodKey>> {
        plan.claims.iter().take(n).map(|claim| claim.pods.clone()).collect()
    };
    assert_eq!((plan.claims.len(), pods(&plan, 9)), (9, pods(&whole, 9)));
    let refused: Vec<String> = plan.unschedulable.iter().map(|(pod, _)| pod.to_string()).collect();
    assert_eq!(refused, ["default/p00"], "it was tried");
    assert_eq!(plan.unschedulable, whole.unschedulable);
    let untried: Vec<PodKey> =
        (10..20).map(|n| PodKey::new("default", format!("p{n}").as_str())).collect();
    assert_eq!(plan.unattempted, untried);
    assert!(plan.report.to_string().ends_with("10 more pod(s): not tried, time was up\n"));
    assert_eq!(whole.unattempted, vec![]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    // behaviour 02#134, behaviour 02#254
    #[test]
    fn every_pod_of_a_search_that_is_stopped_is_in_exactly_one_place(
        input in clusters(),
        n_attempts in 0..12_usize,
    ) {
        let plan = after(&input, n_attempts);
        prop_assert_eq!(audit(&input, &plan), vec![]);
        let claimed = plan.claims.iter().flat_map(|claim| claim.pods.clone());
        let placed = plan.placements.iter().flat_map(|placement| placement.pods.clone());
        let n_placed = claimed.chain(placed).count();
        prop_assert!(n_placed <= n_attempts);
        let n_pods = input.pods.len() + input.virtual_pods.len();
        prop_assert_eq!(n_placed + plan.unschedulable.len() + plan.unattempted.len(), n_pods);
        prop_assert_eq!(plan.report.n_unattempted, plan.unattempted.len());
    }

    // behaviour 02#134
    #[test]
    fn a_search_with_time_enough_is_the_same_as_one_without_end(input in clusters()) {
        prop_assert_eq!(solve_until(&input, Some(&|| false)), solve(&input));
    }
}
