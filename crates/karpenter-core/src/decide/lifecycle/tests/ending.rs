use std::sync::Arc;
use std::time::Duration;

use super::{decide, decide_with, only, stored, verdict, written};
use crate::api::labels;
use crate::api::v1::conditions::INSTANCE_TERMINATING;
use crate::cloud_provider::Termination;
use crate::decide::lifecycle::LifecycleStep;
use crate::decide::lifecycle::finalize::{has_finalizer, settle};
use crate::decide::lifecycle::memory::{Launch, LaunchMemory};
use crate::observe::events;
use crate::observe::metrics::Sample;
use crate::testing::objects::{ClaimBuilder, World, at, instance, node, node_claim};

fn ending() -> ClaimBuilder {
    node_claim("a").deleting(100)
}

fn ending_node() -> ClaimBuilder {
    ending().launched("p-1", 10).registered(20)
}

// behaviour 04#113
// behaviour 04#121
#[test]
fn a_claim_that_never_launched_is_released_at_once_and_foreign_finalizers_stay() {
    let finalizers = vec![labels::TERMINATION_FINALIZER, "other.example.com/x"];
    let claim = ending().set("/metadata/finalizers", finalizers).build();
    let mut launches = LaunchMemory::default();
    launches.insert(claim.uid.clone(), Launch::Absent);
    let write = written(decide_with(&World::new().claim(claim), &launches, at(110)));
    let left = write.after.metadata.finalizers.clone().expect("there is one");
    assert_eq!(left, ["other.example.com/x"]);

    let after = stored(write.after);
    assert!(!has_finalizer(&after));
    assert!(decide(&World::new().claim(after), at(110)).steps.is_empty());
}

// behaviour 04#114
#[test]
fn the_node_of_an_unregistered_claim_is_left_alone() {
    let claim = ending().launched("p-1", 10).build();
    let world = World::new().claim(claim).node(node("n1", "p-1").build());
    assert!(
        matches!(only(decide(&world, at(110))), LifecycleStep::Terminate(_, id) if id.as_str() == "p-1")
    );
}

// behaviour 04#115
// behaviour 04#116
#[test]
fn nodes_of_a_registered_claim_go_before_the_instance() {
    let claim = World::new().claim(ending_node().build());
    let two = claim.clone().node(node("n1", "p-1").build()).node(node("n2", "p-1").build());
    let LifecycleStep::DeleteNodes(_, nodes) = only(decide(&two, at(110))) else {
        panic!("nodes were to be deleted");
    };
    let names: Vec<&str> = nodes.iter().map(|node| node.name.as_str()).collect();
    assert_eq!(names, ["n1", "n2"]);

    let draining = claim.clone().node(node("n1", "p-1").deleting(110).build());
    assert!(decide(&draining, at(120)).steps.is_empty(), "the claim waits for its node");
    assert!(matches!(only(decide(&claim, at(130))), LifecycleStep::Terminate(..)));
}

// behaviour 04#117
#[test]
fn the_finalizer_goes_when_the_instance_is_gone() {
    let claim = ending_node().build();
    let check_after = Duration::from_secs(5);
    let write = settle(&claim, Termination::InProgress { check_after }, at(110)).expect("a write");
    assert_eq!(verdict(&write.after, INSTANCE_TERMINATING), "True/InstanceTerminating");

    let claim = stored(write.after);
    assert!(settle(&claim, Termination::InProgress { check_after }, at(115)).is_none());

    let write = settle(&claim, Termination::Gone, at(120)).expect("a write");
    assert!(write.after.metadata.finalizers.is_none());
    let [Sample::ClaimTerminated(_), claim_seconds, instance_seconds] =
        &*write.announcement.samples
    else {
        panic!("three samples were expected");
    };
    assert!(
        matches!(claim_seconds, Sample::ClaimTerminationSeconds(_, seconds) if *seconds == 20.0)
    );
    assert!(
        matches!(instance_seconds, Sample::InstanceTerminationSeconds(_, seconds) if *seconds == 10.0)
    );
}

// behaviour 04#119
#[test]
fn the_grace_period_becomes_a_deadline_once() {
    let claim = ending_node().set("/spec/terminationGracePeriod", "10m");
    let write = written(decide(&World::new().claim(claim.clone().build()), at(110)));
    let key = labels::NODECLAIM_TERMINATION_TIMESTAMP;
    let after = stored(write.after);
    assert_eq!(after.annotation(key), Some(&*at(700).to_string()));
    let event = &write.announcement.events[0];
    assert_eq!(event.reason, events::TERMINATION_GRACE_PERIOD_EXPIRING);

    let again = decide(&World::new().claim(after), at(120));
    assert!(matches!(only(again), LifecycleStep::Terminate(..)));
    let annotated = claim.annotation(key, "2000-01-01T00:00:00Z").build();
    assert!(matches!(
        only(decide(&World::new().claim(annotated), at(110))),
        LifecycleStep::Terminate(..)
    ));
}

// behaviour 04#120
#[test]
fn an_instance_that_the_claim_does_not_show_is_terminated_too() {
    let claim = ending().build();
    let mut launches = LaunchMemory::default();
    let world = World::new().claim(claim.clone());
    let step = only(decide_with(&world, &launches, at(110)));
    assert!(matches!(step, LifecycleStep::FindInstance(_)), "an earlier process may have launched");

    launches.insert(claim.uid.clone(), Launch::Uncertain);
    let step = only(decide_with(&world, &launches, at(110)));
    assert!(matches!(step, LifecycleStep::FindInstance(_)));

    launches.insert(claim.uid.clone(), Launch::Absent);
    let step = only(decide_with(&world, &launches, at(110)));
    assert!(matches!(step, LifecycleStep::Write(_)), "it ends at once");

    launches.insert(claim.uid.clone(), Launch::Launched(Arc::new(instance("p-9", "a"))));
    let step = only(decide_with(&world, &launches, at(110)));
    assert!(matches!(step, LifecycleStep::Terminate(_, id) if id.as_str() == "p-9"));
}
