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
    let allowed = allowed(&pool_with(budgets), reason, total, at(0), &mut problems);
    (allowed, problems.len())
}

/// What a budget of no nodes allows at `when`; `None` when it closes the pool because nobody can follow it.
fn scheduled(schedule: &str, duration: &str, when: &str) -> Option<u32> {
    let budgets = json!([{ "nodes": "0", "schedule": schedule, "duration": duration }]);
    let when = when.parse().expect("tests write times correctly");
    let mut problems = BTreeSet::new();
    let pool = pool_with(&budgets);
    let allowed = allowed(&pool, DisruptionReason::Empty, 10, when, &mut problems);
    problems.is_empty().then_some(allowed)
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
    let bad_cron = json!([
        { "nodes": "10" },
        { "nodes": "5", "reasons": ["Empty"], "schedule": "a b c d e", "duration": "8h" },
    ]);
    assert_eq!(allowed_for(&bad_cron, DisruptionReason::Drifted, 100), (0, 1));
}

// behaviour 03#93, 03#94, 03#95, 03#96, 03#97
#[test]
fn a_scheduled_budget_restricts_inside_its_windows_only() {
    const RESTRICTED: Option<u32> = Some(0);
    const FREE: Option<u32> = Some(NodeCount::UNLIMITED);
    for (schedule, duration, when, expected) in [
        ("0 9 * * mon-fri", "8h", "2026-01-05T09:00:00Z", RESTRICTED),
        ("0 9 * * mon-fri", "8h", "2026-01-05T16:59:59Z", RESTRICTED),
        ("0 9 * * mon-fri", "8h", "2026-01-05T17:00:00Z", FREE),
        ("@daily", "30m", "2026-01-05T00:00:00+01:00", FREE),
        ("@daily", "48h", "2026-01-05T13:00:00Z", RESTRICTED),
        ("@yearly", "24h", "2026-01-01T12:00:00Z", RESTRICTED),
        ("@yearly", "24h", "2026-06-01T12:00:00Z", FREE),
        ("30 6 * * SUN", "6h", "2026-01-04T00:00:00Z", FREE),
    ] {
        assert_eq!(scheduled(schedule, duration, when), expected, "{schedule} at {when}");
    }
}

// behaviour 03#98, 03#101
#[test]
fn a_schedule_nobody_can_read_closes_the_pool() {
    for schedule in ["0 0 * * 7", "0 0 * * tue-mon", "TZ=Asia/Shanghai 0 0 * * *"] {
        assert_eq!(scheduled(schedule, "8h", "2026-01-05T09:00:00Z"), None, "{schedule}");
    }
}

// behaviour 03#100
#[test]
fn day_of_month_and_day_of_week_are_alternatives_unless_one_is_a_star() {
    let fires_on = |schedule: &str, day: &str| {
        scheduled(schedule, "1h", &format!("2026-01-{day}T00:30:00Z")) == Some(0)
    };
    // 1 January 2026 is a Thursday, the 5th a Monday.
    for (schedule, first, second, monday) in [
        ("0 0 1 * mon", true, false, true),
        ("0 0 */2 * mon", true, false, true),
        ("0 0 * * mon", false, false, true),
    ] {
        let days = (fires_on(schedule, "01"), fires_on(schedule, "02"), fires_on(schedule, "05"));
        assert_eq!(days, (first, second, monday), "{schedule}");
    }
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

// behaviour 01#103
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

// behaviour 01#103
#[test]
fn nodes_that_are_not_ready_leave_the_rest_of_the_budget() {
    let five = pool_with(&json!([{ "nodes": "5" }]));
    let remaining = |n_not_ready: usize| {
        let world = (0..10).fold(World::new(at(0)).pool(five.clone()), |world, number| {
            let name = format!("n{number}");
            let mut node = node(&name, json!({}));
            node.ready = if number < n_not_ready { ReadyState::False } else { ReadyState::True };
            world.node(node).claim(quiet_claim(&name))
        });
        let mut report = DisruptionReport::default();
        let mut budgets = Budgets::of(&input(&world, at(0)), DisruptionReason::Empty, &mut report);
        std::iter::repeat_with(|| budgets.take(&"default".into()))
            .take_while(|taken| *taken)
            .count()
    };
    assert_eq!((remaining(3), remaining(7)), (2, 0));
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
