//! How many nodes may go at once.

use super::*;
use crate::api::v1::budget::NodeCount;
use crate::decide::disruption::budgets::{Budgets, allowed};
use crate::model::node::ReadyState;
use crate::testing::cluster::{at, pool};

fn pool_with(budgets: &Value) -> crate::model::node_pool::NodePool {
    pool("default", json!({ "spec": { "disruption": { "budgets": budgets } } }))
}

fn allowed_for(budgets: &Value, reason: DisruptionReason, total: u32) -> (u32, usize) {
    let mut problems = BTreeSet::new();
    let allowed = allowed(&pool_with(budgets), reason, total, &mut problems);
    (allowed, problems.len())
}

// behaviour 03#80, 03#81, 03#82, 03#83, 03#84, 03#91, 03#102
#[test]
fn a_budget_is_a_number_or_a_percentage_rounded_up() {
    let cases = [
        ("30%", 10, (3, 0)),
        ("20%", 19, (4, 0)),
        ("10%", 1, (1, 0)),
        ("10%", 0, (0, 0)),
        ("0", 5, (0, 0)),
        ("1000a%", 10, (0, 1)),
    ];
    for (nodes, total, expected) in cases {
        let allowed = allowed_for(&json!([{ "nodes": nodes }]), DisruptionReason::Empty, total);
        assert_eq!(allowed, expected, "{nodes} of {total}");
    }
    let unlimited = allowed_for(&json!([]), DisruptionReason::Empty, 5);
    assert_eq!(unlimited, (NodeCount::UNLIMITED, 0));
}

// behaviour 03#89
#[test]
fn the_most_restrictive_budget_of_a_reason_counts() {
    let budgets = json!([
        { "nodes": "10" },
        { "nodes": "5", "reasons": ["Drifted"] },
        { "nodes": "4", "reasons": ["Empty"] },
    ]);
    let of = |reason| allowed_for(&budgets, reason, 100).0;
    assert_eq!(of(DisruptionReason::Empty), 4);
    assert_eq!(of(DisruptionReason::Drifted), 5);
    assert_eq!(of(DisruptionReason::Underutilized), 10);
}

// behaviour 03#90
#[test]
fn a_budget_nobody_can_follow_closes_the_whole_pool() {
    let budgets = json!([
        { "nodes": "10" },
        { "nodes": "many", "reasons": ["Empty"] },
    ]);
    assert_eq!(allowed_for(&budgets, DisruptionReason::Drifted, 100), (0, 1));
    let scheduled = json!([{ "nodes": "10", "schedule": "0 9 * * *", "duration": "8h" }]);
    assert_eq!(allowed_for(&scheduled, DisruptionReason::Empty, 100), (0, 1));
}

// behaviour 03#92
#[test]
fn a_budget_for_no_reason_restricts_nothing_and_is_reported() {
    let budgets = json!([{ "nodes": "0", "reasons": [] }]);
    let expected = (NodeCount::UNLIMITED, 1);
    assert_eq!(allowed_for(&budgets, DisruptionReason::Empty, 5), expected);
}

fn budget_use(world: &World) -> BudgetUse {
    let mut report = DisruptionReport::default();
    Budgets::of(&input(world, at(0)), DisruptionReason::Empty, &mut report);
    report.budgets[&("default".into(), DisruptionReason::Empty)]
}

fn with_pool() -> World {
    World::new(at(0)).pool(pool("default", json!({})))
}

// behaviour 03#85, 03#86
#[test]
fn only_initialized_nodes_of_ours_whose_instance_runs_count() {
    let starting = json!({ "metadata": { "labels": { "karpenter.sh/initialized": null } } });
    let ending = with_conditions(&[condition("InstanceTerminating", "True", at(0))]);
    let world = with_empty_nodes(with_pool(), &["a"])
        .node(node("starting", starting))
        .claim(claim("starting", json!({})))
        .node(node("ending", json!({})))
        .claim(claim("ending", ending))
        .node(node("foreign", json!({})));
    assert_eq!(budget_use(&world), BudgetUse { total: 1, allowed: 1, busy: 0 });
}

// behaviour 03#87, 03#88, 03#103
#[test]
fn nodes_that_are_not_ready_or_go_away_use_up_the_budget() {
    let world = (0..10).fold(with_pool(), |world, number| {
        let name = format!("n{number}");
        let mut node = node(&name, json!({}));
        let mut claim = quiet_claim(&name);
        match number {
            0 => node.ready = ReadyState::False,
            1..5 => node.ready = ReadyState::Unknown,
            _ => claim.deleted_at = Some(at(0)),
        }
        world.node(node).claim(claim)
    });
    assert_eq!(budget_use(&world), BudgetUse { total: 10, allowed: 10, busy: 10 });
    let mut report = DisruptionReport::default();
    let input = input(&world, at(0));
    let mut budgets = Budgets::of(&input, DisruptionReason::Empty, &mut report);
    assert!(!budgets.take(&"default".into()));
}

// behaviour 03#103
#[test]
fn nodes_of_waiting_commands_use_up_the_budget() {
    let world = with_empty_nodes(with_pool(), &["a", "b"]);
    let mut input = input(&world, at(0));
    input.reserved.insert("a".into());
    let mut report = DisruptionReport::default();
    let mut budgets = Budgets::of(&input, DisruptionReason::Empty, &mut report);
    assert!(budgets.take(&"default".into()));
    assert!(!budgets.take(&"default".into()));
}
