//! Devices that the cluster uses.

use std::sync::Arc;

use super::{Loop, PLANNED};
use crate::decide::devices::allocated::{InUse, in_use};
use crate::decide::devices::problem::DeviceProblem;
use crate::model::device::DeviceId;
use crate::model::ids::Uid;
use crate::testing::devices::{DRIVER, ResourceClaimBuilder, ask, device, resource_claim, slice};
use crate::testing::quantity;
use crate::testing::scenario::cluster;

/// Whether the only device, which `holder` has, can be had while pod `leaving` goes away.
fn is_free(holder: ResourceClaimBuilder) -> bool {
    let input = cluster()
        .with_device_class("gpu", "true")
        .with_slice(slice("pool").devices([device("gpu-0")]))
        .with_resource_claim(holder.request("r", ask("gpu", 1)))
        .with_resource_claim(resource_claim("new").request("r", ask("gpu", 1)));
    let leaving = Uid::from("leaving");
    let mut devices = Loop::with(&input, &[], [], [&leaving]);
    match devices.planned(PLANNED, &["new"]) {
        Ok(_) => true,
        Err(DeviceProblem::NoInstanceType) => false,
        Err(other) => panic!("{other}"),
    }
}

// behaviour 04#205
#[test]
fn parts_that_claims_have_of_a_device_add_up_until_they_are_given_back() {
    let part = |name: &str, amount: &str, user: &str| {
        let mut claim = (*resource_claim(name).has("pool", "gpu-0").used_by(user).build()).clone();
        let given = &mut claim.allocation.as_mut().expect("it has one").devices[0];
        given.consumed = Some([("memory".into(), quantity(amount))].into());
        Arc::new(claim)
    };
    let claims = [part("a", "10Gi", "x"), part("b", "20Gi", "y"), part("c", "40Gi", "z")];
    let (id, leaving) = (DeviceId::new(DRIVER, "pool", "gpu-0"), Uid::from("z"));
    let found = in_use(&claims, &[&leaving].into());
    let InUse::Shared(sum) = &found[&id] else { panic!("the device is shared") };
    assert_eq!(sum["memory"], quantity("30Gi"));
    assert_eq!(in_use(&claims[2..], &[&leaving].into()), [].into());
}

// behaviour 04#205
#[test]
fn device_is_free_when_all_who_may_use_it_go_away() {
    let holder = || resource_claim("old");
    let held = || holder().has("pool", "gpu-0");
    assert!(is_free(holder()));
    assert!(!is_free(held()));
    assert!(is_free(held().used_by("leaving")));
    assert!(!is_free(held().used_by("leaving").used_by("staying")));
    assert!(!is_free(held().used_otherwise()));
    assert!(!is_free(held().used_by("leaving").used_otherwise()));
}

#[test]
fn claim_whose_pods_go_away_is_met_anew() {
    let held = resource_claim("old").has("gone", "gpu-9").used_by("leaving");
    let input = cluster()
        .with_device_class("gpu", "true")
        .with_slice(slice("pool").devices([device("gpu-0")]))
        .with_resource_claim(held.usable_on("n1").request("r", ask("gpu", 1)))
        .with_resource_claim(resource_claim("new").request("r", ask("gpu", 1)));
    let leaving = Uid::from("leaving");
    let mut devices = Loop::with(&input, &[], [], [&leaving]);
    devices.promise(PLANNED, &["old"]);
    assert_eq!(devices.planned(PLANNED, &["new"]), Err(DeviceProblem::NoInstanceType));
    let mut staying = Loop::new(&input, &[]);
    assert!(matches!(staying.planned(PLANNED, &["old"]), Err(DeviceProblem::LocalElsewhere(_))));
}
