use std::collections::BTreeSet;

use kwok_provider::catalog::InstanceTypes;

use crate::versus::{catalog, cluster, ours};

#[test]
fn a_seed_makes_the_same_objects_every_time() {
    for seed in 0..20 {
        assert_eq!(cluster::objects(seed), cluster::objects(seed), "seed {seed}");
    }
}

#[test]
fn seeds_make_different_clusters() {
    let texts: BTreeSet<String> =
        (0..50).map(|seed| format!("{:?}", cluster::objects(seed))).collect();
    assert_eq!(texts.len(), 50);
}

#[test]
fn every_constraint_occurs_within_a_hundred_seeds() {
    let all: String = (0..100).map(|seed| format!("{:?}", cluster::objects(seed))).collect();
    for member in [
        "NodeClaim",
        "DaemonSet",
        "weight",
        "limits",
        "minValues",
        "NoSchedule",
        "PreferNoSchedule",
        "nodeSelector",
        "tolerations",
        "ScheduleAnyway",
        "minDomains",
        "nodeTaintsPolicy",
        "nodeAffinityPolicy",
        "podAffinityTerm",
        "podAntiAffinity",
        "nodeSelectorTerms",
        "preference",
        "hostPort",
        "nodeName",
        "NotIn",
        "DoesNotExist",
    ] {
        assert!(all.contains(&format!("\"{member}\"")), "{member}");
    }
}

#[test]
fn our_engine_reads_and_decides_every_generated_cluster_the_same_way_twice() {
    let types = InstanceTypes::from_rows(&catalog::rows()).unwrap();
    for seed in 0..40 {
        let objects = cluster::objects(seed);
        let first =
            ours::decide(&objects, &types).unwrap_or_else(|why| panic!("seed {seed}: {why}"));
        let waiting = objects
            .iter()
            .filter(|object| object["kind"] == "Pod" && object["spec"]["nodeName"].is_null());
        let placed: usize = first.claims.iter().map(|claim| claim.pods.len()).sum::<usize>()
            + first.placements.iter().map(|placed| placed.pods.len()).sum::<usize>();
        assert_eq!(placed + first.unschedulable.len(), waiting.count(), "seed {seed}");
        assert_eq!(first, ours::decide(&objects, &types).unwrap(), "seed {seed}");
    }
}

#[test]
fn prices_of_instance_types_all_differ() {
    let rows = catalog::rows();
    let prices: BTreeSet<String> =
        rows.iter().map(|row| format!("{:.4}", row.offerings[0].price)).collect();
    assert_eq!(prices.len(), rows.len());
}
