//! Durations and damaged files; what survives a restart is shown through the router in `tests/it`.

use chrono::TimeDelta;

use super::duration;

#[test]
fn durations_keep_their_value_through_text() {
    for (text, seconds) in [("0s", 0), ("90s", 90), ("5m", 300), ("2h", 7200), ("1d", 86_400)] {
        assert_eq!(duration::parse(text), Ok(TimeDelta::seconds(seconds)));
        assert_eq!(duration::print(TimeDelta::seconds(seconds)), text);
    }
    assert_eq!(duration::print(TimeDelta::milliseconds(1500)), "1500ms");
}

#[test]
fn a_duration_without_a_known_unit_is_refused_with_the_forms_that_work() {
    for text in ["", "5", "s", "-5s", "5 s", "5w", "99999999999999999999s", "4000d"] {
        let problem = duration::parse(text).unwrap_err();
        assert!(problem.contains("90s"), "{problem}");
    }
}
