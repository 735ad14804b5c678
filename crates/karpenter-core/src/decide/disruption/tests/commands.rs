//! Commands on their way from proposal to deletion.

use std::time::Duration;

use super::*;
use crate::decide::disruption::queue::{SETTLE, VALIDATION_DELAY, max_age};
use crate::decide::disruption::validate::validate;
use crate::model::taints::Taint;
use crate::state::{ClusterEvent, Intent};
use crate::testing::cluster::{at, pod, pool};

fn world(names: &[&str]) -> World {
    with_empty_nodes(World::new(at(0)).pool(pool("default", json!({}))), names)
}

fn command(world: &World) -> Command {
    let proposed = emptiness::propose(&input(world, at(0)), &mut DisruptionReport::default());
    proposed.into_iter().next().expect("a command")
}

/// What is left of the command proposed in `before`, and what that costs.
fn validated(before: &World, after: &World) -> (Result<Vec<String>, Stale>, usize) {
    let mut report = DisruptionReport::default();
    let result = validate(&command(before), &input(after, at(15)), &mut report);
    let n_failed = report.failed_validations.iter().map(|(_, n_nodes, _)| n_nodes).sum();
    (result.map(|command| taken(&[command])), n_failed)
}

// behaviour 03#127, 03#218
#[test]
fn nodes_that_got_pods_drop_out_unseen_unless_none_is_left() {
    let before = world(&["a", "b", "c"]);
    let after = world(&["a", "b", "c"]).pod(pod("p", "b", json!({})));
    assert_eq!(validated(&before, &after), (Ok(vec!["a".into(), "c".into()]), 0));

    let before = world(&["a", "b", "c"]);
    let all = ["a", "b", "c"].iter().fold(world(&["a", "b", "c"]), |world, name| {
        world.pod(pod(&format!("p-{name}"), name, json!({})))
    });
    assert_eq!(validated(&before, &all), (Err(Stale::Churn), 3));
}

// behaviour 03#217
#[test]
fn nominated_nodes_drop_out() {
    let before = world(&["a", "b"]);
    let until = at(60);
    let nominate =
        |name: &str| ClusterEvent::Intent(Intent::NominateNode { node: name.into(), until });
    let after = world(&["a", "b"]).with(nominate("a"));
    assert_eq!(validated(&before, &after), (Ok(vec!["b".into()]), 0));
    assert_eq!(validated(&before, &after.with(nominate("b"))), (Err(Stale::Churn), 2));
}

// behaviour 03#221
#[test]
fn a_budget_that_shrinks_takes_nodes_off_the_command() {
    let before = world(&["a", "b"]);
    let with = |nodes: &str| {
        let budgets = json!({ "spec": { "disruption": { "budgets": [{ "nodes": nodes }] } } });
        world(&["a", "b"]).pool(pool("default", budgets))
    };
    assert_eq!(validated(&before, &with("1")), (Ok(vec!["a".into()]), 1));
    assert_eq!(validated(&before, &with("0")), (Err(Stale::Budget), 2));
}

// behaviour 03#227
#[test]
fn the_age_limit_grows_with_the_number_of_claims() {
    let cases = [
        (100, 600),
        (4_000, 600),
        (10_000, 800),
        (40_000, 3_200),
        (80_000, 3_600),
        (100_000, 3_600),
    ];
    for (n_claims, seconds) in cases {
        assert_eq!(max_age(n_claims), Duration::from_secs(seconds));
    }
}

/// Kinds and claims of the steps of one pass.
fn pass(world: &World, queue: &mut Queue, now: Timestamp) -> (Vec<String>, DisruptionReport) {
    let (plan, report) = plan(input(world, now), queue);
    let steps = plan.steps.iter().map(|step| match step {
        DisruptionStep::Mark { claim, .. } => format!("mark {}", claim.name),
        DisruptionStep::Delete { claim, .. } => format!("delete {}", claim.name),
        DisruptionStep::Restore { claim, .. } => format!("restore {}", claim.name),
    });
    (steps.collect(), report)
}

/// The cluster after `name` has been marked.
fn marked(world: World, name: &str) -> World {
    let mut tainted = node(name, json!({}));
    tainted.taints.push(Taint::disrupted());
    let conditions = [
        condition("Consolidatable", "True", at(-60)),
        condition("DisruptionReason", "True", at(15)),
    ];
    world
        .node(tainted)
        .claim(claim(name, with_conditions(&conditions)))
        .with(ClusterEvent::Intent(Intent::MarkForDeletion(name.into())))
}

fn deleting(world: World, name: &str) -> World {
    let mut claim = quiet_claim(name);
    claim.deleted_at = Some(at(17));
    world.claim(claim)
}

/// A queue whose command is validated and waits for its nodes to be marked.
fn started(world: &World) -> Queue {
    let mut queue = Queue::default();
    assert!(pass(world, &mut queue, at(0)).0.is_empty(), "first it waits");
    assert_eq!(queue.next_due(), Some(at(0) + VALIDATION_DELAY));
    let (steps, report) = pass(world, &mut queue, at(15));
    assert!(steps.iter().all(|step| step.starts_with("mark ")), "{steps:?}");
    assert_eq!(report.started.len(), 1);
    queue
}

// behaviour 03#226, 03#61, 03#60
#[test]
fn a_command_waits_marks_settles_and_deletes() {
    let world = world(&["a"]);
    let mut queue = started(&world);
    let world = marked(world, "a");
    assert!(pass(&world, &mut queue, at(16)).0.is_empty(), "the taint is kept while it settles");
    assert_eq!(queue.next_due(), Some(at(16) + SETTLE));
    assert_eq!(pass(&world, &mut queue, at(17)).0, ["delete a"]);
    let world = deleting(world, "a");
    assert!(pass(&world, &mut queue, at(18)).0.is_empty());
    assert!(queue.reserved().is_empty());
}

#[test]
fn waiting_commands_reserve_their_nodes_and_others_go_on() {
    let first = world(&["a"]);
    let mut queue = Queue::default();
    pass(&first, &mut queue, at(0));
    let second = with_empty_nodes(first, &["b"]);
    pass(&second, &mut queue, at(5));
    let reserved: Vec<String> = queue.reserved().iter().map(ToString::to_string).collect();
    assert_eq!(reserved, ["a", "b"]);
    assert_eq!(pass(&second, &mut queue, at(15)).0, ["mark a"], "the second still waits");
}

// behaviour 03#229
#[test]
fn nodes_that_cannot_be_marked_are_dropped_and_the_others_go() {
    let both = world(&["a", "b", "c"]);
    let mut queue = started(&both);
    let two = marked(marked(both, "a"), "b");
    assert_eq!(pass(&two, &mut queue, at(20)).0, ["mark c"]);
    assert!(pass(&two, &mut queue, at(25)).0.is_empty());
    let steps = pass(&two, &mut queue, at(26)).0;
    assert_eq!(steps, ["delete a", "delete b"]);
}

// behaviour 03#236
#[test]
fn a_pod_bound_before_the_taint_gives_the_node_back() {
    let two = world(&["a", "b"]);
    let mut queue = started(&two);
    let two = marked(marked(two, "a"), "b");
    pass(&two, &mut queue, at(16));
    let two = two.pod(pod("late", "a", json!({})));
    let (steps, report) = pass(&two, &mut queue, at(17));
    assert_eq!(steps, ["delete b", "restore a"]);
    let lost = (DisruptionReason::Empty, 1, Stale::ChurnAfterTaint);
    assert_eq!(report.failed_validations, [lost]);
}

// behaviour 03#59, 03#234
#[test]
fn marks_of_a_forgotten_command_are_undone() {
    let world = marked(world(&["a"]), "a");
    assert_eq!(pass(&world, &mut Queue::default(), at(0)).0, ["restore a"]);
    let gone = deleting(world, "a");
    assert!(pass(&gone, &mut Queue::default(), at(0)).0.is_empty());
}

// behaviour 03#228
#[test]
fn a_command_that_gets_too_old_is_given_up_and_its_nodes_are_given_back() {
    let world = world(&["a"]);
    let mut queue = started(&world);
    let world = marked(world, "a");
    pass(&world, &mut queue, at(16));
    assert_eq!(pass(&world, &mut queue, at(600)).0, ["delete a"]);
    let (steps, report) = pass(&world, &mut queue, at(601));
    assert_eq!(steps, ["restore a"]);
    assert_eq!(report.given_up.len(), 1);
}

// behaviour 03#235
#[test]
fn success_at_the_last_moment_is_success() {
    let world = world(&["a"]);
    let mut queue = started(&world);
    let world = marked(world, "a");
    pass(&world, &mut queue, at(16));
    pass(&world, &mut queue, at(600));
    let (_, report) = pass(&deleting(world, "a"), &mut queue, at(601));
    assert!(report.given_up.is_empty());
}

// behaviour 03#232
#[test]
fn a_command_goes_on_when_its_first_node_disappears() {
    let two = world(&["a", "b"]);
    let mut queue = started(&two);
    let two =
        marked(two, "b").with(ClusterEvent::NodeClaim(crate::state::Change::Delete("a".into())));
    pass(&two, &mut queue, at(16));
    assert_eq!(pass(&two, &mut queue, at(17)).0, ["delete b"]);
}
