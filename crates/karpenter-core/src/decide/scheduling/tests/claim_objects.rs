//! What the object of a planned claim carries over from pool, pods and instance types.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

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
    let object = plan(input).claims.swap_remove(0).object();
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
    let object = claim.object();
    let entry = object.spec.requirements.iter().find(|entry| entry.key == TYPE).unwrap();
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

// behaviour 02#228
#[test]
fn object_says_where_it_comes_from_and_what_it_is_for() {
    let pool = node_pool("p")
        .require("one", "In", ["b", "a"])
        .require("any", "Exists", [])
        .require("not", "NotIn", ["0"])
        .require("more", "Gt", ["4"])
        .require("none", "DoesNotExist", [])
        .require(CAPACITY_TYPE, "In", ["on-demand"]);
    let daemon = |name: &str| pod(name).cpu("500m");
    let input = cluster()
        .with_pool(pool, sizes())
        .with_daemon_set(daemon("everywhere"))
        .with_daemon_set(daemon("on-one").select(TYPE, "s4"))
        .with_pods([pod("x").cpu("1"), pod("y").cpu("100m")]);
    let object = plan(&input).claims.swap_remove(0).object();

    let metadata = &object.metadata;
    assert_eq!(metadata.generate_name.as_deref(), Some("p-"));
    assert!(metadata.name.as_ref().unwrap().starts_with("p-"));
    let [owner] = &metadata.owner_references.as_ref().unwrap()[..] else { panic!("{metadata:?}") };
    assert_eq!((&*owner.api_version, &*owner.kind), ("karpenter.sh/v1", "NodePool"));
    assert_eq!((&*owner.name, &*owner.uid), ("p", "p-uid"));
    assert_eq!(owner.block_owner_deletion, Some(true));
    let class = &object.spec.node_class_ref;
    assert_eq!((&*class.group, &*class.kind), ("karpenter.test", "TestNodeClass"));
    assert_eq!(class.name, "default");

    let custom = [("any", "0"), ("more", "5"), ("not", "1"), ("one", "a")];
    let own = [("karpenter.sh/nodepool", "p"), ("karpenter.test/testnodeclass", "default")];
    let expected = custom.into_iter().chain(own);
    let expected = expected.map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
    assert_eq!(metadata.labels, Some(expected));
    // The pods and the DaemonSet that is on every type; not the one that is on some.
    let requests = object.spec.resources.unwrap().requests.unwrap();
    assert_eq!((&*requests["cpu"].0, &*requests["pods"].0), ("1600m", "3"));
}

// behaviour 02#229
#[test]
fn grace_period_is_that_of_the_pool_else_that_of_the_provider_else_none() {
    let period = |pool: NodePoolBuilder, default: Option<u64>| {
        let input = cluster().with_pool(pool, sizes()).with_pods([pod("x").cpu("1")]);
        let input = input.with_options(|options| {
            options.default_termination_grace_period = default.map(Duration::from_secs);
        });
        let spec = plan(&input).claims.swap_remove(0).object().spec;
        spec.termination_grace_period.map(|period| period.as_str().to_owned())
    };
    let own = || node_pool("p").termination_grace_period("90m");
    assert_eq!(period(own(), Some(60)).as_deref(), Some("90m"));
    assert_eq!(period(node_pool("p"), Some(60)).as_deref(), Some("1m0s"));
    assert_eq!(period(node_pool("p"), None), None);
}

// behaviour 02#230
#[test]
fn requirements_list_the_types_and_capacity_types_that_can_be_had_and_keep_minimums() {
    let sold_out = instance_type("spot-only")
        .cpu("4")
        .offering("z1", "spot", 0.5)
        .sold_out("z1", "on-demand", 2.0)
        .build();
    let zones = machine("big", "8").build();
    let pool = node_pool("p")
        .require("team", "In", ["a", "b"])
        .require_min(1, "topology.kubernetes.io/zone", "In", ["z1", "z2"])
        .require(CAPACITY_TYPE, "In", ["spot", "on-demand"]);
    let requirements = |catalog: Catalog, cpu: &str| {
        let input = cluster().with_pool(pool.clone(), catalog).with_pods([pod("x").cpu(cpu)]);
        plan(&input).claims.swap_remove(0).object().spec.requirements
    };
    let texts = |catalog: Catalog, cpu: &str| -> BTreeSet<String> {
        let entries = requirements(catalog, cpu).into_iter();
        let text = entries.map(|entry| {
            let values = entry.values.unwrap_or_default().join(" ");
            let min = entry.min_values.map(|n| format!(" min {n}")).unwrap_or_default();
            format!("{} {} {values}{min}", entry.key, entry.operator)
        });
        text.collect()
    };
    let both = || catalog([sold_out.clone(), zones.clone()]);
    let always = [
        "karpenter.sh/nodepool In p",
        "karpenter.test/testnodeclass In default",
        "team In a b",
        "topology.kubernetes.io/zone In z1 z2 min 1",
    ];
    let with = |more: [&str; 2]| -> BTreeSet<String> {
        always.into_iter().chain(more).map(str::to_owned).collect()
    };
    assert_eq!(
        texts(both(), "1"),
        with([
            "node.kubernetes.io/instance-type In big spot-only",
            "karpenter.sh/capacity-type In on-demand spot",
        ])
    );
    assert_eq!(
        texts(both(), "6"),
        with([
            "node.kubernetes.io/instance-type In big",
            "karpenter.sh/capacity-type In on-demand"
        ])
    );
    assert_eq!(
        texts(catalog([sold_out.clone()]), "1"),
        with([
            "node.kubernetes.io/instance-type In spot-only",
            "karpenter.sh/capacity-type In spot"
        ])
    );
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
        let object = plan(&input).claims.swap_remove(0).object();
        let annotations = object.metadata.annotations.unwrap();
        ["price", "capacity"]
            .map(|what| annotations.get(&format!("karpenter.sh/{what}-overlay-applied")).cloned())
    };
    let yes = || Some("true".to_owned());
    assert_eq!(annotations(false, false), [None, None]);
    assert_eq!(annotations(true, false), [yes(), None]);
    assert_eq!(annotations(false, true), [None, yes()]);
}
