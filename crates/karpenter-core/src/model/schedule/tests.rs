use super::*;
use proptest::prelude::*;

fn next(schedule: &str, after: &str) -> String {
    let schedule: Schedule = schedule.parse().unwrap();
    let next = schedule.next_after(after.parse().unwrap());
    next.map_or_else(|| "never".to_owned(), |time| time.to_string())
}

fn hits(schedule: &str, after: &str, n_hits: usize) -> Vec<String> {
    let schedule: Schedule = schedule.parse().unwrap();
    let mut time: Timestamp = after.parse().unwrap();
    let mut step = || {
        time = schedule.next_after(time)?;
        Some(time.strftime("%m-%dT%H:%M").to_string())
    };
    (0..n_hits).filter_map(|_| step()).collect()
}

fn error(schedule: &str) -> String {
    schedule.parse::<Schedule>().unwrap_err().to_string()
}

#[test]
fn a_hit_is_strictly_later_than_the_time_asked_about() {
    assert_eq!(next("@hourly", "2024-01-01T12:00:00Z"), "2024-01-01T13:00:00Z");
    assert_eq!(next("@hourly", "2024-01-01T11:59:59.5Z"), "2024-01-01T12:00:00Z");
    assert_eq!(next("@yearly", "2024-01-01T00:00:00Z"), "2025-01-01T00:00:00Z");
    assert_eq!(next("59 23 31 12 *", "2024-12-31T23:58:00Z"), "2024-12-31T23:59:00Z");
    assert_eq!(next("0 0 29 2 *", "2024-03-01T00:00:00Z"), "2028-02-29T00:00:00Z");
}

// behaviour 01#97
#[test]
fn either_day_field_is_enough_unless_one_is_a_star() {
    let after = "2024-08-31T00:00:00Z";
    assert_eq!(
        hits("0 0 13 * FRI", after, 4),
        ["09-06T00:00", "09-13T00:00", "09-20T00:00", "09-27T00:00"]
    );
    assert_eq!(hits("0 0 13 * MON", after, 3), ["09-02T00:00", "09-09T00:00", "09-13T00:00"]);
    assert_eq!(
        hits("0 0 */2 * FRI", after, 5),
        ["09-01T00:00", "09-03T00:00", "09-05T00:00", "09-06T00:00", "09-07T00:00"]
    );
    assert_eq!(hits("0 0 * * FRI", after, 2), ["09-06T00:00", "09-13T00:00"]);
    assert_eq!(hits("0 0 */1 * FRI", after, 2), ["09-06T00:00", "09-13T00:00"]);
}

// behaviour 01#98
#[test]
fn a_number_with_a_step_runs_to_the_end_of_the_range() {
    let after = "2024-01-01T00:00:00Z";
    assert_eq!(
        hits("5/20 * * * *", after, 4),
        ["01-01T00:05", "01-01T00:25", "01-01T00:45", "01-01T01:05"]
    );
}

// behaviour 01#95
// behaviour 01#96
#[test]
fn expressions_outside_the_dialect_are_refused_with_a_reason() {
    assert!(error("0 0 * * tue-mon").contains("beginning of range (2) beyond end of range (1)"));
    assert!(error("* * * * 7").contains("end of range (7) above maximum (6)"));
    assert!(error("60 * * * *").contains("end of range (60) above maximum (59)"));
    assert!(error("* * 0 * *").contains("beginning of range (0) below minimum (1)"));
    assert!(error("*/0 * * * *").contains("step of range should be a positive number"));
    assert!(error("* * * *").contains("expected exactly 5 fields, found 4"));
    assert!(error("TZ=UTC * * * * *").contains("expected exactly 5 fields, found 6"));
    for text in
        ["* * L * *", "* * 1W * *", "* * * * 1#2", "1-2-3 * * * *", "1/2/3 * * * *", ", * * * *"]
    {
        assert!(text.parse::<Schedule>().is_err(), "{text}");
    }
}

// behaviour 01#94
#[test]
fn unknown_descriptors_are_refused() {
    for text in ["@wrongly", "@hourlyfoo", "@every 5m", "@reboot"] {
        assert_eq!(error(text), format!("unrecognized descriptor: {text}"));
    }
}

// behaviour 01#99
#[test]
fn a_date_that_does_not_exist_is_never_hit() {
    assert_eq!(next("0 0 30 2 *", "2024-01-01T00:00:00Z"), "never");
}

#[test]
fn a_schedule_is_possible_when_some_month_has_its_day() {
    let is_possible = |text: &str| text.parse::<Schedule>().unwrap().is_possible();
    for text in ["0 0 31 2 *", "0 0 30 FEB *", "0 0 31 4,6,9,11 *", "0 0 31 2 */1"] {
        assert!(!is_possible(text), "{text}");
    }
    for text in ["0 0 29 2 *", "0 0 31 2 MON", "0 0 31 1,2 *", "59 23 31 12 *", "@monthly"] {
        assert!(is_possible(text), "{text}");
    }
}

proptest! {
    #[test]
    fn the_next_hit_is_the_first_matching_minute(
        minute in 0_u32..60, hour in 0_u32..24, day in 1_u32..29, start in 0_i64..4_000_000_000,
    ) {
        let schedule: Schedule = format!("{minute} {hour} {day} * *").parse().unwrap();
        let start = Timestamp::from_second(start).unwrap();
        let hit = schedule.next_after(start).unwrap();
        let at = hit.to_zoned(TimeZone::UTC);
        let shown = format!("{} {} {}", at.minute(), at.hour(), at.day());
        prop_assert_eq!(shown, format!("{minute} {hour} {day}"));
        let days = hit.duration_since(start).as_hours() / 24;
        prop_assert!(hit > start && days < 32);
    }
}
