//! Who gets reserved capacity, who waits for it, and who does without.

use std::sync::Arc;

use super::bins::{place, plan};
use super::reference::RESERVATION;
use crate::decide::scheduling::input::{ReservedOfferings, SchedulingInput};
use crate::decide::scheduling::plan::PlannedClaim;
use crate::decide::scheduling::reservations::{Held, NotReserved};
use crate::decide::scheduling::solve::Solver;
use crate::model::instance_type::Catalog;
use crate::model::requirement::Requirement;
use crate::testing::instance_types::{InstanceTypeBuilder, catalog, instance_type};
use crate::testing::node_pools::{NodePoolBuilder, node_pool};
use crate::testing::nodes::state_node;
use crate::testing::pod_topology::near;
use crate::testing::pods::{PodBuilder, expression, pod};
use crate::testing::scenario::cluster;

const CAPACITY_TYPE: &str = "karpenter.sh/capacity-type";
const TYPE: &str = "node.kubernetes.io/instance-type";
const ZONE: &str = "topology.kubernetes.io/zone";
const TAKEN: &str = "one or more instance types with compatible reserved offerings are available, but could not be \
                     reserved";

fn id(name: &str) -> (&str, &str) {
    (RESERVATION, name)
}

/// A type in zone z1, on demand and as spot.
fn sized(name: &str, cpu: &str) -> InstanceTypeBuilder {
    let price = cpu.parse::<f64>().unwrap();
    let it = instance_type(name).cpu(cpu).memory("64Gi");
    it.offering("z1", "on-demand", price).offering("z1", "spot", price / 2.0)
}

/// Small, medium and large; the smaller two with this much reserved.
fn sizes(small: u32, medium: u32) -> Catalog {
    catalog([
        sized("small", "2").in_reservation("z1", id("r-small"), small).build(),
        sized("medium", "4").in_reservation("z1", id("r-medium"), medium).build(),
        sized("large", "8").build(),
    ])
}

/// Pods of which no two can share a node.
fn loners(names: &[&str]) -> Vec<PodBuilder> {
    let apart = || near("kubernetes.io/hostname", &[("app", "a")]);
    let one = |name: &&str| pod(name).cpu("1800m").label("app", "a").apart(apart());
    names.iter().map(one).collect()
}

fn with(pools: Vec<(NodePoolBuilder, Catalog)>, pods: Vec<PodBuilder>) -> SchedulingInput {
    let input = cluster().with_reservation_id(RESERVATION).with_pods(pods);
    pools.into_iter().fold(input, |input, (pool, catalog)| input.with_pool(pool, catalog))
}

fn one_pool(catalog: Catalog, pods: Vec<PodBuilder>) -> SchedulingInput {
    with(vec![(node_pool("p"), catalog)], pods)
}

/// Values of a requirement of the object.
fn values(claim: &PlannedClaim, key: &str) -> Vec<String> {
    let mut entries = claim.object().spec.requirements.into_iter();
    entries.find(|entry| entry.key == key).and_then(|entry| entry.values).unwrap_or_default()
}

/// Types, capacity types and reservations of the only claim.
fn only(input: &SchedulingInput) -> (Vec<String>, Vec<String>, Vec<String>) {
    let plan = plan(input);
    let [claim] = &plan.claims[..] else { panic!("{:?}", plan.claims) };
    let types = claim.instance_types.iter().map(ToString::to_string).collect();
    let texts = |key| values(claim, key);
    (types, texts(CAPACITY_TYPE), texts(RESERVATION))
}

fn texts(list: &[&str]) -> Vec<String> {
    list.iter().map(ToString::to_string).collect()
}

// behaviour 02#209
#[test]
fn every_plan_hands_out_one_claim_of_those_that_could_use_the_same_reservations() {
    let first = one_pool(sizes(1, 1), loners(&["a", "b", "c"]));
    let (types, kinds, ids) = only(&first);
    assert_eq!(types, ["medium", "small", "large"], "reserved ones are equally cheap");
    assert_eq!((kinds, ids), (texts(&["reserved"]), texts(&["r-medium", "r-small"])));
    let left = plan(&first).unschedulable;
    assert!(left.len() == 2 && left.iter().all(|(_, why)| why.is_deferred()), "{left:?}");
    let (types, kinds, ids) = only(&one_pool(sizes(0, 1), loners(&["b", "c"])));
    assert_eq!(types[0], "medium");
    assert_eq!((kinds, ids), (texts(&["reserved"]), texts(&["r-medium"])));
    let (types, kinds, ids) = only(&one_pool(sizes(0, 0), loners(&["c"])));
    assert_eq!(types[0], "small");
    assert_eq!((kinds, ids), (texts(&["on-demand", "spot"]), vec![]));
}

// behaviour 02#209
#[test]
fn claims_that_are_being_launched_keep_what_they_may_get() {
    let mut input = one_pool(sizes(1, 1), loners(&["b"]));
    let mut launching = state_node("first").in_flight("p").build();
    let claim = Arc::make_mut(launching.claim.as_mut().unwrap());
    claim.provider = None;
    claim.requirements.add(Requirement::in_values(RESERVATION, ["r-small"]));
    input.nodes.push(launching);
    assert_eq!(only(&input).2, ["r-medium"]);
}

fn matched(input: SchedulingInput) -> SchedulingInput {
    input.with_options(|options| options.reserved_capacity_matching = true)
}

/// Reservations of every claim in order, and how many pods are left to a later plan.
fn bound(input: &SchedulingInput) -> (Vec<Vec<String>>, usize) {
    let plan = plan(input);
    assert!(plan.unschedulable.iter().all(|(_, why)| why.is_deferred()), "{:?}", plan.report);
    let ids = plan.claims.iter().map(|claim| values(claim, RESERVATION)).collect();
    (ids, plan.unschedulable.len())
}

// behaviour 02#220
#[test]
fn matched_reservations_serve_as_many_claims_as_they_are_enough_for_in_one_plan() {
    let first = matched(one_pool(sizes(1, 1), loners(&["a", "b", "c"])));
    let both = plan(&first);
    assert_eq!(bound(&first), (vec![texts(&["r-medium"]), texts(&["r-small"])], 1));
    for (claim, cheapest) in both.claims.iter().zip(["medium", "small"]) {
        assert_eq!(values(claim, CAPACITY_TYPE), ["reserved"]);
        assert_eq!(claim.instance_types[0].as_str(), cheapest);
    }
    // Launched as medium and small; what is left of the pods gets what it gets without matching.
    let (types, kinds, ids) = only(&matched(one_pool(sizes(0, 0), loners(&["c"]))));
    assert_eq!(types[0], "small");
    assert_eq!((kinds, ids), (texts(&["on-demand", "spot"]), vec![]));
}

/// Plans again and again for three pods, every claim launched as the cheapest it can be: types and reservations of all
/// nodes, sorted, and how many plans that took.
fn end_state(is_matched: bool) -> (Vec<(String, Option<String>)>, usize) {
    let mut left = [1, 1];
    let mut waiting = vec!["a".to_owned(), "b".to_owned(), "c".to_owned()];
    let (mut nodes, mut n_plans) = (vec![], 0);
    while !waiting.is_empty() {
        let names: Vec<&str> = waiting.iter().map(String::as_str).collect();
        let input = one_pool(sizes(left[0], left[1]), loners(&names));
        let plan = plan(&if is_matched { matched(input) } else { input });
        n_plans += 1;
        for claim in &plan.claims {
            let instance_type = claim.instance_types[0].to_string();
            let id = format!("r-{instance_type}");
            let id = values(claim, RESERVATION).contains(&id).then_some(id);
            left[0] -= u32::from(id.as_deref() == Some("r-small"));
            left[1] -= u32::from(id.as_deref() == Some("r-medium"));
            nodes.push((instance_type, id));
            waiting.retain(|pod| claim.pods.iter().all(|placed| *placed.name != **pod));
        }
    }
    nodes.sort();
    (nodes, n_plans)
}

// behaviour 02#209, behaviour 02#220
#[test]
fn matching_ends_where_one_claim_per_plan_ends_only_sooner() {
    let node = |name: &str, id: Option<&str>| (name.to_owned(), id.map(ToOwned::to_owned));
    let nodes =
        vec![node("medium", Some("r-medium")), node("small", None), node("small", Some("r-small"))];
    assert_eq!(end_state(false), (nodes.clone(), 3));
    assert_eq!(end_state(true), (nodes, 2));
}

// behaviour 02#220
#[test]
fn a_claim_alone_keeps_every_reservation_it_could_use() {
    assert_eq!(
        bound(&matched(one_pool(sizes(1, 1), loners(&["a"])))),
        bound(&one_pool(sizes(1, 1), loners(&["a"])))
    );
    let (ids, n_left) = bound(&matched(one_pool(sizes(2, 1), loners(&["a", "b"]))));
    assert_eq!((ids, n_left), (vec![texts(&["r-medium", "r-small"]), texts(&["r-small"])], 0));
}

// behaviour 02#220
#[test]
fn a_claim_that_can_use_one_reservation_only_gets_it_from_those_that_can_use_others() {
    let [a, b, only_medium] = loners(&["a", "b", "m"]).try_into().unwrap();
    let input = one_pool(sizes(1, 1), vec![a, b, only_medium.cpu("1").select(TYPE, "medium")]);
    let (ids, n_left) = bound(&matched(input.clone()));
    assert_eq!((ids, n_left), (vec![texts(&["r-medium"]), texts(&["r-small"])], 1));
    let mut fewer = input;
    fewer.pods.remove(1);
    assert_eq!(bound(&matched(fewer.clone())).0, [["r-small"], ["r-medium"]]);
    assert_eq!(bound(&fewer).1, 1, "without matching the first claim holds both");
}

// behaviour 02#220
#[test]
fn matching_leaves_simulations_without_waiting_pods_too() {
    let mut fallback = matched(one_pool(sizes(1, 1), loners(&["a", "b", "c"])));
    fallback.reserved = ReservedOfferings::Fallback;
    let none: Vec<String> = vec![];
    assert_eq!(bound(&fallback), (vec![texts(&["r-medium"]), texts(&["r-small"]), none], 0));
}

// behaviour 02#210
#[test]
fn pools_share_a_reservation() {
    let pinned =
        || ["1", "2"].map(|n| pod(n).cpu("1").select("karpenter.sh/nodepool", &format!("np-{n}")));
    let shared = |left| {
        let types = || catalog([sized("s", "2").in_reservation("z1", id("r"), left).build()]);
        let pools = vec![(node_pool("np-1"), types()), (node_pool("np-2"), types())];
        with(pools, pinned().into())
    };
    let first = plan(&shared(1));
    assert_eq!(place(&first, "1"), "new 0");
    assert_eq!(values(&first.claims[0], CAPACITY_TYPE), ["reserved"]);
    assert!(place(&first, "2").ends_with(&format!("{TAKEN} (NodePool=np-2)")));
    let later = plan(&shared(0));
    assert_eq!(values(&later.claims[1], CAPACITY_TYPE), ["on-demand", "spot"]);
}

// behaviour 02#211
#[test]
fn reservations_of_their_own_are_handed_out_at_once() {
    let own = |id| catalog([sized("s", "2").in_reservation("z1", (RESERVATION, id), 1).build()]);
    let pods =
        ["np-1", "np-2"].map(|pool| pod(pool).cpu("1").select("karpenter.sh/nodepool", pool));
    let pools = vec![(node_pool("np-1"), own("r-1")), (node_pool("np-2"), own("r-2"))];
    let plan = plan(&with(pools, pods.into()));
    let ids: Vec<_> = plan.claims.iter().map(|claim| values(claim, RESERVATION)).collect();
    assert_eq!(ids, [["r-1"], ["r-2"]]);
}

// behaviour 02#212
#[test]
fn a_reservation_is_held_by_as_many_claims_as_it_has_instances() {
    let of_two = |first, second| {
        let it = sized("s", "2").in_reservation("z1", id("r-1"), first);
        catalog([it.in_reservation("z2", id("r-2"), second).build()])
    };
    let n_claims = |catalog: Catalog, pods: &[&str]| {
        let plan = plan(&one_pool(catalog, loners(pods)));
        let kinds = plan.claims.iter().map(|claim| values(claim, CAPACITY_TYPE).join(" "));
        kinds.collect::<Vec<_>>()
    };
    assert_eq!(n_claims(of_two(1, 2), &["a", "b", "c", "d"]), ["reserved", "reserved"]);
    assert_eq!(n_claims(of_two(0, 1), &["c", "d"]), ["reserved"]);
    assert_eq!(n_claims(of_two(0, 0), &["d"]), ["on-demand spot"]);
}

fn heavy_and_light(pods: Vec<PodBuilder>) -> SchedulingInput {
    let heavy = catalog([sized("s", "2").in_reservation("z1", id("r"), 1).build()]);
    let light = catalog([sized("s", "2").build()]);
    with(vec![(node_pool("heavy").weight(10), heavy), (node_pool("light"), light)], pods)
}

// behaviour 02#213
// behaviour 02#264
#[test]
fn a_lighter_pool_is_not_asked_while_the_heavier_one_may_have_reserved_capacity() {
    let plan = plan(&heavy_and_light(loners(&["a", "b"])));
    assert_eq!(plan.claims.len(), 1);
    assert_eq!(place(&plan, "b"), format!("{TAKEN} (NodePool=heavy)"));
}

// behaviour 02#264
#[test]
fn the_reason_names_the_pools_before_the_one_with_reserved_capacity_and_none_behind() {
    let mut input = heavy_and_light(loners(&["a", "b"]));
    let tainted = node_pool("heaviest").weight(20).taint("t", "", "NoSchedule");
    input = input.with_pool(tainted, catalog([sized("s", "2").build()]));
    let text = place(&plan(&input), "b");
    let parts: Vec<&str> = text.split("; ").collect();
    assert!(parts[0].ends_with("(NodePool=heaviest)"), "{text}");
    assert_eq!(parts[1..], [format!("{TAKEN} (NodePool=heavy)")]);
}

// behaviour 02#214
#[test]
fn preferences_are_kept_while_reserved_capacity_may_come_free() {
    let preferring = |name: &str| {
        let [one] = loners(&[name]).try_into().unwrap();
        one.prefer(1, [expression("karpenter.sh/nodepool", "In", ["heavy"])])
    };
    let first = plan(&heavy_and_light(vec![preferring("a"), preferring("b")]));
    assert!(first.report.relaxed.is_empty(), "{:?}", first.report);
    assert!(place(&first, "b").contains(TAKEN));
    let none_left = catalog([sized("s", "2").in_reservation("z1", id("r"), 0).build()]);
    let light = (node_pool("light").weight(99), catalog([sized("s", "2").build()]));
    let later = plan(&with(vec![(node_pool("heavy"), none_left), light], vec![preferring("b")]));
    assert_eq!(later.claims[0].pool.as_str(), "heavy");
    assert_eq!(values(&later.claims[0], CAPACITY_TYPE), ["on-demand", "spot"]);
}

// behaviour 02#215
#[test]
fn pods_of_one_zone_share_a_reserved_node() {
    let together = |name: &str| {
        let near = near(ZONE, &[("app", "a")]);
        let one = pod(name).cpu("500m").label("app", "a").near(near);
        one.zone("z1").select(CAPACITY_TYPE, "reserved")
    };
    let (_, kinds, ids) = only(&one_pool(sizes(1, 0), vec![together("a"), together("b")]));
    assert_eq!((kinds, ids), (texts(&["reserved"]), texts(&["r-small"])));
}

// behaviour 02#216
#[test]
fn without_the_gate_and_in_simulations_nobody_waits() {
    let pods = || loners(&["a", "b", "c"]);
    let mut off = one_pool(sizes(1, 1), pods());
    off.options.feature_gates.reserved_capacity = false;
    let without = plan(&off);
    assert_eq!((without.claims.len(), without.unschedulable.len()), (3, 0));
    let claim = &without.claims[0];
    assert_eq!(values(claim, CAPACITY_TYPE), ["on-demand", "reserved", "spot"]);
    assert_eq!(values(claim, RESERVATION), Vec::<&str>::new());
    let mut fallback = one_pool(sizes(1, 1), pods());
    fallback.reserved = ReservedOfferings::Fallback;
    let fallback = plan(&fallback);
    let kinds: Vec<_> = fallback.claims.iter().map(|claim| values(claim, RESERVATION)).collect();
    assert_eq!(kinds, [vec!["r-medium", "r-small"], vec![], vec![]]);
}

// behaviour 02#217
#[test]
fn a_pod_that_would_cost_a_claim_its_reservations_goes_elsewhere() {
    let it = sized("s", "4").offering("z2", "on-demand", 4.0).in_reservation("z1", id("r"), 1);
    let pods = vec![pod("a").cpu("2"), pod("b").cpu("1").zone("z2")];
    let plan = plan(&one_pool(catalog([it.build()]), pods));
    assert_eq!([place(&plan, "a"), place(&plan, "b")], ["new 0", "new 1"]);
    let ids: Vec<_> = plan.claims.iter().map(|claim| values(claim, RESERVATION)).collect();
    assert_eq!(ids, [vec!["r"], vec![]]);
    let text = NotReserved::WouldLoseAll.to_string();
    assert_eq!(
        text,
        "satisfying updated nodeclaim constraints would remove all compatible reserved offering options"
    );
}

// behaviour 02#218
#[test]
fn units_are_counted_once_per_claim_and_reservation() {
    let of_pool = |left| catalog([sized("s", "2").in_reservation("z1", id("r"), left).build()]);
    let pools = vec![(node_pool("a"), of_pool(3)), (node_pool("b"), of_pool(2))];
    let input = with(pools, loners(&["x"]));
    let pods = input.all_pods();
    let solver = Solver::of(&input, &pods).unwrap();
    let (mut reservations, world) = (solver.reservations, solver.world);
    assert_eq!(reservations.left, [2], "the least that any pool says");
    let (nothing, template) = (Held::new(), &solver.templates[0]);
    let mut hold = |held: &Held, left: u32| {
        reservations.left = vec![left];
        let wants = (template.set, &template.types);
        let now = reservations.hold(held, wants, 0, (&solver.indexes[0], &world));
        now.map(|now| now.ones().collect::<Vec<_>>())
    };
    assert_eq!(hold(&nothing, 0), Err(NotReserved::Taken));
    let mut held = Held::with_capacity(1);
    held.insert(0);
    assert_eq!([hold(&nothing, 2), hold(&held, 0)], [Ok(vec![0]), Ok(vec![0])]);
    reservations.left = vec![2];
    reservations.exchange(&nothing, &held);
    reservations.exchange(&held, &held);
    assert_eq!(reservations.left, [1]);
    reservations.exchange(&nothing, &nothing);
    reservations.exchange(&held, &nothing);
    assert_eq!(reservations.left, [2]);
}

// behaviour 02#218
#[test]
fn a_reservation_without_an_id_is_an_ordinary_offering() {
    let nameless = catalog([sized("s", "2").offering("z1", "reserved", 0.1).build()]);
    let (_, kinds, ids) = only(&one_pool(nameless, loners(&["a"])));
    assert_eq!((kinds, ids), (texts(&["on-demand", "reserved", "spot"]), vec![]));
}

// behaviour 02#219
#[test]
fn a_virtual_pod_that_finds_a_place_does_not_change_why_an_equal_pod_waits() {
    let small = instance_type("s").cpu("4").memory("8Gi");
    let small = small.in_reservation("z1", id("r"), 0).in_reservation("z2", id("r"), 1).build();
    let large = instance_type("l").cpu("8").memory("8Gi").offering("z1", "on-demand", 1.0).build();
    let mut input = one_pool(catalog([small, large]), vec![pod("real").cpu("1")]);
    input.virtual_pods = vec![pod("opener").cpu("2").zone("z1").build(), pod("b").cpu("1").build()];
    let plan = plan(&input);
    assert_eq!([place(&plan, "opener"), place(&plan, "b")], ["new 0", "new 0"]);
    assert!(plan.unschedulable[0].1.is_deferred(), "{}", place(&plan, "real"));
}

// behaviour 02#219
#[test]
fn pods_left_to_a_later_plan_are_neither_counted_nor_told() {
    let mut pods = loners(&["a", "b"]);
    pods.push(pod("huge").cpu("1000"));
    let plan = plan(&one_pool(sizes(1, 1), pods));
    assert_eq!((plan.unschedulable.len(), plan.n_unschedulable()), (2, 1));
    let told = plan.unschedulable.iter().filter(|(_, why)| why.is_worth_an_event());
    assert_eq!(told.map(|(pod, _)| pod.to_string()).collect::<Vec<_>>(), ["default/huge"]);
}
