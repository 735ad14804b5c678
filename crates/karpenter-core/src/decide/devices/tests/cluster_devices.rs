//! Devices that drivers publish.

use super::{Loop, PLANNED, text, types};
use crate::api::labels;
use crate::decide::devices::ledger::BinId;
use crate::decide::devices::problem::DeviceProblem;
use crate::decide::scheduling::input::SchedulingInput;
use crate::model::ids::NodeName;
use crate::model::requirement::Requirement;
use crate::model::requirements::Requirements;
use crate::testing::devices::{ask, ask_all, device, device_templates, resource_claim, slice};
use crate::testing::scenario::cluster;

fn fabric() -> SchedulingInput {
    cluster()
        .with_device_class("gpu", "true")
        .with_resource_claim(resource_claim("one").request("r", ask("gpu", 1)))
        .with_resource_claim(resource_claim("other").request("r", ask("gpu", 1)))
        .with_resource_claim(resource_claim("two").request("r", ask("gpu", 2)))
        .with_resource_claim(resource_claim("every").request("r", ask_all("gpu")))
}

fn zone(name: &str) -> Requirements {
    Requirements::from_iter([Requirement::in_values(labels::ZONE, [name])])
}

#[test]
fn node_is_bound_to_where_its_devices_can_be_reached() {
    let far = slice("far").reachable(labels::ZONE, &["z2"]).devices([device("gpu-0")]);
    let input = fabric().with_slice(far);
    let mut devices = Loop::new(&input, &[]);
    let allocation = devices.planned(PLANNED, &["one"]).expect("there is a device");
    assert_eq!(allocation.requirements, zone("z2"));
    let elsewhere = devices.at((PLANNED, None), &zone("z1"), &["one"]);
    assert_eq!(elsewhere, Err(DeviceProblem::NoInstanceType));
}

#[test]
fn device_is_promised_once_whoever_asks() {
    let input = fabric().with_slice(slice("pool").devices([device("gpu-0")]));
    let mut devices = Loop::new(&input, &[]);
    devices.promise(PLANNED, &["one"]);
    let second = devices.planned(BinId::Claim(1), &["other"]);
    assert_eq!(second, Err(DeviceProblem::NoInstanceType));
    devices.promise(BinId::Claim(1), &["one"]);
}

// behaviour 02#226
#[test]
fn devices_of_types_that_are_given_up_go_to_the_next_pod() {
    let input = fabric().with_slice(slice("pool").devices([device("gpu-0")]));
    let bare = types([device_templates([]), device_templates([device("gpu-9")])]);
    let mut devices = Loop::new(&input, &bare);
    let allocation = devices.planned(PLANNED, &["one"]).expect("there are devices");
    assert_eq!(allocation.types, [0, 1]);
    // Published devices come first, so both types would use the one of the cluster.
    devices.allocator.commit(PLANNED, &allocation, |_| true);
    assert_eq!(devices.planned(BinId::Claim(1), &["other"]).map(|a| a.types), Ok(vec![1]));
    devices.allocator.retain(PLANNED, |_| false);
    assert_eq!(devices.planned(BinId::Claim(1), &["other"]).map(|a| a.types), Ok(vec![0, 1]));
}

// behaviour 02#225
#[test]
fn all_devices_of_a_pool_that_is_not_complete_cannot_be_had() {
    let part = slice("part").pool("pool", 2).devices([device("gpu-0")]);
    let twice = slice("twice").devices([device("gpu-0"), device("gpu-0")]);
    for (slice, state) in [(part, "pool is incomplete"), (twice, "twice is invalid")] {
        let input = fabric().with_slice(slice);
        let mut devices = Loop::new(&input, &[]);
        assert_eq!(
            text(devices.planned(PLANNED, &["every"])),
            format!(
                "resourceclaim \"default/every\", request \"r\": asks for all devices, but resource pool \
                 gpu.example.com/{state}"
            )
        );
        let one = devices.planned(PLANNED, &["one"]);
        assert_eq!(one, Err(DeviceProblem::NoInstanceType), "{state}");
    }
}

#[test]
fn slices_of_an_old_generation_do_not_count() {
    let old = slice("a").pool("pool", 2).devices([device("gpu-0"), device("gpu-1")]);
    let new = slice("b").pool("pool", 1).generation(2).devices([device("gpu-0")]);
    let input = fabric().with_slice(old).with_slice(new);
    let mut devices = Loop::new(&input, &[]);
    assert_eq!(devices.planned(PLANNED, &["two"]), Err(DeviceProblem::NoInstanceType));
    devices.promise(PLANNED, &["one"]);
}

#[test]
fn devices_of_a_node_are_for_its_pods_once_it_is_initialized() {
    let (own, other) = (NodeName::from("own"), NodeName::from("other"));
    let input = fabric().with_slice(slice("local").of_node("own").devices([device("gpu-0")]));
    let anywhere = Requirements::new();
    let (first, second) = ((BinId::Node(0), Some(&own)), (BinId::Node(1), Some(&other)));
    let mut waiting = Loop::new(&input, &[]);
    assert_eq!(waiting.at(first, &anywhere, &["one"]), Err(DeviceProblem::NotOnNode));
    let mut devices = Loop::with(&input, &[], [&own, &other], []);
    assert_eq!(devices.at(second, &anywhere, &["one"]), Err(DeviceProblem::NotOnNode));
    assert_eq!(devices.planned(PLANNED, &["one"]), Err(DeviceProblem::NoInstanceType));
    let found = devices.at(first, &anywhere, &["one"]).expect("there is a device");
    devices.allocator.commit(first.0, &found, |_| true);
    let shared = devices.at(second, &anywhere, &["one"]);
    assert!(text(shared).starts_with("claim is bound to a different"));
}

#[test]
fn devices_cut_from_one_share_what_it_has() {
    let half = |name| device(name).consumes("card", "memory", "40Gi");
    let cut = slice("card").counters("card", &[("memory", "80Gi")]).devices([
        half("half-0"),
        half("half-1"),
        half("half-2"),
        device("whole").consumes("card", "memory", "80Gi"),
    ]);
    let input = fabric().with_slice(cut);
    let mut devices = Loop::new(&input, &[]);
    devices.promise(PLANNED, &["one"]);
    assert_eq!(devices.planned(PLANNED, &["two"]), Err(DeviceProblem::NoInstanceType));
    devices.promise(BinId::Claim(1), &["other"]);
    let input = fabric().with_slice(slice("bad").devices([half("half-0")]));
    let unknown = Loop::new(&input, &[]).planned(PLANNED, &["one"]);
    assert_eq!(unknown, Err(DeviceProblem::NoInstanceType));
}

// behaviour 02#224
#[test]
fn claim_that_has_devices_binds_its_pods_to_where_they_can_be_used() {
    let input = fabric()
        .with_resource_claim(resource_claim("z2").has("p", "d").usable(labels::ZONE, &["z2"]))
        .with_resource_claim(resource_claim("n1").has("p", "e").usable_on("n1"));
    let mut devices = Loop::new(&input, &[]);
    let allocation = devices.planned(PLANNED, &["z2"]).expect("the devices are there");
    assert_eq!(allocation.requirements, zone("z2"));
    let elsewhere = text(devices.at((PLANNED, None), &zone("z1"), &["z2"]));
    assert!(elsewhere.starts_with("devices of resourceclaim \"default/z2\" cannot be reached, "));
    assert_eq!(
        text(devices.planned(PLANNED, &["n1"])),
        "devices of resourceclaim \"default/n1\" are local to another node"
    );
    let node = NodeName::from("n1");
    let here = devices.at((BinId::Node(0), Some(&node)), &Requirements::new(), &["n1"]);
    assert!(here.is_ok(), "{here:?}");
}
