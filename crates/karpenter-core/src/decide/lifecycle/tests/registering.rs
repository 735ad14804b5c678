use std::time::Duration;

use super::{condition, decide, joining, only, stored, verdict, written};
use crate::api::labels;
use crate::api::v1::conditions::{INITIALIZED, READY, REGISTERED};
use crate::cloud_provider::RegistrationHook;
use crate::decide::lifecycle::LifecycleStep;
use crate::decide::lifecycle::register::{Pending, Registration, settle};
use crate::model::node::Node;
use crate::observe::events;
use crate::observe::metrics::Sample;
use crate::testing::objects::{
    ClaimBuilder, NodeBuilder, World, at, label_map, node, node_claim, node_class, node_pool,
};

const TAINT: &str = "dedicated";

fn launched() -> ClaimBuilder {
    node_claim("a").launched("p-1", 10)
}

fn register(claim: ClaimBuilder, node: NodeBuilder, hook: RegistrationHook) -> Registration {
    let world = World::new().claim(claim.build()).node(node.build());
    settle(&joining(decide(&world, at(60))), "test", Ok(hook), at(60))
}

fn registered(claim: ClaimBuilder, node: NodeBuilder) -> (Registration, Node) {
    let registration = register(claim, node, RegistrationHook::Done);
    let node = registration.write.node.clone().expect("the node changes").1;
    (registration, node)
}

fn taints(node: &Node) -> Vec<String> {
    node.taints.iter().map(ToString::to_string).collect()
}

// behaviour 04#79
#[test]
fn without_or_with_two_nodes_the_condition_says_so_and_heals() {
    let claim = launched().build();
    let none = written(decide(&World::new().claim(claim.clone()), at(60)));
    assert_eq!(verdict(&none.after, REGISTERED), "Unknown/NodeNotFound");
    assert_eq!(condition(&none.after, REGISTERED).message, "Node not registered with cluster");

    let one = World::new().claim(claim).node(node("n1", "p-1").build());
    let two = written(decide(&one.node(node("n2", "p-1").build()), at(60)));
    assert_eq!(verdict(&two.after, REGISTERED), "False/MultipleNodesFound");

    let healed = World::new().claim(stored(two.after)).node(node("n1", "p-1").build());
    assert!(matches!(only(decide(&healed, at(90))), LifecycleStep::Register(_)));
}

#[test]
fn a_registered_node_tells_why_its_claim_was_made() {
    let why = "For 1 pod(s): default/a. NodePool p";
    let claim = launched().annotation(labels::PROVISIONED_FOR, why);
    let (registration, node) = registered(claim, node("n1", "p-1").unregistered());
    let [event] = &*registration.write.announcement.events else {
        panic!("one event was expected")
    };
    assert_eq!((&*event.about.kind, &*event.about.name), ("Node", "n1"));
    assert_eq!((event.reason, &*event.message), (events::PROVISIONED, why));
    let kept = node.annotations.get(labels::PROVISIONED_FOR).map(AsRef::as_ref);
    assert_eq!(kept, Some(why), "the reason outlives its event");
}

// behaviour 04#80
#[test]
fn registration_frees_the_node_and_ties_it_to_the_claim() {
    let (registration, node) = registered(launched(), node("n1", "p-1").unregistered());
    assert!(taints(&node).is_empty());
    assert_eq!(node.label(labels::REGISTERED), Some("true"));
    assert!(node.has_finalizer(labels::TERMINATION_FINALIZER));
    let [owner] = &*node.owner_references else { panic!("one owner was expected") };
    assert_eq!((&*owner.kind, &*owner.uid), ("NodeClaim", "uid-a"));
    assert_eq!((owner.block_owner_deletion, owner.controller), (Some(true), None));

    let claim = stored(registration.write.after);
    assert!(claim.registered);
    assert_eq!(claim.node_name.as_ref().map(|name| name.as_str()), Some("n1"));
    assert!(registration.write.announcement.events.is_empty());
    assert!(matches!(&*registration.write.announcement.samples, [Sample::NodeCreated(_)]));
}

// behaviour 04#81
#[test]
fn a_node_without_the_taint_registers_with_a_warning_unless_it_has_the_label() {
    let (registration, _) = registered(launched(), node("n1", "p-1"));
    let events = &registration.write.announcement.events;
    assert_eq!(events[0].reason, events::UNREGISTERED_TAINT_MISSING);
    assert!(stored(registration.write.after).registered);

    let (again, _) = registered(launched(), node("n1", "p-1").label(labels::REGISTERED, "true"));
    assert!(again.write.announcement.events.is_empty());
}

fn tainted_claim() -> ClaimBuilder {
    launched()
        .set(
            "/spec/taints",
            serde_json::json!([
                { "key": TAINT, "value": "claim", "effect": "NoSchedule" },
            ]),
        )
        .set(
            "/spec/startupTaints",
            serde_json::json!([
                { "key": "cni", "effect": "NoSchedule" },
            ]),
        )
}

// behaviour 04#82
#[test]
fn taints_of_the_claim_are_added_and_those_of_the_node_kept() {
    let (_, fresh) = registered(tainted_claim(), node("n1", "p-1").unregistered());
    assert_eq!(taints(&fresh), ["dedicated=claim:NoSchedule", "cni:NoSchedule"]);

    let own = node("n1", "p-1").taint(TAINT, "node", "NoSchedule").unregistered();
    let (_, own) = registered(tainted_claim(), own);
    assert_eq!(taints(&own), ["dedicated=node:NoSchedule", "cni:NoSchedule"]);
}

// behaviour 04#83
#[test]
fn taints_are_not_synced_to_a_node_that_asks_for_it() {
    let opted_out = node("n1", "p-1").label(labels::DO_NOT_SYNC_TAINTS, "true").unregistered();
    let (_, node) = registered(tainted_claim(), opted_out);
    assert!(taints(&node).is_empty());
}

// behaviour 04#84
#[test]
fn a_startup_taint_removed_after_registration_does_not_come_back() {
    let claim = tainted_claim().registered(20).condition("Initialized", "Unknown", "X", 0);
    let node = node("n1", "p-1").label(labels::REGISTERED, "true");
    let write = written(decide(&World::new().claim(claim.build()).node(node.build()), at(60)));
    let (_, node) = write.node.expect("the node is initialized");
    assert!(taints(&node).is_empty());
}

// behaviour 04#85
#[test]
fn labels_and_annotations_of_the_claim_overwrite_those_of_the_node() {
    let claim = launched().label("team", "claim").annotation("note", "claim");
    let (_, node) = registered(claim, node("n1", "p-1").label("team", "node").label("own", "1"));
    assert_eq!((node.label("team"), node.label("own")), (Some("claim"), Some("1")));
    assert_eq!(node.annotations, label_map(&[("note", "claim")]));
}

// behaviour 04#86
#[test]
fn an_owner_reference_that_is_there_is_not_repeated() {
    let owner = serde_json::json!([{
        "apiVersion": "karpenter.sh/v1", "kind": "NodeClaim", "name": "a", "uid": "uid-a",
    }]);
    let owned = node("n1", "p-1").set("/metadata/ownerReferences", owner);
    let (_, node) = registered(launched(), owned);
    assert_eq!(node.owner_references.len(), 1);
}

// behaviour 04#88
#[test]
fn a_pending_hook_syncs_the_node_and_keeps_the_taint() {
    let wait = RegistrationHook::Wait(Duration::from_secs(2));
    let registration = register(launched(), node("n1", "p-1").unregistered(), wait);
    assert_eq!(registration.pending, Some(Pending::For(Duration::from_secs(2))));
    let after = &registration.write.after;
    assert_eq!(verdict(after, REGISTERED), "Unknown/RegistrationHookPending");
    assert_eq!(condition(after, REGISTERED).message, "test");
    let (_, node) = registration.write.node.expect("the node is synced");
    assert!(node.has_finalizer(labels::TERMINATION_FINALIZER));
    assert_eq!(taints(&node), ["karpenter.sh/unregistered:NoExecute"]);
    assert_eq!(node.label(labels::REGISTERED), None);
}

// behaviour 04#89
#[test]
fn a_failed_hook_keeps_the_registration_pending() {
    let world = World::new().claim(launched().build()).node(node("n1", "p-1").build());
    let registration = settle(&joining(decide(&world, at(60))), "test", Err(()), at(60));
    assert_eq!(registration.pending, Some(Pending::Failed));
    assert_eq!(verdict(&registration.write.after, REGISTERED), "Unknown/RegistrationHookPending");
}

// behaviour 04#91
// behaviour 04#110
#[test]
fn only_a_claim_that_its_pool_owns_tells_the_pools_health() {
    let outcome = |claim: ClaimBuilder| {
        let world = World::new()
            .pool(node_pool("general").build())
            .class(node_class(1, crate::model::node_class::Readiness::Ready))
            .claim(claim.build())
            .node(node("n1", "p-1").build());
        joining(decide(&world, at(60))).outcome
    };
    assert!(outcome(launched()).is_none());
    assert!(outcome(launched().owned_by("uid-of-an-older-pool")).is_none());
    assert!(outcome(launched().owned_by("uid-general")).is_some());
}

// behaviour 04#94
#[test]
fn initialization_waits_for_registration() {
    let write = written(decide(&World::new().claim(launched().build()), at(60)));
    assert_eq!(verdict(&write.after, INITIALIZED), "Unknown/AwaitingReconciliation");
}

fn starting() -> ClaimBuilder {
    tainted_claim().registered(20).requests("gpu", "1").requests("fpga", "0")
}

fn reason(node: NodeBuilder) -> String {
    let world = World::new().claim(starting().build()).node(node.build());
    verdict(&written(decide(&world, at(60))).after, INITIALIZED)
}

// behaviour 04#95
// behaviour 04#96
#[test]
fn the_first_thing_missing_is_the_reason() {
    let startup = |node: NodeBuilder| node.taint("cni", "", "NoSchedule");
    let ephemeral = |node: NodeBuilder| {
        node.taint("node.cloudprovider.kubernetes.io/uninitialized", "true", "NoSchedule")
    };
    let bare = || node("n1", "p-1");
    assert_eq!(reason(startup(ephemeral(bare().not_ready()))), "Unknown/NodeNotReady");
    assert_eq!(reason(startup(ephemeral(bare()))), "Unknown/StartupTaintsExist");
    assert_eq!(reason(ephemeral(bare())), "Unknown/KnownEphemeralTaintsExist");
    assert_eq!(reason(bare()), "Unknown/ResourceNotRegistered");
    let complete = bare().set("/status/allocatable/gpu", "1");
    assert_eq!(reason(complete), "True/Initialized", "a request of zero is no request");
}

// behaviour 04#95
#[test]
fn a_registered_claim_without_node_is_not_initialized() {
    let write = written(decide(&World::new().claim(starting().build()), at(60)));
    assert_eq!(verdict(&write.after, INITIALIZED), "Unknown/NodeNotFound");
}

// behaviour 04#97
#[test]
fn a_complete_node_is_initialized_and_the_claim_ready() {
    let claim = launched().registered(20);
    let world = World::new().claim(claim.build()).node(node("n1", "p-1").build());
    let write = written(decide(&world, at(60)));
    let (_, node) = write.node.expect("the node is labelled");
    assert_eq!(node.label(labels::INITIALIZED), Some("true"));
    assert_eq!(verdict(&write.after, INITIALIZED), "True/Initialized");
    assert_eq!(verdict(&write.after, READY), "True/Ready");
}

// behaviour 04#98
#[test]
fn an_initialized_claim_stays_so_when_a_startup_taint_comes_back() {
    let claim = tainted_claim().registered(20).initialized(30);
    let node = node("n1", "p-1").taint("cni", "", "NoSchedule");
    let plan = decide(&World::new().claim(claim.build()).node(node.build()), at(60));
    assert!(plan.steps.is_empty());
}
