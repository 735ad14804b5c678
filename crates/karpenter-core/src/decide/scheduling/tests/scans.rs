//! In which order bins are asked, how often, and when the loop ends.

use std::sync::Arc;

use super::bins::{machine, place, plan};
use crate::decide::scheduling::solve::Solver;
use crate::model::pod::Pod;
use crate::testing::instance_types::catalog;
use crate::testing::node_pools::node_pool;
use crate::testing::pod_topology::near;
use crate::testing::pods::pod;
use crate::testing::scenario::cluster;

// behaviour 02#133
#[test]
fn loop_goes_on_as_long_as_each_round_places_somebody() {
    // The largest is tried first and follows the next smaller one, so every round places one pod only.
    let follower = |n: usize| {
        let (own, other) = (format!("g{n}"), format!("g{}", n - 1));
        let zone = near("topology.kubernetes.io/zone", &[("group", &other)]);
        pod(&format!("p{n}")).cpu(&format!("{n}00m")).label("group", &own).near(zone)
    };
    let leader = pod("p0").cpu("50m").label("group", "g0").zone("z2");
    let input = cluster()
        .with_pool(node_pool("p"), catalog([machine("t", "16").build()]))
        .with_pods((1..8).map(follower).chain([leader]));
    let plan = plan(&input);
    assert_eq!(plan.unschedulable, vec![]);
    let order: Vec<&str> = plan.claims[0].pods.iter().map(|key| &*key.name).collect();
    assert_eq!(order, ["p0", "p1", "p2", "p3", "p4", "p5", "p6", "p7"]);
}

// behaviour 02#149
#[test]
fn claims_with_equal_counts_keep_their_order_however_many_there_are() {
    let four = catalog([machine("s4", "4").build()]);
    let opener = |n: usize| pod(&format!("a{n:02}")).cpu("3").host_port(1);
    let small = |n: usize| pod(&format!("b{n:02}")).cpu("100m").host_port(2);
    let input = cluster()
        .with_pool(node_pool("p"), four)
        .with_pods((0..20).map(opener).chain((0..20).map(small)));
    let plan = plan(&input);
    for n in 0..20 {
        assert_eq!(place(&plan, &format!("b{n:02}")), format!("new {n}"));
    }
    assert_eq!(plan, super::bins::plan(&input));
}

// behaviour 02#266
#[test]
fn bins_behind_the_first_that_takes_a_pod_are_not_asked() {
    let four = catalog([machine("s4", "4").build()]);
    let input = cluster().with_pool(node_pool("p"), four).with_pods([
        pod("open-0").cpu("3").host_port(1),
        pod("open-1").cpu("3").host_port(1),
        pod("fits-0").cpu("200m"),
        pod("fits-1").cpu("200m"),
        pod("barred-0").cpu("100m").host_port(1),
        pod("barred-1").cpu("100m").host_port(1),
    ]);
    let pods: Vec<Arc<Pod>> = input.all_pods();
    let mut solver = Solver::of(&input, &pods).expect("a pool is ready");
    assert!(solver.place(0) && solver.place(1));
    let is_closed = |solver: &Solver<'_>, pod: usize, claim: usize| {
        let class = *solver.classes.of_pod[pod].as_ref().expect("it is planned for");
        solver.classes.all[class].memory[0].is_closed(claim, solver.claims[claim].set)
    };
    // A claim that refuses is remembered as closed; every one of them is asked before a new one is made.
    assert!(solver.place(4));
    assert_eq!((is_closed(&solver, 5, 0), is_closed(&solver, 5, 1)), (true, true));
    assert_eq!(solver.claims.len(), 3);
    // The first claim in order takes this pod: no other is asked, so none is remembered.
    let gained: Vec<usize> = solver.claims.iter().map(|claim| claim.pods.len()).collect();
    assert!(solver.place(2));
    let took = solver.claims.iter().zip(gained).position(|(claim, n)| claim.pods.len() > n);
    let first = took.expect("an open claim takes it");
    assert!((0..3).filter(|at| *at != first).all(|at| !is_closed(&solver, 3, at)));
}
