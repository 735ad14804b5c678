//! Devices: which bins have some for pods that claim them.

use std::sync::Arc;

use super::bins::{machine, place, plan};
use super::journal;
use super::topology_spread::by;
use crate::api::labels;
use crate::decide::scheduling::input::SchedulingInput;
use crate::model::instance_type::Catalog;
use crate::model::pod::UnsupportedConstraint;
use crate::testing::devices::{
    DRIVER, ask, ask_all, device, device_templates, resource_claim, slice,
};
use crate::testing::instance_types::catalog;
use crate::testing::node_pools::node_pool;
use crate::testing::nodes::state_node;
use crate::testing::pod_topology::spread;
use crate::testing::pods::{PodBuilder, expression, pod};
use crate::testing::scenario::cluster;
use crate::testing::volumes::{storage_class, volume_claim};

const ZONE: &str = labels::ZONE;

/// A machine without devices, one with a device and one with two.
fn gpus() -> Catalog {
    let with = |name: &str, n: usize| {
        let devices = (0..n).map(|at| device(&format!("gpu-{at}")));
        machine(name, "8").devices(device_templates(devices)).build()
    };
    catalog([machine("plain", "8").build(), with("one", 1), with("two", 2)])
}

/// A cluster where devices are planned for, of a class `gpu`, with one claim for each of `pods` of the same name.
fn claiming<'p>(pods: impl IntoIterator<Item = &'p str>) -> SchedulingInput {
    pods.into_iter().fold(devices(gpus()), |input, name| {
        input
            .with_resource_claim(resource_claim(name).request("r", ask("gpu", 1)))
            .with_pods([claimant(name)])
    })
}

fn devices(types: Catalog) -> SchedulingInput {
    cluster()
        .with_options(|options| options.ignore_dra_requests = false)
        .with_pool(node_pool("p"), types)
        .with_device_class("gpu", &format!("device.driver == '{DRIVER}'"))
}

/// A pod with the claim of its name.
fn claimant(name: &str) -> PodBuilder {
    pod(name).cpu("1").devices([name])
}

fn types(input: &SchedulingInput) -> Vec<String> {
    let plan = plan(input);
    plan.claims
        .iter()
        .map(|claim| {
            let mut names: Vec<&str> = claim.instance_types.iter().map(|it| it.as_str()).collect();
            names.sort_unstable();
            names.join(" ")
        })
        .collect()
}

// behaviour 02#221
#[test]
fn claims_of_devices_are_refused_unless_they_are_planned_for() {
    let input = claiming(["a"]).with_options(|options| options.ignore_dra_requests = true);
    let plan = plan(&input.with_pods([pod("b").cpu("1")]));
    assert_eq!(
        place(&plan, "a"),
        "pod has Dynamic Resource Allocation requirements that are not yet supported by Karpenter"
    );
    assert_eq!(place(&plan, "b"), "new 0");
}

// behaviour 02#222
#[test]
fn claim_that_is_missing_refuses_its_pod_and_others_go_on() {
    let input = claiming(["a"]).with_pods([
        pod("lost").cpu("1").devices(["gone"]),
        // What its status does not name is not needed.
        pod("free").cpu("1").unsupported(UnsupportedConstraint::ResourceClaim),
    ]);
    let plan = plan(&input);
    assert_eq!(place(&plan, "lost"), "resourceclaim \"default/gone\" not found");
    assert_eq!(place(&plan, "a"), "new 0");
    assert_eq!(place(&plan, "free"), "new 0");
    let free = pod("free").cpu("1").unsupported(UnsupportedConstraint::ResourceClaim);
    let alone = devices(gpus()).with_pods([free.clone()]);
    assert_eq!(place(&super::bins::plan(&alone), "free"), "new 0");
    let kept = SchedulingInput { virtual_pods: vec![free.build()], ..devices(gpus()) };
    let refusal = place(&super::bins::plan(&kept), "free");
    assert!(refusal.contains("Dynamic Resource Allocation"), "{refusal}");
}

// behaviour 02#223
#[test]
fn pods_fill_planned_nodes_as_far_as_their_devices_go() {
    let input = claiming(["a", "b", "c"]);
    assert_eq!(types(&input), ["two", "one two"]);
    let plan = plan(&input);
    let annotations = plan.claims[0].object().metadata.annotations.unwrap();
    assert_eq!(annotations[labels::REQUESTED_DRA_DRIVERS], DRIVER);
    let bare = devices(gpus()).with_pods([pod("x").cpu("1")]);
    let annotations = super::bins::plan(&bare).claims[0].object().metadata.annotations;
    assert!(!annotations.unwrap().contains_key(labels::REQUESTED_DRA_DRIVERS));
}

// behaviour 02#224
#[test]
fn pods_that_share_a_claim_share_a_planned_node() {
    let input = devices(gpus())
        .with_resource_claim(resource_claim("shared").request("r", ask("gpu", 1)))
        .with_pods(["a", "b"].map(|name| pod(name).cpu("3").devices(["shared"])))
        .with_pods([pod("big").cpu("7")]);
    let plan = plan(&input);
    assert_eq!(place(&plan, "big"), "new 0");
    assert_eq!((place(&plan, "a"), place(&plan, "b")), ("new 1".into(), "new 1".into()));
    let full = input.with_pods([pod("c").cpu("4").devices(["shared"])]);
    let plan = super::bins::plan(&full);
    let placed = ["a", "b", "c"].map(|name| place(&plan, name));
    let refused = placed.iter().filter(|place| place.contains("different in-flight NodeClaim"));
    assert_eq!(refused.count(), 1, "{placed:?}");
}

// behaviour 02#224
#[test]
fn claim_that_has_devices_decides_where_its_pods_go() {
    let has = |name: &str| resource_claim(name).has("fabric", "d").used_by("x");
    let input = devices(gpus())
        .with_resource_claim(has("z2").usable(ZONE, &["z2"]))
        .with_resource_claim(has("n1").usable_on("n1"))
        .with_node(state_node("n0").capacity("cpu", "8").label(ZONE, "z1").managed("p"))
        .with_node(state_node("n1").capacity("cpu", "8").label(ZONE, "z1").managed("p"))
        .with_pods([claimant("z2"), claimant("n1")]);
    let plan = plan(&input);
    assert_eq!(by(&plan, ZONE).into_iter().collect::<Vec<_>>(), [("z2".to_owned(), 1)]);
    assert_eq!(place(&plan, "n1"), "node/n1");
}

// behaviour 02#226
#[test]
fn planned_node_keeps_the_types_that_have_the_devices() {
    assert_eq!(types(&claiming(["a"])), ["one two"]);
    let none = claiming(["a"]).with_device_class("gpu", "device.driver == 'nobody'");
    assert_eq!(
        place(&plan(&none), "a"),
        "allocating dynamic resources, no instance type can satisfy the allocation (NodePool=p)"
    );
    let large = devices(gpus())
        .with_resource_claim(resource_claim("l").request("r", ask("gpu", 1)))
        .with_pods([pod("l").cpu("9").devices(["l"])]);
    let refusal = place(&plan(&large), "l");
    assert!(refusal.starts_with("no instance type has enough resources"), "{refusal}");
    let big = machine("big", "16").build();
    let apart = catalog(gpus().types.iter().cloned().chain([big]));
    let apart = SchedulingInput { pools: devices(apart).pools, ..large };
    assert_eq!(
        place(&plan(&apart), "l"),
        "no instance type satisfies both scheduling and dynamic resource requirements (NodePool=p)"
    );
}

// behaviour 02#226
#[test]
fn devices_of_types_a_node_gives_up_are_there_for_the_next_pod() {
    let fabric = slice("fabric").devices([device("far-0")]);
    let small = machine("small", "2").build();
    let templates = device_templates([device("own-0")]);
    let large = machine("large", "8").devices(templates).build();
    let input = devices(catalog([small, large]))
        .with_slice(fabric)
        .with_resource_claim(resource_claim("a").request("r", ask("gpu", 1)))
        .with_resource_claim(resource_claim("b").request("r", ask("gpu", 1)))
        .with_pods([pod("a").cpu("7").devices(["a"]), claimant("b")]);
    let plan = plan(&input);
    assert_eq!(place(&plan, "a"), "new 0");
    assert_ne!(place(&plan, "b"), "nowhere");
    assert_eq!(plan.unschedulable, vec![]);
}

// behaviour 02#225
#[test]
fn claim_that_is_not_understood_refuses_its_pod_with_the_reason() {
    let part = slice("part").pool("fabric", 2).devices([device("d")]);
    let input = devices(gpus())
        .with_slice(part)
        .with_resource_claim(resource_claim("all").request("r", ask_all("gpu")))
        .with_resource_claim(resource_claim("many").request("r", ask("gpu", 40)))
        .with_pods([claimant("all"), claimant("many"), pod("plain").cpu("1")]);
    let plan = plan(&input);
    assert_eq!(
        place(&plan, "all"),
        "allocating dynamic resources, resourceclaim \"default/all\", request \"r\": asks for all devices, but \
         resource pool gpu.example.com/fabric is incomplete (NodePool=p)"
    );
    let many = "resourceclaim \"default/many\", asks for more than 32 devices";
    assert_eq!(place(&plan, "many"), many);
    assert_eq!(place(&plan, "plain"), "new 0");
}

// behaviour 02#284
#[test]
fn search_that_takes_too_long_refuses_its_pod_only() {
    let parts = (0..60).map(|at| device(&format!("gpu-{at}")).text("part", &(at % 3).to_string()));
    let types = catalog([machine("m", "8").devices(device_templates(parts)).build()]);
    let hard =
        resource_claim("hard").request("r", ask("gpu", 21)).matching(&[], "gpu.example.com/part");
    let input = devices(types)
        .with_resource_claim(hard)
        .with_resource_claim(resource_claim("easy").request("r", ask("gpu", 1)))
        .with_pods([claimant("hard"), claimant("easy")]);
    let plan = plan(&input);
    assert_eq!(place(&plan, "hard"), "no combination of devices was found in 50000 steps");
    assert_eq!(place(&plan, "easy"), "new 0");
}

#[test]
fn existing_node_with_devices_comes_before_a_new_one() {
    let input = claiming(["a", "b"])
        .with_node(state_node("empty").capacity("cpu", "8").managed("p"))
        .with_node(state_node("gpu").capacity("cpu", "8").managed("p"))
        .with_slice(slice("gpu").of_node("gpu").devices([device("gpu-0")]));
    let plan = plan(&input);
    let mut places = [place(&plan, "a"), place(&plan, "b")];
    places.sort();
    assert_eq!(places, ["new 0", "node/gpu"]);
}

#[test]
fn node_that_is_starting_has_the_devices_its_type_promises() {
    let node = state_node("n").capacity("cpu", "8").label(labels::INSTANCE_TYPE, "one");
    let input = claiming(["a", "b"]).with_node(node.uninitialized("p"));
    let plan = plan(&input);
    let mut places = [place(&plan, "a"), place(&plan, "b")];
    places.sort();
    assert_eq!(places, ["new 0", "node/n"]);
}

#[test]
fn devices_within_reach_of_a_zone_come_before_the_choice_of_a_domain() {
    let far = slice("far").reachable(ZONE, &["z3"]).devices([device("d-0"), device("d-1")]);
    let spread_out =
        |name: &str| claimant(name).label("app", "x").spread(spread(ZONE, 2, &[("app", "x")]));
    let mut input = devices(catalog([machine("plain", "8").build()])).with_slice(far);
    for name in ["a", "b"] {
        input = input
            .with_resource_claim(resource_claim(name).request("r", ask("gpu", 1)))
            .with_pods([spread_out(name)]);
    }
    let plan = plan(&input);
    assert_eq!(by(&plan, ZONE).into_iter().collect::<Vec<_>>(), [("z3".to_owned(), 2)]);
}

#[test]
fn volumes_devices_and_preferences_have_to_agree_on_a_zone() {
    let far = slice("far").reachable(ZONE, &["z2"]).devices([device("d")]);
    let class = storage_class("ssd").topology(&[(ZONE, &["z1"])]).topology(&[(ZONE, &["z2"])]);
    let rather = [expression(ZONE, "In", ["z3"])];
    let input = devices(catalog([machine("plain", "8").build()]))
        .with_slice(far)
        .with_storage_class(class)
        .with_volume_claim(volume_claim("v").class("ssd"))
        .with_resource_claim(resource_claim("a").request("r", ask("gpu", 1)))
        .with_pods([claimant("a").claims("v").prefer(10, rather)]);
    let plan = plan(&input);
    assert_eq!(by(&plan, ZONE).into_iter().collect::<Vec<_>>(), [("z2".to_owned(), 1)]);
    assert_eq!(plan.report.relaxed.len(), 1);
}

#[test]
fn devices_of_pods_that_go_away_are_free() {
    let old = pod("old").cpu("1").devices(["mine"]).bound_to("gone").build();
    let held = resource_claim("mine").request("r", ask("gpu", 1)).has("fabric", "d").used_by("old");
    let mut input = devices(catalog([machine("plain", "8").build()]))
        .with_slice(slice("fabric").devices([device("d")]))
        .with_resource_claim(held)
        .with_leaving(state_node("gone").capacity("cpu", "8").managed("p").bind(old.clone()));
    input.reschedule = vec![old];
    assert_eq!(place(&plan(&input), "old"), "new 0");
}

#[test]
fn promises_of_devices_are_rolled_back() {
    let input = claiming(["a", "b", "c", "d"])
        .with_node(state_node("gpu").capacity("cpu", "8").managed("p"))
        .with_slice(slice("gpu").of_node("gpu").devices([device("gpu-0")]));
    for n_kept in 0..4 {
        journal::check(&input, n_kept).expect("it is what it was");
    }
}

#[test]
fn cost_optimized_packing_leaves_planned_nodes_with_devices_alone() {
    let plain = (0..12).map(|at| pod(&format!("plain-{at:02}")).cpu("3").memory("1Gi"));
    let input = claiming(["a", "b", "c"]).with_pods(plain).with_options(|options| {
        options.packing_policy = crate::options::PackingPolicy::CostOptimized;
    });
    let plan = plan(&input);
    assert_eq!(plan.unschedulable, vec![]);
    let with_driver = |claim: &&crate::decide::scheduling::plan::PlannedClaim| {
        let annotations = claim.object().metadata.annotations;
        annotations.is_some_and(|all| all.contains_key(labels::REQUESTED_DRA_DRIVERS))
    };
    let claimed: Vec<Arc<str>> = plan
        .claims
        .iter()
        .filter(with_driver)
        .flat_map(|claim| &claim.pods)
        .map(|pod| pod.name.clone())
        .filter(|name| name.len() == 1)
        .collect();
    assert_eq!(claimed.len(), 3);
}
