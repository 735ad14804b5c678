//! Pod affinity and anti-affinity: pods that go where others are, or where they are not.

use super::bins::{machine, place, plan};
use super::topology_spread::{apps, by, fours, full};
use crate::api::labels;
use crate::decide::audit::{Violation, audit};
use crate::decide::scheduling::input::SchedulingInput;
use crate::decide::scheduling::plan::SchedulingPlan;
use crate::model::instance_type::Catalog;
use crate::model::label_selector::LabelSelector;
use crate::model::pod::PodPhase;
use crate::model::pod_topology::{PodAffinityTerm, PodTopology};
use crate::options::PreferencePolicy;
use crate::testing::instance_types::{catalog, instance_type};
use crate::testing::node_pools::node_pool;
use crate::testing::nodes::state_node;
use crate::testing::pod_topology::{near, spread};
use crate::testing::pods::{PodBuilder, expression, pod};
use crate::testing::scenario::cluster;

const ZONE: &str = labels::ZONE;
const HOST: &str = labels::HOSTNAME;
const APP: [(&str, &str); 1] = [("app", "x")];

fn cluster_of(pods: impl IntoIterator<Item = PodBuilder>) -> SchedulingInput {
    cluster().with_pool(node_pool("p"), fours()).with_pods(pods)
}

/// The zone of the only value the pod's new claim has; empty without a place or a single zone.
fn zone_of(plan: &SchedulingPlan, name: &str) -> String {
    let claim = plan.claims.iter().find(|claim| claim.pods.iter().any(|p| &*p.name == name));
    let zones = claim.and_then(|claim| claim.requirements.get(ZONE));
    zones.map(|zones| zones.values().join(",")).unwrap_or_default()
}

fn n_placed(plan: &SchedulingPlan) -> usize {
    plan.claims.iter().map(|claim| claim.pods.len()).sum()
}

fn five_per_node() -> Catalog {
    catalog([machine("s4", "4").pods("5").build()])
}

// behaviour 02#192
#[test]
fn group_that_has_begun_on_a_host_stays_on_it() {
    let pods = || (0..10).map(|at| pod(&format!("p{at}")).label("app", "x").near(near(HOST, &APP)));
    let first = plan(&cluster().with_pool(node_pool("p"), five_per_node()).with_pods(pods()));
    assert_eq!((first.claims.len(), n_placed(&first)), (1, 5));
    let taken = cluster().with_pool(node_pool("p"), five_per_node());
    let next = plan(&taken.with_node(full("n", "z1", 5).capacity("pods", "5")).with_pods(pods()));
    assert_eq!(next.unschedulable.len(), 10);
}

// behaviour 02#193
#[test]
fn member_on_a_host_elsewhere_is_no_reason_to_begin_anew() {
    let pods = apps("p", 2)
        .into_iter()
        .map(|pod| pod.near(near(HOST, &APP)).require([expression(ZONE, "In", ["z2", "z3"])]));
    let plan = plan(&cluster_of(pods).with_node(full("n", "z1", 1)));
    assert_eq!(plan.unschedulable.len(), 2);
}

// behaviour 02#194
#[test]
fn zone_of_a_group_is_chosen_among_those_its_pods_allow() {
    let together = || apps("p", 3).into_iter().map(|pod| pod.near(near(ZONE, &APP)));
    assert_eq!(by(&plan(&cluster_of(together())), ZONE), [("z1".to_owned(), 3)].into());
    let restricted = plan(&cluster_of(together().map(|pod| pod.zone("z3"))));
    assert_eq!(by(&restricted, ZONE), [("z3".to_owned(), 3)].into());
    let [a, b] = [("a", "z2"), ("b", "z3")]
        .map(|(name, zone)| pod(name).label("app", "x").zone(zone).near(near(ZONE, &APP)));
    let apart = plan(&cluster_of([a, b]));
    assert_eq!((zone_of(&apart, "a").as_str(), zone_of(&apart, "b").as_str()), ("z2", "z3"));
}

// behaviour 02#195
#[test]
fn group_begins_in_exactly_one_zone() {
    let single = catalog([machine("s4", "4").pods("1").build()]);
    let pods = apps("p", 4).into_iter().map(|pod| pod.near(near(ZONE, &APP)));
    let plan = plan(&cluster().with_pool(node_pool("p"), single).with_pods(pods));
    assert_eq!(plan.claims.len(), 4);
    assert_eq!(by(&plan, ZONE), [("z1".to_owned(), 4)].into());
}

// behaviour 02#132
// behaviour 02#196
#[test]
fn affinity_to_nobody_refuses_unless_it_is_a_preference() {
    let nobody = near(ZONE, &[("app", "nobody")]);
    let required = plan(&cluster_of(apps("p", 3).into_iter().map(|p| p.near(nobody.clone()))));
    assert_eq!(required.unschedulable.len(), 3);
    let why = required.unschedulable[0].1.to_string();
    assert!(why.starts_with("unsatisfiable topology constraint for pod affinity, key="), "{why}");
    let preferring = apps("p", 1).remove(0).rather_near(1, nobody);
    assert_eq!(n_placed(&plan(&cluster_of([preferring]))), 1);
}

// behaviour 02#130
// behaviour 02#197
#[test]
fn followers_wait_for_a_target_whose_zone_is_open() {
    let followers = || (0..2).map(|at| pod(&format!("f{at}")).cpu("3").near(near(ZONE, &APP)));
    let target = || pod("target").label("app", "x").cpu("1");
    let waiting = plan(&cluster_of(followers().chain([target()])));
    assert_eq!((n_placed(&waiting), waiting.unschedulable.len()), (1, 2));
    let pinned = plan(&cluster_of(followers().chain([target().zone("z2")])));
    assert_eq!(by(&pinned, ZONE), [("z2".to_owned(), 3)].into());
    let running = plan(&cluster_of(followers()).with_node(full("n", "z3", 1)));
    assert_eq!(by(&running, ZONE), [("z3".to_owned(), 2)].into());
}

// behaviour 02#131
#[test]
fn chain_of_affinities_ends_on_one_node_in_any_order() {
    let link = |name: &str, size: usize, to: Option<&str>| {
        let pod = pod(name).label("tier", name).cpu(&format!("{size}00m"));
        to.map_or(pod.clone(), |to| pod.near(near(HOST, &[("tier", to)])))
    };
    for order in [[1, 2, 3, 4], [4, 3, 2, 1], [2, 4, 1, 3], [3, 1, 4, 2]] {
        let chain = [
            link("db", order[0], None),
            link("web", order[1], Some("db")),
            link("cache", order[2], Some("web")),
            link("ui", order[3], Some("cache")),
        ];
        let plan = plan(&cluster_of(chain));
        assert_eq!((plan.claims.len(), n_placed(&plan)), (1, 4), "{order:?}");
    }
}

// behaviour 02#198
#[test]
fn same_architecture_and_different_nodes() {
    let it = |name: &str, arch| {
        let it = instance_type(name).cpu("4").label(labels::ARCH, [arch]);
        it.offering("z1", "on-demand", 1.0).build()
    };
    let types = catalog([it("arm", "arm64"), it("amd", "amd64")]);
    let pods = apps("p", 3)
        .into_iter()
        .map(|pod| pod.near(near(labels::ARCH, &APP)).spread(spread(HOST, 1, &APP)));
    let plan = plan(&cluster().with_pool(node_pool("p"), types).with_pods(pods));
    assert_eq!(plan.claims.len(), 3);
    assert_eq!(by(&plan, labels::ARCH), [("amd64".to_owned(), 3)].into());
}

// behaviour 02#199
#[test]
fn target_in_another_namespace_has_to_be_named() {
    let own = near(HOST, &APP);
    let listed = PodAffinityTerm { namespaces: vec!["other".into()], ..own.clone() };
    let selected =
        PodAffinityTerm { namespace_selector: Some(LabelSelector::default()), ..own.clone() };
    let elsewhere = PodAffinityTerm { namespaces: vec!["third".into()], ..own.clone() };
    for (term, is_found) in [(own, false), (listed, true), (selected, true), (elsewhere, false)] {
        let target = pod("target").namespace("other").label("app", "x").cpu("2");
        let input = cluster_of([target, pod("follower").cpu("1").near(term.clone())])
            .with_namespace("default", &[])
            .with_namespace("other", &[]);
        let plan = plan(&input);
        assert_eq!(plan.claims[0].pods.len() == 2, is_found, "{term:?}");
        assert_eq!(plan.unschedulable.is_empty(), is_found);
    }
}

// behaviour 02#200
#[test]
fn two_pods_that_one_keeps_apart_get_two_nodes_in_either_order() {
    for sizes in [["2", "1"], ["1", "2"]] {
        let owner = pod("owner").cpu(sizes[0]).apart(near(HOST, &APP));
        let other = pod("other").cpu(sizes[1]).label("app", "x");
        let plan = plan(&cluster_of([owner, other]));
        assert_eq!(plan.claims.len(), 2, "{sizes:?}");
    }
}

// behaviour 02#201
#[test]
fn owner_goes_where_no_selected_pod_is() {
    let owner = || pod("owner").cpu("1").apart(near(ZONE, &APP));
    let two = cluster_of([owner()]).with_node(full("a", "z1", 1)).with_node(full("b", "z2", 1));
    assert_eq!(zone_of(&plan(&two), "owner"), "z3");
    let three = plan(&two.with_node(full("c", "z3", 1)));
    let why = three.unschedulable[0].1.to_string();
    assert!(
        why.starts_with(
            "unsatisfiable topology constraint for pod anti-affinity, key=topology.kubernetes.io/zone \
             (counts = z1: 1, z2: 1, z3: 1, podDomains"
        ),
        "{why}"
    );
}

// behaviour 02#202
#[test]
fn target_that_may_be_anywhere_blocks_every_zone() {
    let target = pod("target").label("app", "x").cpu("3");
    let owner = pod("owner").cpu("2").apart(near(ZONE, &APP));
    let plan = plan(&cluster_of([target, owner]));
    assert_eq!(place(&plan, "target"), "new 0");
    assert_eq!(plan.unschedulable.len(), 1);
}

// behaviour 02#203
#[test]
fn selected_pod_stays_away_from_owners_unless_they_only_prefer_it() {
    let owners = |is_required: bool| {
        ["z1", "z2", "z3"].map(|zone| {
            let owner = pod(zone).cpu("3").zone(zone);
            let term = near(ZONE, &APP);
            if is_required { owner.apart(term) } else { owner.rather_apart(1, term) }
        })
    };
    let selected = || pod("selected").label("app", "x").cpu("1");
    let kept_away = plan(&cluster_of(owners(true).into_iter().chain([selected()])));
    assert_eq!(kept_away.unschedulable.len(), 1);
    let free = plan(&cluster_of(owners(false).into_iter().chain([selected()])));
    assert_eq!(free.unschedulable.len(), 0);
    let mut running = cluster_of([selected()]);
    for (at, owner) in owners(true).into_iter().enumerate() {
        let (name, zone) = (format!("n{at}"), format!("z{}", at + 1));
        let node = state_node(&name).label(ZONE, &zone);
        running = running.with_node(node.bind(owner.bound_to(&name).build()));
    }
    assert_eq!(plan(&running).unschedulable.len(), 1);
}

// behaviour 02#204
#[test]
fn owner_that_may_be_anywhere_keeps_the_selected_pod_waiting() {
    let selected = || pod("selected").label("app", "x").cpu("1");
    let owner = || pod("owner").cpu("3").apart(near(ZONE, &APP));
    let both = plan(&cluster_of([owner(), selected()]));
    assert_eq!(both.unschedulable.len(), 1);
    let node = state_node("n").label(ZONE, "z1").bind(owner().bound_to("n").build());
    let next = plan(&cluster_of([selected()]).with_node(node));
    assert_eq!(zone_of(&next, "selected"), "z2,z3");
}

// behaviour 02#205
#[test]
fn pods_that_keep_each_other_apart_take_one_zone_per_plan() {
    let pods = || apps("p", 10).into_iter().map(|pod| pod.apart(near(ZONE, &APP)));
    let mut input = cluster_of(pods());
    for (at, expected) in [1, 1, 1, 0].into_iter().enumerate() {
        assert_eq!(n_placed(&plan(&input)), expected);
        let owner = pod(&format!("r{at}")).label("app", "x").apart(near(ZONE, &APP));
        let (name, zone) = (format!("n{at}"), format!("z{}", at + 1));
        let node = state_node(&name).label(ZONE, &zone);
        input = input.with_node(node.bind(owner.bound_to(&name).build()));
    }
}

// behaviour 02#206
#[test]
fn owner_on_a_node_without_the_label_blocks_nothing() {
    let owner = pod("owner").apart(near(ZONE, &APP)).bound_to("n").build();
    let input = cluster_of(apps("p", 1)).with_node(state_node("n").bind(owner));
    assert_eq!(zone_of(&plan(&input), "p0"), "z1,z2,z3");
}

// behaviour 02#207
#[test]
fn empty_affinity_asks_for_nothing() {
    let plain = pod("plain").cpu("1").build();
    assert_eq!(plain.shape.topology, PodTopology::default());
    assert_eq!(n_placed(&plan(&cluster_of([pod("plain").cpu("1")]))), 1);
}

// behaviour 02#208
#[test]
fn affinity_counts_pods_on_nodes_the_pod_could_not_use() {
    let node = full("n", "z2", 1).taint("no", "one", "NoSchedule").label("team", "other");
    let follower = pod("follower").cpu("1").select("team", "own").near(near(ZONE, &APP));
    let pool = node_pool("p").label("team", "own");
    let input = cluster().with_pool(pool, fours()).with_pods([follower]).with_node(node);
    assert_eq!(zone_of(&plan(&input), "follower"), "z2");
}

// behaviour 02#138
#[test]
fn preferences_about_pods_go_before_those_about_nodes_and_soft_spread_last() {
    let nobody = near(ZONE, &[("app", "nobody")]);
    let wishing = apps("p", 1)
        .remove(0)
        .rather_near(1, nobody.clone())
        .rather_near(9, nobody)
        .rather_apart(5, near(ZONE, &APP))
        .prefer(7, [expression("no", "In", ["where"])])
        .spread(crate::testing::pod_topology::soft_spread("rack", 1, &APP));
    let blocked = ["z1", "z2", "z3"]
        .iter()
        .fold(cluster_of([wishing]), |input, zone| input.with_node(full(zone, zone, 1)));
    let plan = plan(&blocked);
    let given_up = plan.report.relaxed[0].given_up.iter().map(ToString::to_string);
    assert_eq!(
        given_up.collect::<Vec<_>>(),
        [
            "a preferred pod affinity term of weight 9",
            "a preferred pod affinity term of weight 1",
            "a preferred pod anti-affinity term of weight 5",
            "a preferred node affinity term of weight 7",
            "topology spread constraint 0",
        ]
    );
}

// behaviour 02#141
#[test]
fn pod_that_failed_wishes_for_everything_again() {
    // The follower gives up nothing: on its second try the target is there.
    let follower = pod("follower")
        .cpu("2")
        .near(near(HOST, &APP))
        .rather_near(1, near(HOST, &[("app", "x"), ("with", "both")]));
    let target = pod("target").label("app", "x").label("with", "both").cpu("1");
    let plan = plan(&cluster_of([follower, target]));
    assert_eq!(plan.claims[0].pods.len(), 2);
    assert_eq!(plan.report.relaxed, vec![]);
}

// behaviour 02#142
#[test]
fn preferences_about_pods_do_not_exist_when_they_are_ignored() {
    let ignoring = |pods: Vec<PodBuilder>| {
        plan(&cluster_of(pods).with_options(|options| {
            options.preference_policy = PreferencePolicy::Ignore;
        }))
    };
    let rather = apps("p", 3).into_iter().map(|pod| pod.rather_apart(1, near(HOST, &APP)));
    assert_eq!(ignoring(rather.clone().collect()).claims.len(), 1);
    assert_eq!(plan(&cluster_of(rather)).claims.len(), 3);
    let required = apps("p", 3).into_iter().map(|pod| pod.apart(near(HOST, &APP)));
    assert_eq!(ignoring(required.collect()).claims.len(), 3);
}

// behaviour 02#272
#[test]
fn group_begins_in_the_first_zone_that_can_be_had() {
    let it = instance_type("s4").cpu("4").sold_out("z1", "on-demand", 1.0);
    let types = catalog([it.offering("z2", "on-demand", 1.0).build()]);
    let pod = apps("p", 1).remove(0).near(near(ZONE, &APP));
    let plan = plan(&cluster().with_pool(node_pool("p"), types).with_pods([pod]));
    assert_eq!(zone_of(&plan, "p0"), "z2");
}

// behaviour 02#276
#[test]
fn node_that_cannot_have_the_label_is_free() {
    let racked = |name: &str, rack: &str| state_node(name).label("rack", rack).capacity("cpu", "4");
    let owner = pod("owner").apart(near("rack", &[("app", "b")])).bound_to("n1").build();
    let selected = || pod("selected").label("app", "b").cpu("1");
    let one = cluster_of([selected()]).with_node(racked("n1", "r1").bind(owner));
    assert_eq!(place(&plan(&one), "selected"), "new 0");
    let two = one.with_node(racked("n2", "r2"));
    assert_eq!(place(&plan(&two), "selected"), "node/n2");
    let pending = pod("owner").cpu("1").apart(near("rack", &[("app", "b")]));
    assert_eq!(place(&plan(&cluster_of([pending])), "owner"), "new 0");
}

// behaviour 02#277
#[test]
fn zones_of_nodes_that_no_pool_offers_can_be_used() {
    let node = |name: &str, zone: &str| state_node(name).label(ZONE, zone).capacity("cpu", "4");
    let owner = pod("owner").apart(near(ZONE, &APP)).bound_to("na").build();
    let input = cluster_of(apps("p", 1))
        .with_node(node("na", "za").bind(owner))
        .with_node(node("nb", "zb"));
    assert_eq!(place(&plan(&input), "p0"), "node/nb");
}

// behaviour 02#278
#[test]
fn owner_that_is_ending_still_blocks_and_one_that_has_ended_does_not() {
    let zone_beside = |owner: PodBuilder| {
        let owner = owner.apart(near(ZONE, &APP)).bound_to("n");
        let owner = owner.build();
        let node = state_node("n").label(ZONE, "z1").bind(owner);
        zone_of(&plan(&cluster_of(apps("p", 1)).with_node(node)), "p0")
    };
    assert_eq!(zone_beside(pod("owner").terminating()), "z2,z3");
    let ended = pod("owner").apart(near(ZONE, &APP)).bound_to("n").phase(PodPhase::Succeeded);
    let node = state_node("n").label(ZONE, "z1").bind(ended.build());
    assert_eq!(zone_of(&plan(&cluster_of(apps("p", 1)).with_node(node)), "p0"), "");
}

#[test]
fn auditor_sees_pods_that_are_together_alone_or_crowded() {
    let finds = |pods: Vec<PodBuilder>, is_it: fn(&Violation) -> bool| {
        let input = cluster_of(pods);
        let mut plan = plan(&input);
        let moved = std::mem::take(&mut plan.claims[1].pods);
        plan.claims[0].pods.extend(moved);
        audit(&input, &plan).iter().any(|finding| is_it(&finding.violation))
    };
    let apart = apps("p", 2).into_iter().map(|pod| pod.apart(near(HOST, &APP)));
    assert!(finds(apart.collect(), |v| matches!(v, Violation::PodAntiAffinity(_))));
    let even = apps("p", 2).into_iter().map(|pod| pod.spread(spread(HOST, 1, &APP)));
    assert!(finds(even.collect(), |v| matches!(v, Violation::Spread(_))));
    let even = apps("p", 2).into_iter().map(|pod| pod.spread(spread(ZONE, 1, &APP)));
    assert!(finds(even.collect(), |v| matches!(v, Violation::Spread(_))));
    let [target, other] = [("target", "z1"), ("other", "z2")]
        .map(|(name, zone)| pod(name).cpu("2").label("app", name).zone(zone));
    let follower = pod("follower").cpu("1").near(near(ZONE, &[("app", "target")]));
    let input = cluster_of([target, other, follower]);
    let mut plan = plan(&input);
    let from = plan.claims.iter().position(|c| c.pods.len() == 2).unwrap();
    let alone = plan.claims[from].pods.pop().unwrap();
    plan.claims[1 - from].pods.push(alone);
    let findings = audit(&input, &plan);
    assert!(findings.iter().any(|finding| matches!(finding.violation, Violation::PodAffinity(_))));
}
