//! Topology spread: where pods go so that counts stay even.

use std::collections::BTreeMap;

use super::bins::{machine, place, plan, without_cores};
use crate::api::labels;
use crate::decide::scheduling::input::SchedulingInput;
use crate::decide::scheduling::plan::SchedulingPlan;
use crate::decide::scheduling::solve::Solver;
use crate::model::instance_type::Catalog;
use crate::model::label_selector::LabelSelector;
use crate::model::pod::PodPhase;
use crate::model::pod_topology::{NodeInclusion, SpreadConstraint};
use crate::testing::instance_types::{catalog, instance_type};
use crate::testing::node_pools::node_pool;
use crate::testing::nodes::{StateNodeBuilder, state_node};
use crate::testing::pod_topology::{selector_in, soft_spread, spread};
use crate::testing::pods::{PodBuilder, expression, pod};
use crate::testing::scenario::cluster;

const ZONE: &str = labels::ZONE;
const HOST: &str = labels::HOSTNAME;
const APP: [(&str, &str); 1] = [("app", "x")];

/// Types of four processors, in three zones, on demand.
pub(super) fn fours() -> Catalog {
    catalog([machine("s4", "4").build()])
}

/// `n` pods of app x, 1.1 processors each, called `<prefix>0` and so on.
pub(super) fn apps(prefix: &str, n: usize) -> Vec<PodBuilder> {
    (0..n).map(|at| pod(&format!("{prefix}{at}")).label("app", "x").cpu("1100m")).collect()
}

fn spreading(n: usize, constraint: &SpreadConstraint) -> Vec<PodBuilder> {
    apps("p", n).into_iter().map(|pod| pod.spread(constraint.clone())).collect()
}

/// A full node in `zone` on which `n` pods of app x run.
pub(super) fn full(name: &str, zone: &str, n: usize) -> StateNodeBuilder {
    let node = state_node(name).label(ZONE, zone);
    (0..n).fold(node, |node, at| {
        node.bind(pod(&format!("{name}-{at}")).label("app", "x").bound_to(name).build())
    })
}

/// Pods of new claims by the only value they have for `key`.
pub(super) fn by(plan: &SchedulingPlan, key: &str) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for claim in &plan.claims {
        let values = claim.requirements.get(key).map(|r| r.values().join(",")).unwrap_or_default();
        *counts.entry(values).or_default() += claim.pods.len();
    }
    counts
}

fn counts<const N: usize>(expected: [(&str, usize); N]) -> BTreeMap<String, usize> {
    expected.into_iter().map(|(domain, n)| (domain.to_owned(), n)).collect()
}

fn zonal(pods: Vec<PodBuilder>) -> SchedulingInput {
    cluster().with_pool(node_pool("p"), fours()).with_pods(pods)
}

fn in_zones(zones: &[&str]) -> crate::testing::node_pools::NodePoolBuilder {
    node_pool("p").require(ZONE, "In", zones.iter().copied())
}

fn sizes(plan: &SchedulingPlan) -> Vec<usize> {
    let mut sizes: Vec<usize> = plan.claims.iter().map(|claim| claim.pods.len()).collect();
    sizes.sort_unstable();
    sizes
}

// behaviour 02#167
#[test]
fn pods_lie_evenly_and_the_first_name_wins_a_tie() {
    let plan = plan(&zonal(spreading(4, &spread(ZONE, 1, &APP))));
    assert_eq!(by(&plan, ZONE), counts([("z1", 2), ("z2", 1), ("z3", 1)]));
    assert_eq!(place(&plan, "p0"), "new 0");
    assert_eq!(plan.claims[0].requirements.get(ZONE).unwrap().values(), ["z1".into()]);
}

// behaviour 02#168
#[test]
fn zone_of_a_node_that_no_pool_offers_holds_the_others_down() {
    let pods = spreading(6, &spread(ZONE, 1, &APP));
    let input = cluster().with_pool(in_zones(&["z1", "z2"]), fours()).with_pods(pods);
    let plan = plan(&input.with_node(full("n", "z3", 1)));
    assert_eq!(by(&plan, ZONE), counts([("z1", 2), ("z2", 2)]));
    assert_eq!(plan.unschedulable.len(), 2);
    let why = plan.unschedulable[0].1.to_string();
    assert!(
        why.starts_with(
            "unsatisfiable topology constraint for topology spread, key=topology.kubernetes.io/zone \
             (counts = z1: 2, z2: 2, z3: 1, podDomains = topology.kubernetes.io/zone Exists, \
             nodeDomains = topology.kubernetes.io/zone In [z1 z2]"
        ),
        "{why}"
    );
}

// behaviour 02#169
#[test]
fn skew_of_five_lets_one_zone_grow_by_five() {
    let pods = spreading(10, &spread(ZONE, 5, &APP));
    let input = cluster().with_pool(in_zones(&["z3"]), fours()).with_pods(pods);
    let plan = plan(&input.with_node(full("a", "z1", 1)).with_node(full("b", "z2", 1)));
    assert_eq!(by(&plan, ZONE), counts([("z3", 6)]));
}

// behaviour 02#170
#[test]
fn empty_zones_are_filled_first() {
    let pods = spreading(3, &spread(ZONE, 1, &APP));
    let plan = plan(&zonal(pods).with_node(full("n", "z1", 3)));
    assert_eq!(by(&plan, ZONE), counts([("z2", 2), ("z3", 1)]));
}

// behaviour 02#171
#[test]
fn only_active_pods_of_the_namespace_that_match_are_counted() {
    let other = |name: &str| pod(name).label("app", "x").bound_to("b");
    let busy = full("b", "z2", 1)
        .bind(pod("unlike").label("app", "y").bound_to("b").build())
        .bind(other("elsewhere").namespace("other").build())
        .bind(other("ended").phase(PodPhase::Succeeded).build())
        .bind(other("ending").terminating().build());
    let pods = spreading(2, &spread(ZONE, 1, &APP));
    let input = zonal(pods).with_node(full("a", "z1", 2)).with_node(busy);
    // Two, one and none; the claim opened in z3 takes the second pod too.
    assert_eq!(by(&plan(&input), ZONE), counts([("z3", 2)]));
}

// behaviour 02#172
#[test]
fn constraint_that_selects_nobody_or_not_the_pod_itself_keeps_pods_together() {
    let nobody = SpreadConstraint { selector: None, ..spread(ZONE, 1, &APP) };
    for constraint in [nobody, spread(ZONE, 1, &[("app", "other")])] {
        let plan = plan(&zonal(spreading(3, &constraint)).with_node(full("n", "z1", 5)));
        assert_eq!(sizes(&plan), [3], "{constraint:?}");
        assert!(by(&plan, ZONE).len() == 1);
    }
}

// behaviour 02#173
#[test]
fn invalid_selector_selects_nobody() {
    let constraint =
        SpreadConstraint { selector: Some(selector_in("app", &[])), ..spread(ZONE, 1, &APP) };
    assert_eq!(sizes(&plan(&zonal(spreading(3, &constraint)))), [3]);
}

// behaviour 02#174
#[test]
fn label_that_nobody_has_is_no_topology() {
    let plan = plan(&zonal(spreading(1, &spread("rack", 1, &APP))));
    assert_eq!(
        without_cores(plan.unschedulable[0].1.clone()).to_string(),
        "unsatisfiable topology constraint for topology spread, key=rack (counts = , \
         podDomains = rack Exists, nodeDomains = rack Exists (NodePool=p)"
    );
}

// behaviour 02#175
#[test]
fn too_few_domains_make_the_emptiest_count_as_empty() {
    let at_least = |n| SpreadConstraint { min_domains: Some(n), ..spread(ZONE, 1, &APP) };
    let two = cluster().with_pool(in_zones(&["z1", "z2"]), fours());
    let short = plan(&two.with_pods(spreading(3, &at_least(3))));
    assert_eq!(by(&short, ZONE), counts([("z1", 1), ("z2", 1)]));
    for n in [2, 3] {
        let enough = plan(&zonal(spreading(11, &at_least(n))));
        assert_eq!(by(&enough, ZONE), counts([("z1", 4), ("z2", 4), ("z3", 3)]));
    }
}

// behaviour 02#176
#[test]
fn host_names_spread_over_new_nodes() {
    let small = |constraint: SpreadConstraint| {
        spreading(4, &constraint).into_iter().map(|pod| pod.cpu("100m")).collect::<Vec<_>>()
    };
    assert_eq!(sizes(&plan(&zonal(small(spread(HOST, 1, &APP))))), [1, 1, 1, 1]);
    assert_eq!(sizes(&plan(&zonal(small(spread(HOST, 4, &APP))))), [4]);
    let two_apps = ["x", "y"].iter().flat_map(|app| {
        let one = spread(HOST, 1, &[("app", app)]);
        let named = |at: usize| pod(&format!("{app}{at}")).label("app", app).spread(one.clone());
        (0..2).map(named).collect::<Vec<_>>()
    });
    assert_eq!(sizes(&plan(&zonal(two_apps.collect()))), [2, 2]);
}

// behaviour 02#177
#[test]
fn zone_and_host_name_are_kept_even_together() {
    for (n, expected) in [
        (2, counts([("z1", 1), ("z2", 1)])),
        (5, counts([("z1", 2), ("z2", 2), ("z3", 1)])),
        (11, counts([("z1", 4), ("z2", 4), ("z3", 3)])),
        (21, counts([("z1", 7), ("z2", 7), ("z3", 7)])),
    ] {
        let both = spreading(n, &spread(ZONE, 1, &APP)).into_iter();
        let both = both.map(|pod| pod.cpu("10m").spread(spread(HOST, 3, &APP))).collect();
        let plan = plan(&zonal(both));
        assert_eq!(by(&plan, ZONE), expected);
        assert!(sizes(&plan).into_iter().all(|n| n <= 3));
    }
}

/// Types of four processors with both capacity types in every zone.
fn both_kinds() -> Catalog {
    let it = ["z1", "z2", "z3"].iter().fold(instance_type("s4").cpu("4"), |it, zone| {
        it.offering(zone, "spot", 1.0).offering(zone, "on-demand", 2.0)
    });
    catalog([it.build()])
}

// behaviour 02#178
#[test]
fn capacity_types_are_a_topology() {
    let constraint = spread(labels::CAPACITY_TYPE, 1, &APP);
    let free = cluster().with_pool(node_pool("p"), both_kinds());
    let even = plan(&free.with_pods(spreading(4, &constraint)));
    assert_eq!(by(&even, labels::CAPACITY_TYPE), counts([("on-demand", 2), ("spot", 2)]));
    let bound = || {
        let pool = node_pool("p").require(labels::CAPACITY_TYPE, "In", ["on-demand"]);
        let spot = full("n", "z1", 1).label(labels::CAPACITY_TYPE, "spot");
        cluster().with_pool(pool, both_kinds()).with_node(spot)
    };
    let hard = plan(&bound().with_pods(spreading(5, &constraint)));
    assert_eq!(by(&hard, labels::CAPACITY_TYPE), counts([("on-demand", 2)]));
    let soft = soft_spread(labels::CAPACITY_TYPE, 1, &APP);
    let soft = plan(&bound().with_pods(spreading(5, &soft)));
    assert_eq!(by(&soft, labels::CAPACITY_TYPE), counts([("on-demand", 5)]));
}

// behaviour 02#179
#[test]
fn selected_zones_bound_the_minimum() {
    let constraint = spread(ZONE, 1, &APP);
    let pinned = |zone: &str, n| {
        let pods = apps(zone, n).into_iter();
        pods.map(|pod| pod.zone(zone).spread(constraint.clone())).collect::<Vec<_>>()
    };
    let plan = plan(&zonal(pinned("z1", 5)).with_pods(pinned("z2", 10)));
    assert_eq!(by(&plan, ZONE), counts([("z1", 5), ("z2", 10)]));
}

// behaviour 02#180
#[test]
fn minimum_is_taken_over_the_zones_the_pod_allows() {
    let constraint = spread(ZONE, 1, &APP);
    let limited = apps("limited", 1).remove(0).cpu("2").spread(constraint.clone());
    let limited = limited.require([expression(ZONE, "In", ["z2", "z3"])]);
    let mut pods = spreading(5, &constraint);
    pods.push(limited);
    let input = zonal(pods).with_node(full("a", "z1", 3)).with_node(full("b", "z2", 3));
    let plan = plan(&input);
    let zone_of_limited = &plan.claims[0];
    assert_eq!(zone_of_limited.pods[0].name.as_ref(), "limited0");
    assert_eq!(zone_of_limited.requirements.get(ZONE).unwrap().values(), ["z3".into()]);
    assert_eq!(by(&plan, ZONE), counts([("z1", 1), ("z2", 1), ("z3", 4)]));
}

// behaviour 02#181
#[test]
fn preferred_zone_does_not_limit_a_spread() {
    let pods = spreading(6, &spread(ZONE, 1, &APP)).into_iter();
    let pods = pods.map(|pod| pod.prefer(1, [expression(ZONE, "In", ["z1"])])).collect();
    let plan = plan(&zonal(pods));
    assert_eq!(by(&plan, ZONE), counts([("z1", 2), ("z2", 2), ("z3", 2)]));
}

// behaviour 02#182
#[test]
fn nodes_the_affinity_excludes_do_not_count() {
    let pods = spreading(5, &spread(labels::CAPACITY_TYPE, 1, &APP)).into_iter();
    let pods = pods.map(|pod| {
        pod.require([
            expression(ZONE, "In", ["z2"]),
            expression(labels::CAPACITY_TYPE, "In", ["spot"]),
        ])
    });
    let running = full("n", "z1", 1).label(labels::CAPACITY_TYPE, "on-demand");
    let input = cluster().with_pool(node_pool("p"), both_kinds()).with_pods(pods);
    let plan = plan(&input.with_node(running));
    assert_eq!(by(&plan, labels::CAPACITY_TYPE), counts([("spot", 5)]));
}

// behaviour 02#183
// behaviour 02#184
#[test]
fn nodes_the_pod_could_not_use_count_only_when_they_are_to() {
    let domains = |policies: (NodeInclusion, NodeInclusion), node: &StateNodeBuilder| {
        let constraint = SpreadConstraint {
            node_affinity_policy: policies.0,
            node_taints_policy: policies.1,
            ..spread("place", 1, &APP)
        };
        let pods = spreading(5, &constraint).into_iter().map(|pod| pod.select("mine", "yes"));
        let pool = node_pool("p").label("place", "baz").label("mine", "yes");
        let mut input = cluster().with_pool(pool, fours()).with_pods(pods);
        for (name, place) in [("a", "foo"), ("b", "bar")] {
            let named = node.clone().label("place", place).label("name", name);
            input = input.with_node(named);
        }
        5 - plan(&input).unschedulable.len()
    };
    let (honor, ignore) = (NodeInclusion::Honor, NodeInclusion::Ignore);
    let unlike = state_node("unlike");
    assert_eq!(domains((ignore, ignore), &unlike), 1);
    assert_eq!(domains((honor, ignore), &unlike), 5);
    let tainted = state_node("tainted").label("mine", "yes").taint("no", "one", "NoSchedule");
    assert_eq!(domains((honor, ignore), &tainted), 1);
    assert_eq!(domains((honor, honor), &tainted), 5);
}

// behaviour 02#185
#[test]
fn pools_with_other_taints_are_other_domains() {
    let pool = |name: &str, places: [&str; 2]| {
        node_pool(name).taint("for", name, "NoSchedule").require("place", "In", places)
    };
    let constraint =
        SpreadConstraint { node_taints_policy: NodeInclusion::Honor, ..spread("place", 1, &APP) };
    let of = |name: &str, n: usize| {
        let pods = apps(name, n).into_iter();
        let tolerating = |pod: PodBuilder| pod.tolerate("for", "Equal", name, "");
        pods.map(|pod| tolerating(pod).spread(constraint.clone())).collect::<Vec<_>>()
    };
    let input = cluster()
        .with_pool(pool("a", ["foo", "bar"]), fours())
        .with_pool(pool("b", ["foo", "baz"]), fours())
        .with_pods(of("a", 2))
        .with_pods(of("b", 4));
    let plan = plan(&input);
    assert_eq!(by(&plan, "place"), counts([("bar", 1), ("baz", 2), ("foo", 3)]));
}

// behaviour 02#186
// behaviour 02#265
#[test]
fn pods_are_matched_by_their_own_value_of_a_label() {
    let constraint = |key: &str| SpreadConstraint {
        match_label_keys: vec![key.into()],
        ..spread(HOST, 1, &APP)
    };
    let pods = |key: &str| {
        let one = |at: usize| {
            let revision = ["old", "new"][at % 2];
            let pod = pod(&format!("p{at}")).label("app", "x").label("revision", revision);
            pod.prefer(1, [expression("no", "In", ["where"])]).spread(constraint(key))
        };
        (0..4).map(one).collect::<Vec<_>>()
    };
    assert_eq!(sizes(&plan(&zonal(pods("revision")))), [2, 2]);
    assert_eq!(sizes(&plan(&zonal(pods("absent")))), [1, 1, 1, 1]);
}

// behaviour 02#187
#[test]
fn each_pod_has_its_own_number_of_domains() {
    let at_least = |n| SpreadConstraint { min_domains: n, ..spread(ZONE, 1, &APP) };
    let pool = cluster().with_pool(in_zones(&["z1", "z2"]), fours());
    let pods = |first, second| {
        let [a, b, c] = [("a", first), ("b", first), ("c", second)];
        [a, b, c].map(|(name, n)| pod(name).label("app", "x").spread(at_least(n)))
    };
    let strict_last = plan(&pool.clone().with_pods(pods(None, Some(3))));
    assert_eq!(strict_last.unschedulable.len(), 1);
    let free_last = plan(&pool.with_pods(pods(Some(3), None)));
    assert_eq!(free_last.unschedulable.len(), 0);
}

// behaviour 02#188
#[test]
fn excluded_values_are_no_domains() {
    let open = node_pool("open").require("team", "NotIn", ["x"]);
    let listed = node_pool("listed").weight(10).require("team", "In", ["a", "b"]);
    let input = cluster().with_pool(open, fours()).with_pool(listed, fours());
    let plan = plan(&input.with_pods(spreading(4, &spread("team", 1, &APP))));
    assert_eq!(by(&plan, "team"), counts([("a", 2), ("b", 2)]));
}

// behaviour 02#189
#[test]
fn three_constraints_hold_for_every_number_of_pods() {
    let kinds = ["spot", "on-demand"];
    let types = ["z1", "z2", "z3"].into_iter().flat_map(|zone| {
        kinds.map(|kind| {
            let it = instance_type(&format!("{zone}-{kind}")).cpu("8");
            it.offering(zone, kind, 1.0).build()
        })
    });
    let types = catalog(types);
    for n in 1..15 {
        let pods = spreading(n, &spread(labels::CAPACITY_TYPE, 1, &APP)).into_iter();
        let pods = pods
            .map(|pod| pod.cpu("10m").spread(spread(ZONE, 2, &APP)).spread(spread(HOST, 3, &APP)));
        let plan = plan(&cluster().with_pool(node_pool("p"), types.clone()).with_pods(pods));
        assert_eq!(plan.unschedulable, vec![], "{n}");
        let is_even = |key: &str, n_domains: usize, skew: usize| {
            let found = by(&plan, key);
            let least = if found.len() < n_domains { 0 } else { *found.values().min().unwrap() };
            found.values().all(|count| count - least <= skew)
        };
        assert!(is_even(labels::CAPACITY_TYPE, 2, 1) && is_even(ZONE, 3, 2), "{n}");
        assert!(sizes(&plan).into_iter().all(|n| n <= 3));
    }
}

// behaviour 02#190
#[test]
fn label_of_pools_makes_a_ratio_of_capacity_types() {
    let pool = |name: &str, kind: &str, values: &[&str]| {
        let pool = node_pool(name).require(labels::CAPACITY_TYPE, "In", [kind]);
        pool.require("share", "In", values.iter().copied())
    };
    let input = cluster()
        .with_pool(pool("spot", "spot", &["2", "3", "4", "5"]), both_kinds())
        .with_pool(pool("on-demand", "on-demand", &["1"]), both_kinds())
        .with_pods(spreading(20, &spread("share", 1, &APP)));
    let plan = plan(&input);
    let four = ["1", "2", "3", "4", "5"].map(|share| (share, 4));
    assert_eq!(by(&plan, "share"), counts(four));
    assert_eq!(by(&plan, labels::CAPACITY_TYPE), counts([("on-demand", 4), ("spot", 16)]));
}

// behaviour 02#191
#[test]
fn pods_that_move_are_not_counted_where_they_were() {
    let constraint = spread(ZONE, 1, &APP);
    let staying = pod("stays").label("app", "x").do_not_disrupt().bound_to("n").build();
    let moving = pod("moves").label("app", "x").spread(constraint.clone()).bound_to("n").build();
    let node = full("n", "z1", 0).bind(staying).bind(moving.clone());
    let mut input = zonal(spreading(1, &constraint)).with_leaving(node);
    input.reschedule = vec![moving];
    // One pod stays in z1, so both go elsewhere.
    assert_eq!(by(&plan(&input), ZONE), counts([("z2", 1), ("z3", 1)]));
}

// behaviour 02#260
// behaviour 02#261
#[test]
fn pods_with_other_node_requirements_are_another_group() {
    let constraint = spread(ZONE, 1, &APP);
    for is_selector in [true, false] {
        let of = |team: &str| {
            let pods = apps(team, 3).into_iter();
            let asking = |pod: PodBuilder| match (is_selector, team) {
                (true, team) => pod.select("team", team),
                (false, "a") => pod.require([expression("team", "In", ["a"])]),
                (false, _) => pod.require([expression("team", "NotIn", ["a"])]),
            };
            pods.map(|pod| asking(pod).spread(constraint.clone())).collect::<Vec<_>>()
        };
        let mut input = cluster();
        for team in ["a", "b"] {
            input = input.with_pool(node_pool(team).label("team", team), fours());
        }
        let plan = plan(&input.with_pods(of("a")).with_pods(of("b")));
        for team in ["a", "b"] {
            let zones = plan.claims.iter().filter(|claim| claim.pool.as_str() == team);
            let mut zones: Vec<_> =
                zones.map(|claim| claim.requirements.get(ZONE).unwrap().to_string()).collect();
            zones.sort();
            zones.dedup();
            assert_eq!(zones.len(), 3, "{team}");
        }
    }
}

/// Types of four processors whose offerings in z1 are sold out.
fn without_z1() -> Catalog {
    let it = instance_type("s4").cpu("4").sold_out("z1", "on-demand", 1.0);
    catalog([it.offering("z2", "on-demand", 1.0).offering("z3", "on-demand", 1.0).build()])
}

// behaviour 02#272
#[test]
fn tied_zones_are_tried_until_one_can_be_had() {
    let input = cluster().with_pool(node_pool("p"), without_z1());
    let plan = plan(&input.with_pods(spreading(1, &spread(ZONE, 1, &APP))));
    assert_eq!(by(&plan, ZONE), counts([("z2", 1)]));
}

// behaviour 02#273
#[test]
fn fuller_zone_within_the_skew_will_do_when_the_emptiest_is_sold_out() {
    let planned = |skew| {
        let pods = spreading(1, &spread(ZONE, skew, &APP));
        let input = cluster().with_pool(node_pool("p"), without_z1()).with_pods(pods);
        plan(&input.with_node(full("b", "z2", 1)).with_node(full("c", "z3", 1)))
    };
    assert_eq!(by(&planned(2), ZONE), counts([("z2", 1)]));
    let refused = planned(1);
    let why = refused.unschedulable[0].1.to_string();
    assert!(
        why.starts_with("no instance type had enough resources or had a required offering"),
        "{why}"
    );
}

// behaviour 02#274
#[test]
fn combinations_are_tried_with_the_last_group_fastest() {
    let it = instance_type("s4").cpu("4").sold_out("z1", "on-demand", 1.0);
    let it = it.offering("z1", "spot", 1.0).offering("z2", "on-demand", 1.0);
    let pods = spreading(1, &spread(ZONE, 1, &APP)).into_iter();
    let pods = pods.map(|pod| pod.spread(spread(labels::CAPACITY_TYPE, 1, &APP)));
    let input = cluster().with_pool(node_pool("p"), catalog([it.build()])).with_pods(pods);
    let plan = plan(&input);
    assert_eq!(by(&plan, ZONE), counts([("z1", 1)]));
    assert_eq!(by(&plan, labels::CAPACITY_TYPE), counts([("spot", 1)]));
}

// behaviour 02#275
#[test]
fn open_claim_is_joined_in_the_zone_its_types_exist_in() {
    let it = instance_type("s4").cpu("4").sold_out("z1", "on-demand", 1.0);
    let it = it.offering("z2", "on-demand", 1.0).build();
    let mut pods = spreading(1, &spread(ZONE, 1, &APP));
    pods.push(pod("first").cpu("2"));
    let plan = plan(&cluster().with_pool(node_pool("p"), catalog([it])).with_pods(pods));
    assert_eq!(sizes(&plan), [2]);
    assert_eq!(by(&plan, ZONE), counts([("z2", 2)]));
}

// behaviour 02#279
#[test]
fn domains_are_those_of_types_the_pool_can_use_and_of_its_own_labels() {
    let amd = instance_type("amd").cpu("64").offering("z1", "on-demand", 1.0).build();
    let arm = instance_type("arm").cpu("64").label(labels::ARCH, ["arm64"]);
    let arm = arm.offering("z2", "on-demand", 1.0).build();
    let pool = node_pool("p").require(labels::ARCH, "In", ["amd64"]);
    let input = cluster().with_pool(pool, catalog([amd, arm]));
    let zone = plan(&input.with_pods(spreading(3, &spread(ZONE, 1, &APP))));
    assert_eq!(by(&zone, ZONE), counts([("z1", 3)]));
    let pools = cluster().with_pool(node_pool("p"), fours()).with_pool(node_pool("q"), fours());
    let pool = plan(&pools.with_pods(spreading(4, &spread(labels::NODEPOOL, 1, &APP))));
    assert_eq!(by(&pool, labels::NODEPOOL), counts([("p", 2), ("q", 2)]));
}

// behaviour 02#143
// behaviour 02#281
#[test]
fn group_of_a_later_rung_knows_the_pods_placed_before() {
    let first = apps("first", 3).into_iter();
    let first = first.map(|pod| pod.cpu("2").zone("z1").spread(spread(ZONE, 3, &APP)));
    let zones = [expression(ZONE, "In", ["z1", "z2", "z3"])];
    let then = spreading(3, &spread(ZONE, 1, &APP)).into_iter();
    let then =
        then.map(|pod| pod.require([expression(ZONE, "In", ["invalid"])]).require(zones.clone()));
    let plan = plan(&zonal(first.collect()).with_pods(then));
    assert_eq!(by(&plan, ZONE), counts([("z1", 3), ("z2", 2), ("z3", 1)]));
}

// behaviour 02#283
#[test]
fn pool_without_the_label_says_so() {
    let listed = node_pool("listed").weight(1).limit("cpu", "0").require("team", "In", ["a"]);
    let input = cluster().with_pool(listed, fours()).with_pool(node_pool("plain"), fours());
    let plan = plan(&input.with_pods(spreading(1, &spread("team", 1, &APP))));
    assert_eq!(
        without_cores(plan.unschedulable[0].1.clone()).to_string(),
        "all available instance types exceed limits for nodepool (NodePool=listed); \
         label \"team\" does not have known values (NodePool=plain)"
    );
}

// behaviour 02#140
#[test]
fn soft_constraint_given_up_leaves_its_slot_to_the_last() {
    let soft = |key: &str| soft_spread(key, 1, &APP);
    let pod = apps("p", 1).remove(0);
    let pod = pod.spread(soft("rack")).spread(spread(ZONE, 1, &APP)).spread(soft("row"));
    let plan = plan(&zonal(vec![pod]));
    let given_up = &plan.report.relaxed[0].given_up;
    let texts: Vec<String> = given_up.iter().map(ToString::to_string).collect();
    assert_eq!(texts, ["topology spread constraint 0", "topology spread constraint 2"]);
}

// behaviour 02#142
#[test]
fn soft_constraints_do_not_exist_when_preferences_are_ignored() {
    let pods = || spreading(3, &soft_spread(ZONE, 1, &APP));
    assert_eq!(sizes(&plan(&zonal(pods()))), [1, 1, 1]);
    let ignoring = zonal(pods()).with_options(|options| {
        options.preference_policy = crate::options::PreferencePolicy::Ignore;
    });
    assert_eq!(sizes(&plan(&ignoring)), [3]);
}

// behaviour 02#268
#[test]
fn ignored_preferences_are_no_rungs() {
    let soft = spreading(1, &soft_spread(ZONE, 1, &APP)).remove(0);
    let soft = soft.prefer(1, [expression(ZONE, "In", ["z1"])]);
    let input = zonal(vec![soft]).with_options(|options| {
        options.preference_policy = crate::options::PreferencePolicy::Ignore;
    });
    let pods = input.all_pods();
    let solver = Solver::of(&input, &pods).unwrap();
    assert_eq!(solver.classes.shapes[0].levels.len(), 1);
}

#[test]
fn empty_selector_selects_all_pods_of_the_namespace() {
    let constraint =
        SpreadConstraint { selector: Some(LabelSelector::default()), ..spread(ZONE, 1, &APP) };
    let plan = plan(&zonal(spreading(3, &constraint)).with_node(full("n", "z1", 1)));
    assert_eq!(by(&plan, ZONE), counts([("z2", 2), ("z3", 1)]));
}
