//! Initialization waits for drivers to publish the devices that pods were promised.

use super::{condition, joining, verdict, written};
use crate::api::labels;
use crate::api::v1::conditions::INITIALIZED;
use crate::cloud_provider::RegistrationHook;
use crate::decide::lifecycle::memory::LaunchMemory;
use crate::decide::lifecycle::register::settle;
use crate::decide::lifecycle::{ClaimWrite, LifecycleInput, plan};
use crate::options::Options;
use crate::testing::devices::{SliceBuilder, slice};
use crate::testing::objects::{ClaimBuilder, World, at, node, node_claim};

fn waiting(drivers: &str) -> ClaimBuilder {
    node_claim("a").launched("p-1", 10).annotation(labels::REQUESTED_DRA_DRIVERS, drivers)
}

fn initialized(drivers: &str, slices: Vec<SliceBuilder>, is_ignored: bool) -> ClaimWrite {
    let node = node("n1", "p-1").build();
    let world = World::new().claim(waiting(drivers).registered(20).build()).node(node);
    let world = slices.into_iter().fold(world, |world, slice| world.slice(slice.build()));
    let options = Options { ignore_dra_requests: is_ignored, ..Options::default() };
    let (snapshot, launches) = (world.snapshot(), LaunchMemory::default());
    let input = LifecycleInput { snapshot: &snapshot, launches: &launches, options: &options };
    written(plan(&input, at(60)))
}

fn of(driver: &str, name: &str) -> SliceBuilder {
    slice(name).driver(driver).of_node("n1")
}

// behaviour 04#99
#[test]
fn drivers_without_a_complete_pool_of_the_node_are_named() {
    let write = initialized("a,b", vec![of("a", "a"), of("b", "b-0").pool("b", 2)], false);
    assert_eq!(verdict(&write.after, INITIALIZED), "Unknown/DRADriverPoolsNotPublished");
    assert_eq!(
        condition(&write.after, INITIALIZED).message,
        "DRA driver(s) \"b\" have not published all devices of the node"
    );
    let both = vec![of("a", "a"), of("b", "b-0").pool("b", 2), of("b", "b-1").pool("b", 2)];
    let write = initialized("a,b", both, false);
    assert_eq!(verdict(&write.after, INITIALIZED), "True/Initialized");
}

// behaviour 04#100
#[test]
fn pool_of_an_older_generation_is_not_complete() {
    let old = of("a", "a-0").pool("a", 1);
    let new = of("a", "a-1").pool("a", 2).generation(2);
    for slices in [vec![old.clone(), new.clone()], vec![new, old]] {
        let write = initialized("a", slices, false);
        assert_eq!(verdict(&write.after, INITIALIZED), "Unknown/DRADriverPoolsNotPublished");
    }
}

// behaviour 04#101
#[test]
fn slices_of_all_nodes_do_not_count_and_those_owned_by_the_node_do() {
    let everywhere = slice("a").driver("a");
    let write = initialized("a", vec![everywhere.clone()], false);
    assert_eq!(verdict(&write.after, INITIALIZED), "Unknown/DRADriverPoolsNotPublished");
    let write = initialized("a", vec![everywhere.owned_by("n1")], false);
    assert_eq!(verdict(&write.after, INITIALIZED), "True/Initialized");
}

// behaviour 04#102
#[test]
fn nobody_waits_for_drivers_that_are_ignored_or_not_named() {
    assert_eq!(verdict(&initialized("a", vec![], true).after, INITIALIZED), "True/Initialized");
    assert_eq!(verdict(&initialized(" , ", vec![], false).after, INITIALIZED), "True/Initialized");
}

#[test]
fn claim_that_waits_for_drivers_is_not_initialized_as_it_registers() {
    let registered = |drivers: &str| {
        let node = node("n1", "p-1").unregistered().build();
        let world = World::new().claim(waiting(drivers).build()).node(node);
        let pending = joining(super::decide(&world, at(60)));
        let registration = settle(&pending, "test", Ok(RegistrationHook::Done), at(60));
        verdict(&registration.write.after, INITIALIZED)
    };
    assert_eq!(registered(" "), "True/Initialized");
    assert_eq!(registered("a"), "Unknown/AwaitingReconciliation");
}
