//! Devices that come with nodes.

use super::{Loop, PLANNED, text, types};
use crate::decide::devices::MAX_STEPS;
use crate::decide::devices::ledger::BinId;
use crate::decide::devices::problem::DeviceProblem;
use crate::decide::scheduling::input::SchedulingInput;
use crate::testing::devices::{ask, ask_all, device, device_templates, resource_claim};
use crate::testing::scenario::cluster;

fn one_gpu_each(n_claims: usize) -> SchedulingInput {
    let input = cluster().with_device_class("gpu", "device.driver == 'gpu.example.com'");
    (0..n_claims).fold(input, |input, at| {
        input.with_resource_claim(resource_claim(&format!("c{at}")).request("r", ask("gpu", 1)))
    })
}

// behaviour 02#223
#[test]
fn node_has_as_many_devices_as_its_type_promises() {
    let input = one_gpu_each(3);
    let types = types([device_templates([device("gpu-0"), device("gpu-1")])]);
    let mut devices = Loop::new(&input, &types);
    devices.promise(PLANNED, &["c0"]);
    devices.promise(PLANNED, &["c1"]);
    assert_eq!(devices.planned(PLANNED, &["c2"]), Err(DeviceProblem::NoInstanceType));
    assert_eq!(devices.promise(BinId::Claim(1), &["c2"]), [0]);
}

// behaviour 02#226
#[test]
fn types_without_enough_devices_are_given_up() {
    let input = one_gpu_each(3);
    let one = device_templates([device("gpu-0")]);
    let two = device_templates([device("gpu-0"), device("gpu-1")]);
    let types = types([one, two]);
    let mut devices = Loop::new(&input, &types);
    assert_eq!(devices.promise(PLANNED, &["c0"]), [0, 1]);
    assert_eq!(devices.promise(PLANNED, &["c1"]), [1]);
    let types = super::types([device_templates([])]);
    let left = text(Loop::new(&input, &types).planned(PLANNED, &["c2"]));
    assert_eq!(left, "no instance type can satisfy the allocation");
}

// behaviour 02#224
#[test]
fn pods_that_share_a_claim_go_to_the_same_planned_node() {
    let input = one_gpu_each(1);
    let types = types([device_templates([device("gpu-0")])]);
    let mut devices = Loop::new(&input, &types);
    devices.promise(PLANNED, &["c0"]);
    assert_eq!(devices.promise(PLANNED, &["c0"]), [0]);
    assert_eq!(
        text(devices.planned(BinId::Claim(1), &["c0"])),
        "claim is bound to a different in-flight NodeClaim (ResourceClaim=default/c0)"
    );
}

#[test]
fn first_of_several_alternatives_that_can_be_had_is_taken() {
    let choice = |name: &str| {
        let asks = vec![("large", ask("large", 1)), ("small", ask("small", 2))];
        resource_claim(name).first_available("r", asks)
    };
    let size = |size: &str| format!("device.attributes['gpu.example.com'].size == '{size}'");
    let input = cluster()
        .with_device_class("large", &size("large"))
        .with_device_class("small", &size("small"))
        .with_resource_claim(choice("c0"))
        .with_resource_claim(choice("c1"))
        .with_resource_claim(choice("c2"));
    let small = |name| device(name).text("size", "small");
    let all = [small("a"), device("b").text("size", "large"), small("c")];
    let types = types([device_templates(all)]);
    let mut devices = Loop::new(&input, &types);
    devices.promise(PLANNED, &["c0"]);
    devices.promise(PLANNED, &["c1"]);
    assert_eq!(devices.planned(PLANNED, &["c2"]), Err(DeviceProblem::NoInstanceType));
}

#[test]
fn claim_for_all_devices_needs_every_one_and_at_least_one() {
    let input = one_gpu_each(1)
        .with_device_class("none", "false")
        .with_resource_claim(resource_claim("every").request("r", ask_all("gpu")))
        .with_resource_claim(resource_claim("nothing").request("r", ask_all("none")));
    let types = types([device_templates([device("a"), device("b")])]);
    let mut devices = Loop::new(&input, &types);
    assert_eq!(devices.planned(PLANNED, &["nothing"]), Err(DeviceProblem::NoInstanceType));
    devices.promise(PLANNED, &["every"]);
    assert_eq!(devices.planned(PLANNED, &["c0"]), Err(DeviceProblem::NoInstanceType));
    devices.promise(BinId::Claim(1), &["c0"]);
}

// behaviour 02#225
#[test]
fn claim_for_more_devices_than_any_can_have_is_refused() {
    let input = one_gpu_each(0)
        .with_resource_claim(resource_claim("many").request("r", ask("gpu", 33)))
        .with_resource_claim(
            resource_claim("sum").request("a", ask("gpu", 20)).request("b", ask("gpu", 13)),
        );
    let types = types([device_templates((0..40).map(|at| device(&format!("gpu-{at}"))))]);
    let mut devices = Loop::new(&input, &types);
    for claim in ["many", "sum"] {
        let problem = text(devices.planned(PLANNED, &[claim]));
        let expected = format!("resourceclaim \"default/{claim}\", asks for more than 32 devices");
        assert_eq!(problem, expected);
    }
}

#[test]
fn tainted_device_is_for_those_who_tolerate_it() {
    let mut tolerant = ask("gpu", 1);
    tolerant.tolerations = vec![crate::model::taints::Toleration {
        key: "broken".into(),
        operator: crate::model::taints::TolerationOperator::Exists,
        value: "".into(),
        effect: None,
    }];
    let input = one_gpu_each(1).with_resource_claim(resource_claim("t").request("r", tolerant));
    let types = types([device_templates([device("gpu-0").tainted("broken")])]);
    let mut devices = Loop::new(&input, &types);
    assert_eq!(devices.planned(PLANNED, &["c0"]), Err(DeviceProblem::NoInstanceType));
    assert_eq!(devices.promise(PLANNED, &["t"]), [0]);
}

// behaviour 02#284
#[test]
fn search_without_end_is_given_up_after_a_count_of_steps() {
    let input = one_gpu_each(0).with_resource_claim(
        resource_claim("hard").request("r", ask("gpu", 21)).matching(&[], "gpu.example.com/parity"),
    );
    let odd = |at: usize| device(&format!("gpu-{at}")).text("parity", &format!("{}", at % 3));
    let types = types([device_templates((0..60).map(odd))]);
    let mut devices = Loop::new(&input, &types);
    assert_eq!(devices.planned(PLANNED, &["hard"]), Err(DeviceProblem::GaveUp(MAX_STEPS)));
}

#[test]
fn promises_can_be_taken_back() {
    let input = one_gpu_each(1);
    let types = types([device_templates([device("gpu-0")])]);
    let mut devices = Loop::new(&input, &types);
    let before = devices.allocator.ledger().clone();
    devices.promise(PLANNED, &["c0"]);
    assert_ne!(*devices.allocator.ledger(), before);
    devices.allocator.restore(before.clone());
    assert_eq!(*devices.allocator.ledger(), before);
    assert_eq!(devices.promise(BinId::Claim(7), &["c0"]), [0]);
}
