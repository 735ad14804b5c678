//! The border between the cloud's calendar and the engine's.

use chrono::{DateTime, TimeZone as _, Utc};
use jiff::Timestamp;

/// An instant of the cloud as the engine counts it; instants the engine cannot hold become the nearest it can.
pub fn to_jiff(at: DateTime<Utc>) -> Timestamp {
    let nanosecond = i32::try_from(at.timestamp_subsec_nanos()).unwrap_or_default();
    Timestamp::new(at.timestamp(), nanosecond).unwrap_or(if at.timestamp() < 0 {
        Timestamp::MIN
    } else {
        Timestamp::MAX
    })
}

/// An instant of the engine as the cloud counts it.
pub fn to_chrono(at: Timestamp) -> DateTime<Utc> {
    let nanosecond = u32::try_from(at.subsec_nanosecond()).unwrap_or_default();
    Utc.timestamp_opt(at.as_second(), nanosecond).single().unwrap_or(DateTime::UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minute_precision_instants_survive_the_border_both_ways() {
        let cloud = Utc.with_ymd_and_hms(2026, 8, 1, 10, 15, 0).unwrap();
        let engine: Timestamp = "2026-08-01T10:15:00Z".parse().unwrap();
        assert_eq!((to_jiff(cloud), to_chrono(engine)), (engine, cloud));
    }
}
