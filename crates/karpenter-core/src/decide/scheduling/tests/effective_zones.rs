//! Which zone pods are bound to get, counted before anything is placed.

use super::bins::{machine, plan};
use crate::decide::scheduling::input::SchedulingInput;
use crate::model::pod_topology::SpreadConstraint;
use crate::testing::instance_types::catalog;
use crate::testing::node_pools::node_pool;
use crate::testing::nodes::state_node;
use crate::testing::pod_topology::{near, spread};
use crate::testing::pods::{PodBuilder, expression, pod};
use crate::testing::scenario::cluster;

const ZONE: &str = "topology.kubernetes.io/zone";

/// A cluster of three zones with one node in each and, per zone, pods labelled `app: a` that run there.
fn running(counts: [usize; 3]) -> SchedulingInput {
    let input = cluster().with_pool(node_pool("p"), catalog([machine("t", "64").build()]));
    counts.into_iter().enumerate().fold(input, |input, (zone, n_pods)| {
        let zone = format!("z{}", zone + 1);
        let node = state_node(&zone).label(ZONE, &zone).capacity("cpu", "64").managed("p");
        input.with_node((0..n_pods).fold(node, |node, n| {
            let bound = own(&format!("{zone}-{n}")).label("in", &zone).bound_to(&zone);
            node.bind(bound.build())
        }))
    })
}

fn own(name: &str) -> PodBuilder {
    pod(name).cpu("1").label("app", "a")
}

fn even() -> SpreadConstraint {
    spread(ZONE, 1, &[("app", "a")])
}

/// `zone=number` for every zone that pending pods are bound to get.
fn zones(input: SchedulingInput, pods: impl IntoIterator<Item = PodBuilder>) -> String {
    let report = plan(&input.with_pods(pods)).report;
    let entries = report.pending_by_zone.iter().map(|(zone, n)| format!("{zone}={n}"));
    entries.collect::<Vec<_>>().join(" ")
}

// behaviour 02#233
#[test]
fn pods_without_a_required_zone_are_flexible_and_a_selected_zone_is_theirs() {
    assert_eq!(zones(running([0, 0, 0]), [own("a"), own("b")]), "flexible=2");
    assert_eq!(zones(running([0, 0, 0]), [own("a").zone("z2")]), "z2=1");
    let rather = own("a").prefer(1, [expression(ZONE, "In", ["z1"])]);
    assert_eq!(zones(running([0, 0, 0]), [rather]), "flexible=1");
    let two = own("a").require([expression(ZONE, "In", ["z1", "z3"])]);
    assert_eq!(zones(running([0, 0, 0]), [two]), "flexible=1");
}

// behaviour 02#233
#[test]
fn affinity_and_anti_affinity_leave_the_zones_with_and_without_their_pods() {
    let others = || near(ZONE, &[("app", "a")]);
    assert_eq!(zones(running([1, 0, 0]), [own("x").near(others())]), "z1=1");
    assert_eq!(zones(running([1, 1, 0]), [own("x").apart(others())]), "z3=1");
    assert_eq!(zones(running([1, 1, 1]), [own("x").apart(others())]), "none=1");
}

// behaviour 02#233
#[test]
fn spread_leaves_the_zones_within_its_skew() {
    assert_eq!(zones(running([1, 1, 0]), [own("x").spread(even())]), "z3=1");
    assert_eq!(zones(running([1, 1, 1]), [own("x").spread(even())]), "flexible=1");
    let four = SpreadConstraint { min_domains: Some(4), ..even() };
    assert_eq!(zones(running([2, 2, 2]), [own("x").spread(four)]), "none=1");
    assert_eq!(zones(running([1, 1, 0]), [own("x").spread(even()).zone("z1")]), "z1=1");
}

// behaviour 02#285
#[test]
fn groups_that_agree_on_no_zone_leave_none() {
    let spread = || own("x").spread(even());
    assert_eq!(zones(running([1, 0, 1]), [spread()]), "z2=1");
    let torn = spread().near(near(ZONE, &[("in", "z1")]));
    assert_eq!(zones(running([1, 0, 1]), [torn]), "none=1");
}

#[test]
fn only_pods_of_phase_pending_that_are_planned_for_count() {
    let running_elsewhere = own("x").phase(crate::model::pod::PodPhase::Running);
    let invalid = own("y").select("kubernetes.io/hostname", "n");
    assert_eq!(zones(running([0, 0, 0]), [running_elsewhere, invalid]), "");
}
