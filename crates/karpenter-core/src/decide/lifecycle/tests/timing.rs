use super::{decide, deleted};
use crate::decide::announcement::termination_mode;
use crate::decide::lifecycle::LifecycleStep;
use crate::decide::node_pool::registration_health::Failure;
use crate::model::node_class::Readiness;
use crate::observe::metrics::Sample;
use crate::testing::objects::{
    ClaimBuilder, World, at, bound_pod, node, node_claim, node_class, node_pool,
};

fn waiting() -> ClaimBuilder {
    node_claim("a").condition("Launched", "Unknown", "LaunchFailed", 0)
}

fn launched() -> ClaimBuilder {
    node_claim("a").launched("p-1", 10).condition("Registered", "Unknown", "NodeNotFound", 0)
}

fn is_deleted(claim: ClaimBuilder, seconds: i64) -> bool {
    let plan = decide(&World::new().claim(claim.build()), at(seconds));
    plan.steps.iter().any(|step| matches!(step, LifecycleStep::Delete(_)))
}

// behaviour 01#60
// behaviour 04#103
// behaviour 04#104
// behaviour 04#106
#[test]
fn deadlines_count_from_creation() {
    let minutes = |minutes: i64, seconds: i64| minutes * 60 + seconds;
    assert!(!is_deleted(waiting(), minutes(4, 59)));
    assert!(is_deleted(waiting(), minutes(5, 0)));
    assert!(!is_deleted(launched(), minutes(14, 59)));
    assert!(is_deleted(launched(), minutes(15, 0)));
    assert!(!is_deleted(launched().registered(20), minutes(1000, 0)));
}

// behaviour 04#104
#[test]
fn the_next_look_is_at_the_deadline() {
    let claim = super::stored(
        super::written(decide(&World::new().claim(launched().build()), at(60))).after,
    );
    let plan = decide(&World::new().claim(claim), at(60));
    assert!(plan.steps.is_empty());
    assert_eq!(plan.wake_at, Some(at(15 * 60)));
}

// behaviour 04#103
// behaviour 04#107
#[test]
fn a_claim_past_every_deadline_is_counted_once() {
    let deletion = deleted(decide(&World::new().claim(waiting().build()), at(20 * 60)));
    let [Sample::ClaimDisrupted(labels)] = &*deletion.announcement.samples else {
        panic!("one sample was expected");
    };
    assert_eq!(labels.reason, "launch_timeout");
}

// behaviour 04#105, 02#101
#[test]
fn a_reason_that_changes_does_not_extend_the_deadline() {
    use crate::cloud_provider::CloudProviderError;
    use crate::decide::lifecycle::launch::{Settled, settle};

    let claim = waiting().build();
    let error = CloudProviderError::Transient("another text".to_owned());
    let Settled::Write(write) = settle(&claim, &Err(error), at(290)) else {
        panic!("a write was expected");
    };
    let world = World::new().claim(super::stored(write.after));
    assert_eq!(deleted(decide(&world, at(300))).reason, "launch_timeout");
}

// behaviour 01#60
// behaviour 04#108
#[test]
fn the_pool_is_told_why_the_claim_failed() {
    let told = |claim: ClaimBuilder| {
        let world = World::new()
            .pool(node_pool("general").build())
            .class(node_class(1, Readiness::Ready))
            .claim(claim.owned_by("uid-general").build());
        deleted(decide(&world, at(3600))).outcome.and_then(|outcome| outcome.failure)
    };
    let failure = |reason: &str, message: &str| {
        Some(Failure { reason: reason.to_owned(), message: message.to_owned() })
    };
    assert_eq!(told(launched()), failure("RegistrationFailed", "Failed to register node"));
    let refused = node_claim("a").full_condition("Launched", "Unknown", "NoImage", "none", 0);
    assert_eq!(told(refused), failure("NoImage", "none"));
}

// behaviour 04#112
#[test]
fn the_termination_mode_follows_the_grace_period() {
    let mode = |claim: ClaimBuilder| termination_mode(&claim.build());
    assert_eq!(mode(node_claim("a")), "graceful");
    assert_eq!(mode(node_claim("a").set("/spec/terminationGracePeriod", "0s")), "forceful");
    assert_eq!(mode(node_claim("a").set("/spec/terminationGracePeriod", "10m")), "eventual");
}

fn old(name: &str) -> ClaimBuilder {
    let claim = node_claim(name).launched(&format!("p-{name}"), 1).registered(2).initialized(3);
    claim.set("/spec/expireAfter", "1h")
}

// behaviour 04#167
#[test]
fn a_claim_expires_at_its_age_and_its_pods_are_counted() {
    let world = World::new()
        .claim(old("a").build())
        .node(node("n1", "p-a").build())
        .pod(bound_pod("x", "n1", 5, &[]))
        .pod(bound_pod("y", "n1", 5, &[("/status/phase", "Succeeded".into())]));
    let early = decide(&world, at(3599));
    assert!(early.steps.is_empty());
    assert_eq!(early.wake_at, Some(at(3600)));

    let deletion = deleted(decide(&world, at(3600)));
    let [Sample::ClaimDisrupted(labels), Sample::PodsDisrupted(_, pods)] =
        &*deletion.announcement.samples
    else {
        panic!("two samples were expected");
    };
    assert_eq!((labels.reason, *pods), ("expired", 1));
}

// behaviour 04#167
#[test]
fn claims_expire_together_and_never_twice() {
    let world = (0..100).fold(World::new(), |world, i| world.claim(old(&format!("c{i}")).build()));
    assert_eq!(decide(&world, at(3600)).steps.len(), 100);

    let never = old("a").set("/spec/expireAfter", "Never");
    assert!(!is_deleted(never, 1_000_000));
    assert!(!is_deleted(old("a").deleting(10), 3600));
}
