//! Which step a node that is being deleted needs next.

use jiff::Timestamp;
use serde_json::json;

use super::*;
use crate::api::v1::conditions::ConditionStatus;
use crate::decide::termination::finalize::{NodeAction, NodeNotice, TerminationStep, plan};
use crate::model::ids::ObjectKey;
use crate::model::taints::{Taint, TaintEffect};
use crate::testing::cluster::{at_millis, attachment, pod};

fn action(world: &World, now: Timestamp) -> Option<NodeAction> {
    action_of(&input(world), now)
}

fn action_of(input: &TerminationInput, now: Timestamp) -> Option<NodeAction> {
    let actions = plan(input, now).steps.into_iter().filter_map(|step| match step {
        TerminationStep::Act(step) => Some(step.action),
        TerminationStep::Report { .. } => None,
    });
    let mut actions: Vec<NodeAction> = actions.collect();
    assert!(actions.len() <= 1, "one node needs at most one step: {actions:?}");
    actions.pop()
}

fn notices(world: &World, now: Timestamp) -> Vec<NodeNotice> {
    let notices = plan(&input(world), now).steps.into_iter().filter_map(|step| match step {
        TerminationStep::Act(_) => None,
        TerminationStep::Report { notices, .. } => Some(notices),
    });
    notices.flatten().collect()
}

/// Status, reason and message a step writes into one condition.
fn written(action: Option<NodeAction>, kind: &str) -> (ConditionStatus, String, String) {
    let Some(NodeAction::WriteClaim { after, .. }) = action else {
        panic!("expected conditions to be written, not {action:?}");
    };
    let condition = after.condition(kind).expect("the condition is there");
    (condition.status, condition.reason.clone(), condition.message.clone())
}

fn detached() -> Value {
    condition(conditions::VOLUMES_DETACHED, "True", at(0))
}

// behaviour 04#122, 03#252
#[test]
fn nodes_without_our_finalizer_or_class_label_or_deletion_are_left_alone() {
    let mut foreign = draining_node("foreign");
    Arc::make_mut(&mut foreign.labels).remove(NODE_CLASS_LABEL);
    let mut finished = draining_node("finished");
    finished.finalizers.clear();
    let world = World::new(at(1)).node(foreign).node(finished).node(node("staying", json!({})));
    assert!(plan(&input(&world), at(1)).steps.is_empty());
}

// behaviour 04#123, 03#250
#[test]
fn the_claim_is_deleted_before_anything_else() {
    let world = World::new(at(1)).node(node("a", deleting())).claim(claim("a", json!({})));
    assert!(matches!(action(&world, at(1)), Some(NodeAction::DeleteClaim)));
}

// behaviour 04#123, 03#255
#[test]
fn taint_and_balancer_label_are_written_together() {
    let world = World::new(at(1)).node(node("a", deleting())).claim(draining_claim("a", &[]));
    let Some(NodeAction::Taint(after)) = action(&world, at(1)) else {
        panic!("expected the taint to be written");
    };
    assert_eq!(after.taints, [Taint::disrupted()]);
    let label = after.label(labels::EXCLUDE_FROM_EXTERNAL_LOAD_BALANCERS);
    assert_eq!(label, Some("karpenter"));
}

// behaviour 04#124, 03#256
#[test]
fn a_taint_of_the_same_key_with_another_effect_is_replaced() {
    let mut tainted = node("a", deleting());
    tainted.taints = vec![
        Taint::new("other", "", TaintEffect::NoExecute),
        Taint::new(labels::DISRUPTED_TAINT, "", TaintEffect::NoExecute),
    ];
    let world = World::new(at(1)).node(tainted);
    let Some(NodeAction::Taint(after)) = action(&world, at(1)) else {
        panic!("expected the taint to be written");
    };
    let other = Taint::new("other", "", TaintEffect::NoExecute);
    assert_eq!(after.taints, [other, Taint::disrupted()]);
}

// behaviour 04#125, 03#253, 03#254
#[test]
fn the_cloud_is_asked_for_the_instance_only_while_the_kubelet_is_silent() {
    let asks = |ready: &str| {
        let conditions =
            json!({ "status": { "conditions": [{ "type": "Ready", "status": ready }] } });
        let mut silent = node("a", conditions);
        silent.deleted_at = Some(at(0));
        let world = World::new(at(1)).node(silent).pod(pod("p", "a", json!({})));
        let steps = plan(&input(&world), at(1)).steps;
        steps
            .iter()
            .any(|step| matches!(step, TerminationStep::Act(act) if act.asks_for_instance()))
    };
    assert!(asks("Unknown"));
    assert!(asks("False"));
    assert!(!asks("True"));
}

// behaviour 04#125
#[test]
fn a_silent_node_that_waits_for_pods_is_watched() {
    let mut silent = draining_node("a");
    silent.ready = crate::model::node::ReadyState::Unknown;
    let world = World::new(at(1)).node(silent).pod(pod("p", "a", json!({})));
    assert!(matches!(action(&world, at(1)), Some(NodeAction::Watch)));
}

// behaviour 04#127, 03#262
#[test]
fn an_empty_node_is_drained_five_seconds_after_its_drain_began() {
    let begin = World::new(at(0)).node(draining_node("a")).claim(draining_claim("a", &[]));
    let (status, reason, _) = written(action(&begin, at(0)), conditions::DRAINED);
    assert_eq!((status, reason.as_str()), (ConditionStatus::Unknown, "Draining"));

    let begun = draining_claim("a", &[draining_since_start()]);
    let world = World::new(at(0)).node(draining_node("a")).claim(begun);
    assert!(action(&world, at(4)).is_none());
    assert_eq!(plan(&input(&world), at(4)).wake_at, Some(at(5)));
    let end = action(&world, at(5));
    assert!(matches!(end, Some(NodeAction::WriteClaim { drained: true, .. })));
    assert_eq!(written(end, conditions::DRAINED).0, ConditionStatus::True);
}

// behaviour 04#127, 03#262
#[test]
fn a_node_counts_as_drained_once() {
    let drained = condition(conditions::DRAINED, "True", at(0));
    let world = World::new(at(9)).node(draining_node("a")).claim(draining_claim("a", &[drained]));
    let step = action(&world, at(9));
    assert!(matches!(step, Some(NodeAction::WriteClaim { drained: false, .. })), "{step:?}");
}

// behaviour 04#128, 03#251
#[test]
fn a_node_without_claim_is_drained_and_let_go_without_the_cloud() {
    let world = World::new(at(1)).node(draining_node("a")).pod(pod("p", "a", json!({})));
    assert!(action(&world, at(1)).is_none());
    let world = World::new(at(1)).node(draining_node("a"));
    assert!(matches!(action(&world, at(1)), Some(NodeAction::RemoveFinalizer)));
}

// behaviour 04#129, 03#251
#[test]
fn two_claims_of_one_instance_count_as_none() {
    let mut twin = claim("b", json!({}));
    twin.provider = Some("fake:///a".into());
    let world = World::new(at(1)).node(draining_node("a")).claim(claim("a", json!({}))).claim(twin);
    assert!(matches!(action(&world, at(1)), Some(NodeAction::RemoveFinalizer)));
}

// behaviour 04#130, 03#275
#[test]
fn attached_volumes_are_waited_for() {
    let drained = condition(conditions::DRAINED, "True", at(0));
    let waiting = World::new(at(9))
        .node(draining_node("a"))
        .claim(draining_claim("a", std::slice::from_ref(&drained)))
        .attachment(attachment("va", "a", Some("pv")));
    let (status, reason, _) = written(action(&waiting, at(9)), conditions::VOLUMES_DETACHED);
    assert_eq!((status, reason.as_str()), (ConditionStatus::Unknown, "AwaitingVolumeDetachment"));
    assert_eq!(notices(&waiting, at(9)), [NodeNotice::AwaitingVolumes("va".to_owned())]);

    let free = World::new(at(9)).node(draining_node("a")).claim(draining_claim("a", &[drained]));
    assert_eq!(
        written(action(&free, at(9)), conditions::VOLUMES_DETACHED).0,
        ConditionStatus::True
    );
}

// behaviour 04#131, 03#276
#[test]
fn volumes_of_pods_that_stay_and_attachments_without_volume_are_not_waited_for() {
    let staying = pod(
        "daemon",
        "a",
        json!({ "spec": {
        "tolerations": [{ "operator": "Exists" }],
        "volumes": [{ "name": "v", "persistentVolumeClaim": { "claimName": "c" } }],
    } }),
    );
    let drained = condition(conditions::DRAINED, "True", at(0));
    let world = World::new(at(9))
        .node(draining_node("a"))
        .claim(draining_claim("a", &[drained, detached()]))
        .pod(staying)
        .attachment(attachment("of-daemon", "a", Some("pv")))
        .attachment(attachment("elsewhere", "b", Some("pv-2")))
        .attachment(attachment("inline", "a", None));
    let mut input = input(&world);
    input.bound_volumes.insert(ObjectKey::new("default", "c"), "pv".into());
    assert!(matches!(action_of(&input, at(9)), Some(NodeAction::TerminateInstance)));
    input.bound_volumes.clear();
    assert!(matches!(action_of(&input, at(9)), Some(NodeAction::WriteClaim { .. })));
}

// behaviour 04#132, 03#277
#[test]
fn the_deadline_ends_the_wait_for_volumes() {
    let drained = condition(conditions::DRAINED, "True", at(0));
    let world = World::new(at(9))
        .node(draining_node("a"))
        .claim(ending_claim("a", &text(at(10)), &[drained]))
        .attachment(attachment("va", "a", Some("pv")));
    let (at_deadline, ..) = written(action(&world, at(10)), conditions::VOLUMES_DETACHED);
    assert_eq!(at_deadline, ConditionStatus::Unknown);
    let (past, reason, _) =
        written(action(&world, at_millis(10_001)), conditions::VOLUMES_DETACHED);
    assert_eq!((past, reason.as_str()), (ConditionStatus::False, "TerminationGracePeriodElapsed"));
}

// behaviour 04#133, 03#250
#[test]
fn the_instance_goes_when_pods_and_volumes_are_gone() {
    let drained = condition(conditions::DRAINED, "True", at(0));
    let world = World::new(at(9))
        .node(draining_node("a"))
        .claim(draining_claim("a", &[drained, detached()]));
    assert!(matches!(action(&world, at(9)), Some(NodeAction::TerminateInstance)));
}

// behaviour 04#135
#[test]
fn an_unreadable_deadline_counts_as_none_and_is_told() {
    let world = World::new(at(9))
        .node(draining_node("a"))
        .claim(ending_claim("a", "tomorrow", &[draining_since_start()]))
        .pod(pod("p", "a", json!({})));
    let told = notices(&world, at(100_000));
    assert!(told.contains(&NodeNotice::UnreadableDeadline("tomorrow".to_owned())));
    assert!(told.contains(&NodeNotice::Draining(1)));
}

#[test]
fn pods_left_a_minute_after_the_deadline_are_abandoned_and_named() {
    let world = World::new(at(9))
        .node(draining_node("a"))
        .claim(ending_claim("a", &text(at(100)), &[draining_since_start()]))
        .pod(pod("p", "a", json!({ "metadata": { "deletionTimestamp": text(at(150)) } })));
    assert!(notices(&world, at_millis(159_999)).contains(&NodeNotice::Draining(1)));
    let told = notices(&world, at(160));
    assert!(told.contains(&NodeNotice::Abandoned("default/p".to_owned())), "{told:?}");
    assert_eq!(written(action(&world, at(160)), conditions::DRAINED).0, ConditionStatus::False);
}

#[test]
fn the_condition_names_the_pods_that_hold_up_the_drain() {
    let protected = json!({ "metadata": { "annotations": { labels::DO_NOT_DISRUPT: "true" } } });
    let world = World::new(at(9))
        .node(draining_node("a"))
        .claim(draining_claim("a", &[]))
        .pod(pod("keeper", "a", protected))
        .pod(pod("p", "a", json!({})));
    let (_, _, message) = written(action(&world, at(9)), conditions::DRAINED);
    assert_eq!(message, "Draining, held up by default/keeper");
}

// behaviour 03#283
#[test]
fn every_node_of_many_gets_its_own_step() {
    let names: Vec<String> = (0..200).map(|number| format!("n{number:03}")).collect();
    let world = names.iter().fold(World::new(at(1)), |world, name| {
        world.node(node(name, deleting())).claim(draining_claim(name, &[]))
    });
    let mut objects: Vec<String> =
        plan(&input(&world), at(1)).steps.iter().map(crate::decide::plan::Step::object).collect();
    objects.dedup();
    assert_eq!(objects.len(), 200);
}
