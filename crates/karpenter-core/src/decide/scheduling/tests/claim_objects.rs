//! What the object of a planned claim carries over from pool, pods and instance types.

use std::collections::{BTreeMap, BTreeSet};

use super::bins::{machine, plan, sizes};
use crate::decide::scheduling::input::SchedulingInput;
use crate::model::instance_type::{Catalog, Overlaid};
use crate::testing::instance_types::{catalog, instance_type};
use crate::testing::node_pools::{NodePoolBuilder, node_pool};
use crate::testing::pods::pod;
use crate::testing::scenario::cluster;

const TYPE: &str = "node.kubernetes.io/instance-type";
const CAPACITY_TYPE: &str = "karpenter.sh/capacity-type";

/// Labels, and requirements as `key Operator values` by key, of the claim made for one small pod.
fn claim_of(pool: NodePoolBuilder, catalog: Catalog) -> (BTreeMap<String, String>, Vec<String>) {
    claim_in(&cluster().with_pool(pool, catalog).with_pods([pod("x").cpu("1")]))
}

fn claim_in(input: &SchedulingInput) -> (BTreeMap<String, String>, Vec<String>) {
    let object = plan(input).claims.swap_remove(0).object;
    let entry = |entry: &crate::api::v1::requirement::NodeSelectorRequirementWithMinValues| {
        let values = entry.values.clone().unwrap_or_default().join(" ");
        format!("{} {} {values}", entry.key, entry.operator)
    };
    let requirements = object.spec.requirements.iter().map(entry).collect();
    (object.metadata.labels.unwrap(), requirements)
}

// behaviour 01#56
#[test]
fn a_claim_carries_labels_and_requirements_of_its_pool_but_no_promise_about_the_node() {
    let pool = node_pool("p").label("team", "a").require("custom", "In", ["x"]);
    let (labels, requirements) = claim_of(pool, sizes());
    let expected = [
        ("custom", "x"),
        ("karpenter.sh/nodepool", "p"),
        ("karpenter.test/testnodeclass", "default"),
        ("team", "a"),
    ];
    assert_eq!(labels, expected.map(|(key, value)| (key.to_owned(), value.to_owned())).into());
    for (key, value) in expected {
        let entry = format!("{key} In {value}");
        assert!(requirements.contains(&entry), "{entry} in {requirements:?}");
    }
    let keys: BTreeSet<&str> =
        requirements.iter().filter_map(|entry| entry.split(' ').next()).collect();
    for key in ["karpenter.sh/registered", "karpenter.sh/initialized", "kubernetes.io/hostname"] {
        assert!(!keys.contains(key), "{key}");
    }
}

// behaviour 01#57
#[test]
fn a_flexible_label_gets_a_value_and_an_absent_one_none() {
    let pool =
        node_pool("p").require("present", "Exists", []).require("absent", "DoesNotExist", []);
    let (labels, requirements) = claim_of(pool, sizes());
    assert_eq!(labels.get("present").map(String::as_str), Some("0"));
    assert_eq!(labels.get("absent"), None);
    assert!(requirements.contains(&"absent DoesNotExist ".to_owned()), "{requirements:?}");
}

// behaviour 01#58
#[test]
fn of_many_types_the_cheapest_are_listed_and_the_minimum_stays() {
    let types = (0..700).map(|n| {
        let price = f64::from(1000 - n);
        instance_type(&format!("t{n:03}")).cpu("4").offering("z1", "spot", price).build()
    });
    let pool = node_pool("p").require_min(50, TYPE, "Exists", []);
    let input = cluster().with_pool(pool, catalog(types)).with_pods([pod("x").cpu("1")]);
    let claim = plan(&input).claims.swap_remove(0);
    let entry = claim.object.spec.requirements.iter().find(|entry| entry.key == TYPE).unwrap();
    let expected: Vec<String> = (100..700).map(|n| format!("t{n:03}")).collect();
    assert_eq!((entry.values.as_ref(), entry.min_values), (Some(&expected), Some(50)));
}

// behaviour 01#59
#[test]
fn a_claim_asks_for_the_capacity_types_that_are_in_stock() {
    let only_spot = instance_type("t")
        .cpu("4")
        .offering("z1", "spot", 1.0)
        .sold_out("z1", "on-demand", 2.0)
        .build();
    let capacity_type = |catalog: Catalog| {
        let (_, requirements) = claim_of(node_pool("p"), catalog);
        requirements.into_iter().find(|entry| entry.starts_with(CAPACITY_TYPE))
    };
    let asked = |values: &str| Some(format!("{CAPACITY_TYPE} In {values}"));
    assert_eq!(capacity_type(catalog([only_spot])), asked("spot"));
    assert_eq!(capacity_type(catalog([machine("t", "4").build()])), asked("on-demand"));
}

// behaviour 02#242
#[test]
fn a_claim_says_when_overlays_changed_what_it_may_be() {
    let annotations = |price: bool, capacity: bool| {
        let mut it = (*machine("t", "4").build()).clone();
        it.overlaid = Overlaid { price, capacity };
        let input = cluster()
            .with_pool(node_pool("p"), catalog([it.into()]))
            .with_pods([pod("x").cpu("1")]);
        let object = plan(&input).claims.swap_remove(0).object;
        let annotations = object.metadata.annotations.unwrap();
        ["price", "capacity"]
            .map(|what| annotations.get(&format!("karpenter.sh/{what}-overlay-applied")).cloned())
    };
    let yes = || Some("true".to_owned());
    assert_eq!(annotations(false, false), [None, None]);
    assert_eq!(annotations(true, false), [yes(), None]);
    assert_eq!(annotations(false, true), [None, yes()]);
}
