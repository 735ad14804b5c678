//! In which order bins are asked, how often, and when the loop ends.

use std::sync::Arc;

use proptest::prelude::*;

use super::bins::{machine, place, plan};
use super::random_clusters::clusters;
use super::reference::RESERVATION;
use crate::decide::scheduling::input::SchedulingInput;
use crate::decide::scheduling::solve::Solver;
use crate::decide::scheduling::world::{Meeting, Reading};
use crate::model::pod::Pod;
use crate::testing::instance_types::catalog;
use crate::testing::node_pools::node_pool;
use crate::testing::nodes::state_node;
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
        let class = class_of(solver, pod);
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

/// The class of a pod that is planned for.
fn class_of(solver: &Solver<'_>, pod: usize) -> usize {
    *solver.classes.of_pod[pod].as_ref().expect("it is planned for")
}

// behaviour 02#266
#[test]
fn nodes_behind_the_first_that_takes_a_pod_are_not_asked() {
    let node = |name: &str| state_node(name).capacity("cpu", "1").managed("p");
    let occupied = pod("old").host_port(1).build();
    let four = catalog([machine("s4", "4").build()]);
    let input = cluster()
        .with_pool(node_pool("p"), four)
        .with_node(node("n1"))
        .with_node(node("n2").bind(occupied))
        .with_pods(["a", "b", "c"].map(|name| pod(name).cpu("1").host_port(1)));
    let pods: Vec<Arc<Pod>> = input.all_pods();
    let mut solver = Solver::of(&input, &pods).expect("a pool is ready");
    // A node that refuses for good is not open to the class any more.
    let open_from = |solver: &Solver<'_>, at: usize| {
        let memory = &solver.classes.all[class_of(solver, 0)].memory[0];
        memory.nodes.as_ref().expect("nodes were asked").next(at)
    };
    assert!(solver.place(0));
    assert_eq!(solver.nodes.all[0].pods, [0]);
    assert_eq!(open_from(&solver, 1), Some(1), "the port is taken there, but nobody has looked");
    assert!(solver.place(1));
    assert_eq!((open_from(&solver, 0), solver.claims.len()), (None, 1));
}

// behaviour 02#266
#[test]
fn pools_behind_the_first_that_takes_a_pod_are_not_asked() {
    let plain = catalog([machine("s4", "4").build()]);
    let taken = machine("r4", "4").in_reservation("z1", (RESERVATION, "r"), 0).in_reservation(
        "z2",
        (RESERVATION, "r"),
        1,
    );
    let input = cluster()
        .with_reservation_id(RESERVATION)
        .with_pool(node_pool("heavy").weight(10).limit("nodes", "1"), plain)
        .with_pool(node_pool("light"), catalog([taken.build()]))
        .with_pods(["a", "b"].map(|name| pod(name).cpu("4").host_port(1)));
    let pods: Vec<Arc<Pod>> = input.all_pods();
    let mut solver = Solver::of(&input, &pods).expect("a pool is ready");
    // The lighter pool, asked, defers the pod: nothing is left of its reservation.
    let is_deferred =
        |solver: &Solver<'_>| solver.classes.all[class_of(solver, 0)].deferred.is_some();
    assert!(solver.place(0) && !is_deferred(&solver));
    assert!(!solver.place(1) && is_deferred(&solver), "the heavier pool may have one node");
}

/// A bin that is there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Taker {
    Node(usize),
    Claim(usize),
}

/// The first of all bins, each of them asked, that takes the pod at `level`.
fn first_taker(solver: &mut Solver<'_>, class: usize, level: usize) -> Option<Taker> {
    let Solver { nodes, claims, classes, world, indexes, templates, reservations, order, .. } =
        solver;
    let class = &classes.all[class];
    let shape = &classes.shapes[class.shape];
    let (at_level, ask) = (&shape.levels[level], class.ask(shape, level));
    if at_level.is_impossible {
        return None;
    }
    let open = nodes.open_to(class, at_level);
    let mut takers: Vec<Taker> = vec![];
    for (at, node) in nodes.all.iter().enumerate() {
        let meets = matches!(world.meet(node.set, ask.set, Reading::Node), Meeting::Joined(_));
        if open[node.taints] && node.has_room(ask) && meets {
            takers.push(Taker::Node(at));
        }
    }
    for at in order.iter() {
        let claim = &claims[at];
        let template = &templates[claim.template];
        let tables = (&mut indexes[template.index], &mut *world, &mut *reservations);
        if at_level.tolerates(&template.supply.pool.template.taints)
            && claim.try_add(ask, template, tables).is_ok()
        {
            takers.push(Taker::Claim(at));
        }
    }
    takers.first().copied()
}

/// Places every pod, and compares its place with that among all bins.
fn check(input: &SchedulingInput) -> Result<(), TestCaseError> {
    let pods: Vec<Arc<Pod>> = input.all_pods();
    let Ok(mut solver) = Solver::of(input, &pods) else { return Ok(()) };
    for pod in 0..pods.len() {
        let Some(class) = solver.classes.of_pod[pod].as_ref().ok().copied() else { continue };
        let n_levels = solver.classes.shapes[solver.classes.all[class].shape].levels.len();
        let takers: Vec<Option<Taker>> =
            (0..n_levels).map(|level| first_taker(&mut solver, class, level)).collect();
        let n_claims = solver.claims.len();
        let is_placed = solver.place(pod);
        let on_node = solver.nodes.all.iter().position(|node| node.pods.contains(&pod));
        let in_claim = solver.claims.iter().position(|claim| claim.pods.contains(&pod));
        let there = on_node.map(Taker::Node).or(in_claim.map(Taker::Claim));
        let there = there.filter(|_| solver.claims.len() == n_claims);
        match solver.placed_at[pod] {
            Some(level) => {
                prop_assert_eq!(takers[..level].iter().flatten().next(), None);
                prop_assert_eq!(takers[level], there);
            }
            None if solver.classes.all[class].deferred.is_none() => {
                prop_assert_eq!(takers.iter().flatten().next(), None);
            }
            None => prop_assert!(!is_placed),
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    // behaviour 02#266
    #[test]
    fn a_pod_goes_where_it_goes_when_every_bin_is_asked(input in clusters()) {
        check(&input)?;
    }
}
