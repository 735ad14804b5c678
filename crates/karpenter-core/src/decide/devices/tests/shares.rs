//! Devices that several claims have parts of.

use super::{Loop, PLANNED, types};
use crate::decide::devices::capacity::consumed;
use crate::decide::devices::ledger::BinId;
use crate::decide::devices::problem::DeviceProblem;
use crate::decide::scheduling::input::SchedulingInput;
use crate::model::device::{CapacityRange, RequestPolicy};
use crate::testing::devices::{ask, ask_capacity, device, device_templates, resource_claim, slice};
use crate::testing::quantity;
use crate::testing::scenario::cluster;

fn parts(amount: &str) -> SchedulingInput {
    let input = cluster().with_device_class("gpu", "true");
    ["a", "b", "c"].into_iter().fold(input, |input, name| {
        let ask = ask_capacity("gpu", "memory", amount);
        input.with_resource_claim(resource_claim(name).request("r", ask))
    })
}

#[test]
fn shareable_device_is_given_out_as_far_as_it_goes() {
    let shared = || device("gpu-0").capacity("memory", "80Gi").shareable();
    let input = parts("40Gi").with_slice(slice("pool").devices([shared()]));
    let mut devices = Loop::new(&input, &[]);
    devices.promise(PLANNED, &["a"]);
    devices.promise(BinId::Claim(1), &["b"]);
    assert_eq!(devices.planned(PLANNED, &["c"]), Err(DeviceProblem::NoInstanceType));
    let (input, types) = (parts("40Gi"), types([device_templates([shared()])]));
    let mut devices = Loop::new(&input, &types);
    devices.promise(PLANNED, &["a"]);
    devices.promise(PLANNED, &["b"]);
    assert_eq!(devices.planned(PLANNED, &["c"]), Err(DeviceProblem::NoInstanceType));
    devices.promise(BinId::Claim(1), &["c"]);
}

#[test]
fn cluster_is_charged_with_the_most_that_any_type_would_use() {
    let shared = device("gpu-0").capacity("memory", "80Gi").shareable();
    let input = parts("40Gi").with_slice(slice("pool").devices([shared]));
    let two = types([device_templates([]), device_templates([])]);
    let mut devices = Loop::new(&input, &two);
    assert_eq!(devices.promise(PLANNED, &["a"]), [0, 1]);
    // Both types use the same part, which counts once.
    assert_eq!(devices.promise(BinId::Claim(1), &["b"]), [0, 1]);
    assert_eq!(devices.planned(BinId::Claim(2), &["c"]), Err(DeviceProblem::NoInstanceType));
    devices.allocator.retain(PLANNED, |at| at == 1);
    assert_eq!(devices.planned(BinId::Claim(2), &["c"]), Err(DeviceProblem::NoInstanceType));
    devices.allocator.retain(PLANNED, |_| false);
    assert_eq!(devices.promise(BinId::Claim(2), &["c"]), [0, 1]);
}

#[test]
fn device_of_one_claim_must_have_the_amounts_asked_for() {
    let whole = |amount| device_templates([device("gpu-0").capacity("memory", amount)]);
    let (input, types) = (parts("40Gi"), types([whole("24Gi"), whole("80Gi")]));
    let mut devices = Loop::new(&input, &types);
    assert_eq!(devices.promise(PLANNED, &["a"]), [1]);
    let without =
        parts("40Gi").with_resource_claim(resource_claim("d").request("r", ask("gpu", 1)));
    let bare = super::types([device_templates([device("gpu-0")])]);
    let mut devices = Loop::new(&without, &bare);
    assert_eq!(devices.planned(PLANNED, &["a"]), Err(DeviceProblem::NoInstanceType));
    devices.promise(PLANNED, &["d"]);
}

#[test]
fn amounts_are_rounded_as_the_driver_says() {
    let range = |min, max: Option<&str>, step: Option<&str>| RequestPolicy {
        valid_range: Some(CapacityRange {
            min: quantity(min),
            max: max.map(quantity),
            step: step.map(quantity),
        }),
        ..RequestPolicy::default()
    };
    let values = RequestPolicy {
        default: Some(quantity("3")),
        valid_values: ["2", "4", "8"].map(quantity).to_vec(),
        valid_range: None,
    };
    let none = RequestPolicy::default();
    for (policy, asked, given) in [
        (&none, Some("3"), Some("3")),
        (&none, None, Some("10")),
        (&none, Some("11"), None),
        (&range("4", None, None), Some("1"), Some("4")),
        (&range("4", None, None), Some("5"), Some("5")),
        (&range("4", None, Some("3")), Some("5"), Some("7")),
        (&range("4", None, Some("3")), Some("7"), Some("7")),
        (&range("4", Some("8"), Some("3")), Some("8"), None),
        (&range("4", Some("6"), None), Some("7"), None),
        (&values, Some("3"), Some("3")),
        (&values, Some("5"), Some("8")),
        (&values, Some("9"), None),
        (&values, None, Some("3")),
    ] {
        let shared = device("d").capacity("memory", "10").shareable().policy(policy).build();
        let asked = asked.map(|amount| ("memory".into(), quantity(amount)));
        let found = consumed("gpu.example.com", &shared, &asked.clone().into_iter().collect());
        let found = found.map(|amounts| amounts["memory"]);
        assert_eq!(found, given.map(quantity), "{policy:?} {asked:?}");
    }
}
