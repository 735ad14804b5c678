use std::sync::Arc;

use super::{decide, decide_with, only, stored, verdict, written};
use crate::api::labels;
use crate::api::v1::conditions::{HasConditions, LAUNCHED, REGISTERED};
use crate::cloud_provider::CloudProviderError;
use crate::decide::lifecycle::LifecycleStep;
use crate::decide::lifecycle::launch::{Settled, is_uncertain, settle};
use crate::decide::lifecycle::memory::{Launch, LaunchMemory};
use crate::observe::events;
use crate::observe::metrics::Sample;
use crate::testing::objects::{World, at, class_label, instance, label_map, node_claim};

fn launch_error(error: CloudProviderError) -> Settled {
    settle(&node_claim("a").build(), &Err(error), at(30))
}

fn failed(error: CloudProviderError) -> crate::decide::lifecycle::ClaimWrite {
    match launch_error(error) {
        Settled::Write(write) => *write,
        Settled::GiveUp(deletion) => panic!("a write was expected, not {deletion:?}"),
    }
}

fn given_up(error: CloudProviderError) -> crate::decide::lifecycle::Deletion {
    match launch_error(error) {
        Settled::GiveUp(deletion) => *deletion,
        Settled::Write(write) => panic!("a deletion was expected, not {write:?}"),
    }
}

// behaviour 04#67
#[test]
fn the_finalizer_is_written_before_anything_is_launched() {
    let claim = node_claim("a").set("/metadata/finalizers", vec!["other.example.com/x"]).build();
    let write = written(decide(&World::new().claim(claim), at(0)));
    let finalizers = write.after.metadata.finalizers.as_ref().expect("there are some");
    assert_eq!(finalizers, &["other.example.com/x", labels::TERMINATION_FINALIZER]);

    let next = decide(&World::new().claim(stored(write.after)), at(0));
    assert!(matches!(only(next), LifecycleStep::Launch(_)));
}

// behaviour 04#67
#[test]
fn a_launched_instance_is_entered_into_the_claim() {
    let claim = node_claim("a").label("shared", "claim").annotation("shared", "claim").build();
    let mut launched = instance("p-1", "a");
    launched.labels = label_map(&[("shared", "cloud"), (labels::ZONE, "z1")]);
    launched.annotations = label_map(&[("shared", "cloud")]);
    let Settled::Write(write) = settle(&claim, &Ok(Arc::new(launched)), at(30)) else {
        panic!("a write was expected");
    };
    let claim = stored(write.after);
    assert_eq!(claim.label("shared"), Some("claim"), "the claim's labels win");
    assert_eq!(claim.label(labels::ZONE), Some("z1"));
    assert_eq!(claim.annotation("shared"), Some("cloud"), "the provider's annotations win");
    assert_eq!(claim.provider_id().map(|id| id.as_str()), Some("p-1"));
    assert_eq!(claim.object.status.as_ref().and_then(|s| s.image_id.as_deref()), Some("image-1"));
    assert_eq!(claim.capacity.to_string(), r#"{"cpu":"8"}"#);
    assert_eq!(claim.allocatable.to_string(), r#"{"cpu":"7"}"#);
    assert_eq!(verdict(&claim.object, LAUNCHED), "True/Launched");
    assert_eq!(verdict(&claim.object, REGISTERED), "Unknown/NodeNotFound");
}

// behaviour 04#71
#[test]
fn without_stock_the_claim_is_deleted_and_counted_and_an_event_says_so() {
    let deletion = given_up(CloudProviderError::InsufficientCapacity("no ecs.g7".to_owned()));
    let event = &deletion.announcement.events[0];
    assert_eq!(event.reason, events::INSUFFICIENT_CAPACITY);
    assert_eq!(event.message, "insufficient capacity, no ecs.g7");
    let [Sample::ClaimDisrupted(labels)] = &*deletion.announcement.samples else {
        panic!("one sample was expected");
    };
    assert_eq!((labels.reason, &*labels.nodepool), ("insufficient_capacity", "general"));
}

// behaviour 04#73, 02#101
#[test]
fn without_a_ready_node_class_the_claim_is_deleted_and_an_event_says_so() {
    let deletion = given_up(CloudProviderError::NodeClassNotReady("no vSwitch".to_owned()));
    assert_eq!(deletion.announcement.events[0].reason, events::NODE_CLASS_NOT_READY);
    assert_eq!(deletion.reason, "nodeclass_not_ready");
}

// behaviour 04#74, 02#101
#[test]
fn a_refused_launch_shows_the_providers_reason_and_keeps_its_transition_time() {
    let write = failed(CloudProviderError::Create {
        reason: "ImageNotFound".to_owned(),
        message: "no image matches".to_owned(),
    });
    assert_eq!(verdict(&write.after, LAUNCHED), "Unknown/ImageNotFound");
    let condition = super::condition(&write.after, LAUNCHED);
    assert_eq!(condition.message, "no image matches");
    assert_eq!(condition.last_transition_time.0, at(0));
}

#[test]
fn long_errors_are_cut_between_characters() {
    let message = |text: String| {
        let write = failed(CloudProviderError::Other(text));
        assert_eq!(verdict(&write.after, LAUNCHED), "Unknown/LaunchFailed");
        super::condition(&write.after, LAUNCHED).message.clone()
    };
    // behaviour 04#76
    assert_eq!(message("x".repeat(299)), "x".repeat(299));
    assert_eq!(message("x".repeat(300)), format!("{}...", "x".repeat(300)));
    // behaviour 04#75
    assert_eq!(message("x".repeat(1000)), format!("{}...", "x".repeat(300)));
    assert_eq!(message("€".repeat(400)), format!("{}...", "€".repeat(100)));
    assert_eq!(message(format!("xx{}", "€".repeat(400))), format!("xx{}...", "€".repeat(99)));
}

// behaviour 04#78
#[test]
fn a_new_generation_is_acknowledged_without_another_launch() {
    let claim = node_claim("a")
        .launched("p-1", 10)
        .condition("Registered", "Unknown", "NodeNotFound", 0)
        .set("/metadata/generation", 2)
        .build();
    let write = written(decide(&World::new().claim(claim), at(60)));
    let launched = super::condition(&write.after, LAUNCHED);
    assert_eq!(launched.observed_generation, Some(2));
    assert_eq!(launched.last_transition_time.0, at(10));
}

// behaviour 04#170
#[test]
fn the_label_of_the_node_class_is_restored() {
    let claim = node_claim("a").launched("p-1", 1).registered(2).initialized(3);
    let claim = claim.set("/metadata/labels", serde_json::json!({})).build();
    let write = written(decide(&World::new().claim(claim), at(60)));
    let labels = write.after.metadata.labels.as_ref().expect("labels");
    assert_eq!(labels.get(&class_label()).map(String::as_str), Some("default"));
}

#[test]
fn only_errors_that_may_hide_an_instance_leave_a_launch_uncertain() {
    let text = || "x".to_owned();
    assert!(is_uncertain(&CloudProviderError::Transient(text())));
    assert!(is_uncertain(&CloudProviderError::Other(text())));
    assert!(!is_uncertain(&CloudProviderError::InsufficientCapacity(text())));
    assert!(!is_uncertain(&CloudProviderError::Denied(text())));
}

#[test]
fn a_remembered_launch_is_written_even_past_the_deadline() {
    let claim = node_claim("a").condition("Launched", "Unknown", "AwaitingReconciliation", 0);
    let claim = claim.build();
    let mut launches = LaunchMemory::default();
    launches.insert(claim.uid.clone(), Launch::Launched(Arc::new(instance("p-1", "a"))));
    let plan = decide_with(&World::new().claim(claim), &launches, at(3600));
    assert!(matches!(only(plan), LifecycleStep::Launch(_)));
}

#[test]
fn a_settled_claim_needs_no_step() {
    let claim = node_claim("a").launched("p-1", 1).registered(2).initialized(3).build();
    assert!(claim.object.is_true("Ready"));
    let plan = decide(&World::new().claim(claim), at(60));
    assert!(plan.steps.is_empty() && plan.wake_at.is_none());
}
