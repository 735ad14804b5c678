use super::*;

fn window(schedule: &str, duration: &str) -> Budget {
    Budget {
        schedule: Some(schedule.into()),
        duration: Some(duration.parse().unwrap()),
        ..Budget::always("3")
    }
}

fn active(schedule: &str, duration: &str, now: &str) -> bool {
    is_active(&window(schedule, duration), now.parse().unwrap()).unwrap()
}

fn allowed(budgets: &[Budget], reason: DisruptionReason) -> Option<u32> {
    allowed_disruptions(budgets, reason, 100, NOW.parse().unwrap()).ok()
}

const NOW: &str = "2000-06-15T12:30:30Z";

// behaviour 01#89
// behaviour 01#90
// behaviour 01#104
#[test]
fn a_budget_is_active_for_its_duration_after_each_hit() {
    assert!(!active("@yearly", "1h", NOW));
    assert!(active("@daily", "13h", NOW));
    assert!(!active("@daily", "12h", NOW));
    assert!(active("@daily", "48h", NOW));
    assert!(!active("* * * * *", "0m", NOW));
    assert_eq!(allowed(&[window("@yearly", "1h")], DisruptionReason::Empty), Some(2_147_483_647));
}

// behaviour 01#91
// behaviour 01#92
#[test]
fn the_window_is_open_at_its_hit_and_closed_at_its_end() {
    assert!(active("@yearly", "24h", "2024-01-01T12:00:00Z"));
    assert!(active("@yearly", "24h", "2024-01-01T23:59:59Z"));
    assert!(!active("@yearly", "24h", "2024-01-02T00:00:00Z"));
    for (time, expected) in [
        ("2024-01-07T06:29:59Z", false),
        ("2024-01-07T06:30:00Z", true),
        ("2024-01-07T12:29:59Z", true),
        ("2024-01-07T12:30:00Z", false),
        ("2024-01-07T14:00:00Z", false),
    ] {
        assert_eq!(active("30 6 * * SUN", "6h", time), expected, "{time}");
    }
}

// behaviour 01#93
#[test]
fn schedules_are_in_utc_whatever_the_local_clock() {
    assert!(!active("@daily", "30m", "2024-01-02T00:15:00+08:00"));
}

// behaviour 01#99
#[test]
fn a_schedule_that_is_never_hit_is_active() {
    assert!(active("0 0 30 2 *", "1h", NOW));
}

// behaviour 01#100
// behaviour 01#101
#[test]
fn the_least_active_budget_of_a_reason_counts() {
    let of = |nodes: &str, reason| Budget { reasons: Some(vec![reason]), ..Budget::always(nodes) };
    let mut budgets = vec![
        Budget::always("10"),
        of("4", DisruptionReason::Empty),
        of("5", DisruptionReason::Drifted),
    ];
    assert_eq!(allowed(&budgets, DisruptionReason::Empty), Some(4));
    assert_eq!(allowed(&budgets, DisruptionReason::Drifted), Some(5));
    assert_eq!(allowed(&budgets, DisruptionReason::Underutilized), Some(10));
    budgets.push(Budget::always("0"));
    assert_eq!(allowed(&budgets, DisruptionReason::Drifted), Some(0));
}

// behaviour 01#11
#[test]
fn no_budget_means_no_limit() {
    assert_eq!(allowed(&[], DisruptionReason::Empty), Some(2_147_483_647));
}

// behaviour 01#94
// behaviour 01#102
#[test]
fn a_budget_that_cannot_be_read_is_an_error_for_every_reason() {
    let broken =
        Budget { reasons: Some(vec![DisruptionReason::Empty]), ..window("@wrongly", "1h") };
    assert_eq!(allowed(&[broken], DisruptionReason::Drifted), None);
    assert_eq!(allowed(&[Budget::always("1000a%")], DisruptionReason::Empty), None);
    let unpaired = Budget { schedule: None, ..window("@daily", "1h") };
    assert_eq!(is_active(&unpaired, NOW.parse().unwrap()), Err(BudgetError::Unpaired));
}
