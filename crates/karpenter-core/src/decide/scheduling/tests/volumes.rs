//! Volumes: which claims are planned for, and where their pods go.

use super::bins::{machine, place, plan, sizes};
use super::topology_spread::{by, fours};
use crate::api::labels;
use crate::decide::scheduling::input::SchedulingInput;
use crate::decide::scheduling::solve::{Solver, solve};
use crate::model::label_rules::LabelNormalization;
use crate::model::persistent_volume::VolumeSource;
use crate::model::storage_class::UnsupportedStorage;
use crate::testing::instance_types::catalog;
use crate::testing::node_pools::node_pool;
use crate::testing::nodes::state_node;
use crate::testing::pod_topology::{near, spread};
use crate::testing::pods::{PodBuilder, expression, pod};
use crate::testing::scenario::cluster;
use crate::testing::volumes::{
    StorageClassBuilder, VolumeBuilder, VolumeClaimBuilder, storage_class, volume, volume_claim,
};

const ZONE: &str = labels::ZONE;

/// A pod `p` with the claim `c`, and what the claim refers to.
fn one(claim: VolumeClaimBuilder) -> SchedulingInput {
    of_pod(pod("p").cpu("1").claims("c")).with_volume_claim(claim)
}

fn of_pod(pod: PodBuilder) -> SchedulingInput {
    cluster().with_pool(node_pool("p"), sizes()).with_pods([pod])
}

/// The zone of the node made for the only claim of the plan, or why there is none.
fn zone(input: &SchedulingInput) -> String {
    let plan = plan(input);
    let zones = by(&plan, ZONE);
    zones.into_keys().next().unwrap_or_else(|| place(&plan, "p"))
}

fn in_zones(class: StorageClassBuilder, zones: &[&str]) -> StorageClassBuilder {
    zones.iter().fold(class, |class, zone| class.topology(&[(ZONE, &[zone])]))
}

// behaviour 02#30
#[test]
fn pod_whose_claim_is_missing_is_refused_and_others_go_on() {
    let plan = plan(&of_pod(pod("p").claims("c")).with_pods([pod("q").cpu("1")]));
    assert_eq!(
        place(&plan, "p"),
        "getting persistent volume claim, persistentvolumeclaims \"c\" not found \
         (PersistentVolumeClaim=default/c)"
    );
    assert_eq!(place(&plan, "q"), "new 0");
}

// behaviour 02#31, behaviour 02#32, behaviour 02#33, behaviour 02#34
#[test]
fn claim_that_cannot_be_had_refuses_its_pod_with_the_reason() {
    let c = || volume_claim("c");
    let ssd = || storage_class("ssd");
    let cases: [(SchedulingInput, &str); 13] = [
        (one(c().class("ssd").terminating()), "persistentvolumeclaim is being deleted (Persist"),
        (
            one(c().bound("v").lost()),
            "persistentvolumeclaim bound to non-existent persistentvolume (PersistentVolume=v, ",
        ),
        (
            one(c().bound("v")),
            "failed to validate pvc, persistentvolumes \"v\" not found (PersistentVolume=v, ",
        ),
        (
            one(c().bound("v")).with_volume(volume("v").terminating()),
            "failed to validate pvc, persistentvolume is being deleted (PersistentVolume=v, ",
        ),
        (
            one(c().names("v")).with_volume(volume("v")),
            "pvc is considered unbound because it does not contain annotation (PersistentVolume=v, \
             PersistentVolumeClaim=default/c, annotation=pv.kubernetes.io/bind-completed)",
        ),
        (one(c().bound("v")).with_volume(volume("v")), "new 0"),
        (one(c()), "unbound pvc must define a storage class (PersistentVolumeClaim=default/c)"),
        (
            one(c().class("ssd")),
            "failed to validate pvc, failed to get storage class, storageclasses.storage.k8s.io \
             \"ssd\" not found (PersistentVolumeClaim=default/c, StorageClass=ssd)",
        ),
        (one(c().bound("v").class("gone")).with_volume(volume("v")), "new 0"),
        (
            one(c().class("ssd")).with_storage_class(ssd().immediate()),
            "failed to validate pvc, pvc with immediate volume binding mode must be bound (",
        ),
        (
            one(c().class("ssd")).with_storage_class(ssd().provisioner("bad.csi")),
            "failed to validate pvc, provisioner is not supported (PersistentVolumeClaim=default/c, \
             Provisioner=bad.csi, StorageClass=ssd)",
        ),
        (
            one(c().bound("v"))
                .with_volume(volume("v").source(VolumeSource::Csi("bad.csi".into()))),
            "failed to validate pvc, provisioner is not supported (",
        ),
        (
            one(c().class("ssd")).with_storage_class(ssd().topology(&[("bad/key", &["a"])])),
            "failed to validate pvc, storage class uses unsupported topology key (\
             PersistentVolumeClaim=default/c, StorageClass=ssd, TopologyKey=bad/key)",
        ),
    ];
    for (mut input, expected) in cases {
        input.unsupported_storage = UnsupportedStorage {
            provisioners: ["bad.csi".into()].into(),
            topology_keys: ["bad/key".into()].into(),
        }
        .into();
        let place = place(&plan(&input), "p");
        assert!(place.starts_with(expected), "{place}");
    }
}

#[test]
fn pod_that_asks_for_what_it_must_not_hears_of_that_first() {
    let input = of_pod(pod("p").select("karpenter.sh/nope", "x").claims("c"));
    let refusal = place(&solve(&input), "p");
    assert!(refusal.contains("karpenter.sh/nope"), "{refusal}");
}

// behaviour 02#35
#[test]
fn class_and_pod_agree_on_a_zone_or_the_pod_finds_no_place() {
    let with = |pod: PodBuilder| {
        of_pod(pod.cpu("1").claims("c"))
            .with_volume_claim(volume_claim("c").class("ssd"))
            .with_storage_class(storage_class("ssd").topology(&[(ZONE, &["z1", "z3"])]))
    };
    assert_eq!(zone(&with(pod("p").zone("z1"))), "z1");
    assert_eq!(zone(&with(pod("p"))), "z1,z3");
    assert_eq!(
        zone(&with(pod("p").zone("z2"))),
        "incompatible volume requirements, key topology.kubernetes.io/zone, \
         topology.kubernetes.io/zone In [z1 z3] not in topology.kubernetes.io/zone In [z2] \
         (NodePool=p)"
    );
}

// behaviour 02#36
#[test]
fn alternative_of_the_pod_is_given_up_and_the_volume_still_decides_the_zone() {
    let spot = expression(labels::CAPACITY_TYPE, "In", ["spot"]);
    let on_demand = expression(labels::CAPACITY_TYPE, "In", ["on-demand"]);
    let input = of_pod(pod("p").require([spot]).require([on_demand]).claims("c"));
    let input = input.with_volume_claim(volume_claim("c").bound("v"));
    let plan = plan(&input.with_volume(volume("v").zone("z3")));
    assert_eq!(plan.claims[0].requirements.get(ZONE).unwrap().values(), ["z3".into()]);
    assert_eq!(plan.report.relaxed.len(), 1);
}

/// Two pods that keep out of each other's zone, each with a claim of its own.
fn apart(class: Option<&str>) -> SchedulingInput {
    let app = [("app", "x")];
    let pods = ["a", "b"].map(|name| {
        pod(name).label("app", "x").cpu("1").apart(near(ZONE, &app)).claims(&format!("of-{name}"))
    });
    let claims = ["a", "b"].map(|name| volume_claim(&format!("of-{name}")));
    let claims = claims.map(|claim| match class {
        Some(class) => claim.class(class),
        None => claim,
    });
    let input = cluster().with_pool(node_pool("p"), fours()).with_pods(pods);
    claims.into_iter().fold(input, SchedulingInput::with_volume_claim)
}

// behaviour 02#37
#[test]
fn every_place_of_a_volume_is_tried_by_itself() {
    let mut input = apart(None);
    for name in ["a", "b"] {
        let (claim, disk) = (format!("of-{name}"), format!("disk-{name}"));
        input = input.with_volume_claim(volume_claim(&claim).bound(&disk));
        input = input.with_volume(volume(&disk).zone("z1").zone("z2"));
    }
    let plan = plan(&input);
    assert_eq!(by(&plan, ZONE), [("z1".to_owned(), 1), ("z2".to_owned(), 1)].into());
}

// behaviour 02#38
#[test]
fn every_place_of_a_class_is_tried_by_itself() {
    let class = in_zones(storage_class("ssd"), &["z1", "z2"]);
    let plan = plan(&apart(Some("ssd")).with_storage_class(class));
    assert_eq!(by(&plan, ZONE), [("z1".to_owned(), 1), ("z2".to_owned(), 1)].into());
}

// behaviour 02#39
#[test]
fn places_of_several_volumes_are_combined_where_they_agree() {
    let types = catalog([
        machine("small", "2").label("special", []).build(),
        machine("large", "16").label("special", ["optional"]).build(),
    ]);
    let a = storage_class("a").topology(&[("special", &["required"])]);
    let a = a.topology(&[("special", &["optional"])]);
    let b = storage_class("b").topology(&[(ZONE, &["z1"]), ("special", &["optional"])]);
    let b = b.topology(&[(ZONE, &["z2"]), ("special", &["required"])]);
    let input = cluster()
        .with_pool(node_pool("p"), types)
        .with_well_known(&["special"])
        .with_pods([pod("p").cpu("1").claims("of-a").claims("of-b")])
        .with_volume_claim(volume_claim("of-a").class("a"))
        .with_volume_claim(volume_claim("of-b").class("b"))
        .with_storage_class(a)
        .with_storage_class(b);
    let plan = plan(&input);
    assert_eq!(plan.claims[0].requirements.get(ZONE).unwrap().values(), ["z1".into()]);
    assert_eq!(*plan.claims[0].instance_types, ["large".into()]);
    let pods = vec![input.pods[0].clone()];
    let solver = Solver::of(&input, &pods).unwrap();
    let places = solver.classes.shapes[0].places.iter().map(|set| solver.world.get(*set));
    let places: Vec<String> = places.map(ToString::to_string).collect();
    assert_eq!(
        places,
        [
            "special In [required], topology.kubernetes.io/zone In [z2]",
            "special In [optional], topology.kubernetes.io/zone In [z1]",
        ]
    );
}

fn disjoint(pod: PodBuilder) -> SchedulingInput {
    of_pod(pod.claims("c").claims("d"))
        .with_volume_claim(volume_claim("c").bound("v"))
        .with_volume_claim(volume_claim("d").bound("w"))
        .with_volume(volume("v").zone("z1"))
        .with_volume(volume("w").zone("z2"))
}

// behaviour 02#40
#[test]
fn volumes_of_different_zones_leave_no_place() {
    let refusal = place(&plan(&disjoint(pod("p"))), "p");
    assert!(refusal.contains(", topology.kubernetes.io/zone DoesNotExist, "), "{refusal}");
    let bare = state_node("bare").capacity("cpu", "8");
    assert!(plan(&disjoint(pod("p")).with_node(bare)).placements.is_empty());
}

// behaviour 02#41
#[test]
fn local_volume_does_not_ask_for_the_host_it_is_on() {
    let with = |source: VolumeSource| {
        let volume = volume("v").source(source);
        let volume = volume.reached([expression(labels::HOSTNAME, "In", ["h"])]);
        one(volume_claim("c").bound("v")).with_volume(volume.zone("invalid"))
    };
    assert_eq!(place(&plan(&with(VolumeSource::OfOneNode)), "p"), "new 0");
    let disk = || with(VolumeSource::Csi("disk".into()));
    let refusal = place(&plan(&disk()), "p");
    assert!(refusal.starts_with("no instance type met the"), "{refusal}");
    let host = state_node("h").capacity("cpu", "2");
    assert_eq!(place(&plan(&disk().with_node(host)), "p"), "node/h");
}

// behaviour 02#42
#[test]
fn claim_of_an_ephemeral_volume_is_named_after_pod_and_volume() {
    let with = |claim: VolumeClaimBuilder| {
        of_pod(pod("p").cpu("1").ephemeral("scratch")).with_volume_claim(claim)
    };
    let own = || volume_claim("p-scratch").owned_by("p");
    let missing = place(&plan(&with(volume_claim("scratch"))), "p");
    assert!(missing.starts_with("getting persistent volume claim, "), "{missing}");
    let unbound = place(&plan(&with(own())), "p");
    assert!(unbound.starts_with("unbound pvc must define a storage class"), "{unbound}");
    let class = in_zones(storage_class("ssd"), &["z2"]);
    assert_eq!(zone(&with(own().class("ssd")).with_storage_class(class)), "z2");
    assert_eq!(zone(&with(own().bound("v")).with_volume(volume("v").zone("z3"))), "z3");
}

// behaviour 02#43
#[test]
fn ephemeral_volume_does_not_take_the_claim_of_somebody_else() {
    for claim in [volume_claim("p-scratch"), volume_claim("p-scratch").owned_by("other")] {
        let input = of_pod(pod("p").ephemeral("scratch")).with_volume_claim(claim.bound("v"));
        assert_eq!(
            place(&plan(&input.with_volume(volume("v"))), "p"),
            "persistentvolumeclaim was not created for the pod (PersistentVolume=v, \
             PersistentVolumeClaim=default/p-scratch)"
        );
    }
}

// behaviour 02#44
#[test]
fn zone_of_a_volume_does_not_change_which_domains_a_spread_counts() {
    let mut constraint = spread(ZONE, 1, &[("app", "x")]);
    constraint.min_domains = Some(3);
    let app = |name: &str| pod(name).label("app", "x").spread(constraint.clone());
    let pods = ["a", "b", "c"].map(|name| app(name).cpu("2"));
    let input = cluster()
        .with_pool(node_pool("p"), fours())
        .with_pods(pods)
        .with_pods([app("late").cpu("1").claims("c")])
        .with_volume_claim(volume_claim("c").bound("v"))
        .with_volume(volume("v").zone("z1"));
    let counts = by(&plan(&input), ZONE);
    assert_eq!(counts, [("z1", 2), ("z2", 1), ("z3", 1)].map(|(z, n)| (z.to_owned(), n)).into());
}

// behaviour 02#50
#[test]
fn pod_that_moves_is_not_planned_for_when_its_claim_cannot_be_looked_up() {
    let running = |claims: PodBuilder| claims.cpu("1").bound_to("old").build();
    let mut input = cluster().with_pool(node_pool("p"), sizes());
    input.reschedule = vec![running(pod("p").claims("c"))];
    assert_eq!(
        place(&plan(&input), "p"),
        "getting volume topology requirements, getting persistent volume claim, \
         persistentvolumeclaims \"c\" not found (PersistentVolumeClaim=default/c)"
    );
    input = input.with_volume_claim(volume_claim("c").bound("v").terminating());
    let gone = place(&plan(&input), "p");
    assert!(gone.starts_with("getting volume topology requirements, "), "{gone}");
    // A pod that runs is not validated.
    assert_eq!(place(&plan(&input.with_volume(volume("v").terminating())), "p"), "new 0");
}

#[test]
fn ephemeral_volume_of_a_pod_that_moves_is_made_anew_where_its_class_allows() {
    let mut input = cluster().with_pool(node_pool("p"), sizes());
    input.reschedule = vec![pod("p").cpu("1").ephemeral("s").bound_to("old").build()];
    let input = input
        .with_volume_claim(volume_claim("p-s").owned_by("p").bound("v").class("ssd"))
        .with_volume(volume("v").zone("z1"))
        .with_storage_class(in_zones(storage_class("ssd"), &["z2"]));
    assert_eq!(zone(&input), "z2");
}

// behaviour 01#165
#[test]
fn other_spelling_of_a_label_key_in_a_volume_means_the_zone() {
    let alias = "topology.diskplugin.csi.alibabacloud.com/zone";
    let reached = |volume: VolumeBuilder| volume.reached([expression(alias, "In", ["z2"])]);
    let mut input = one(volume_claim("c").bound("v")).with_volume(reached(volume("v")));
    input.normalization = LabelNormalization::core().with_key(alias, ZONE).into();
    assert_eq!(zone(&input), "z2");
    let class = storage_class("ssd").topology(&[(alias, &["z3"])]);
    let mut input = one(volume_claim("c").class("ssd")).with_storage_class(class);
    input.normalization = LabelNormalization::core().with_key(alias, ZONE).into();
    assert_eq!(zone(&input), "z3");
}

#[test]
fn node_in_another_zone_is_passed_over() {
    let node = |name: &str, zone: &str| state_node(name).capacity("cpu", "4").label(ZONE, zone);
    let input = one(volume_claim("c").bound("v")).with_volume(volume("v").zone("z2"));
    let input = input.with_node(node("a", "z1")).with_node(node("b", "z2"));
    assert_eq!(place(&plan(&input), "p"), "node/b");
}

#[test]
fn pods_with_claims_of_their_own_in_one_zone_share_a_class() {
    let mut input = cluster().with_pool(node_pool("p"), sizes());
    for at in 0..5 {
        let (claim, disk) = (format!("c{at}"), format!("v{at}"));
        input = input
            .with_pods([pod(&format!("p{at}")).cpu("1").claims(&claim)])
            .with_volume_claim(volume_claim(&claim).bound(&disk))
            .with_volume(volume(&disk).zone(if at < 3 { "z1" } else { "z2" }));
    }
    let input = input.with_pods([pod("plain").cpu("1")]);
    let pods = input.all_pods();
    let solver = Solver::of(&input, &pods).unwrap();
    let sizes: Vec<usize> = solver.classes.all.iter().map(|class| class.n_waiting).collect();
    assert_eq!(sizes, [3, 2, 1]);
}

// behaviour 02#267
#[test]
fn claims_of_a_pod_are_looked_up_once_however_many_nodes_are_tried() {
    let mut input = cluster().with_pool(node_pool("p"), sizes());
    for at in 0..500 {
        let name = format!("n{at}");
        input = input
            .with_node(state_node(&name).capacity("cpu", "1").label(ZONE, "z1"))
            .with_volume_limits(&name, &[("disk.test", 2)]);
    }
    input = input.with_pods([pod("p").cpu("1").claims("a").claims("b").claims("c")]);
    for name in ["a", "b", "c"] {
        let disk = format!("disk-{name}");
        input = input.with_volume_claim(volume_claim(name).bound(&disk));
        input = input.with_volume(volume(&disk).zone("z1"));
    }
    let plan = plan(&input);
    assert_eq!(place(&plan, "p"), "new 0");
    assert_eq!(plan.report.n_volume_lookups, 3);
}

// behaviour 02#233
#[test]
fn zone_of_a_volume_is_the_zone_a_pod_waits_for() {
    let zones = |input: &SchedulingInput| {
        let zones = plan(input).report.pending_by_zone;
        zones.into_iter().map(|(zone, n)| format!("{zone} {n}")).collect::<Vec<_>>().join(", ")
    };
    let disk = |zones: &[&str]| zones.iter().fold(volume("v"), |disk, zone| disk.zone(zone));
    let with = |pod: PodBuilder, at: &[&str]| {
        let input = of_pod(pod.cpu("1")).with_volume_claim(volume_claim("c").bound("v"));
        input.with_volume(disk(at))
    };
    let (plain, claiming) = (|| pod("p"), || pod("p").claims("c"));
    assert_eq!(zones(&with(plain(), &[])), "flexible 1");
    assert_eq!(zones(&with(plain(), &["z2"])), "flexible 1");
    assert_eq!(zones(&with(plain().zone("z3"), &[])), "z3 1");
    let prefers = plain().prefer(1, [expression(ZONE, "In", ["z1"])]);
    assert_eq!(zones(&with(prefers, &[])), "flexible 1");
    assert_eq!(zones(&with(claiming(), &["z2"])), "z2 1");
    assert_eq!(zones(&with(claiming(), &["z2", "z1"])), "flexible 1");
    assert_eq!(zones(&with(claiming().zone("z1"), &["z2"])), "none 1");
    let moving = with(plain().bound_to("n"), &[]);
    assert_eq!(zones(&moving), "");
}
