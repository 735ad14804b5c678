//! Schedules of disruption budgets: five cron fields in UTC, or a descriptor such as `@daily`.
//!
//! The dialect is narrow and its errors are read by users, so it is read here rather than by a cron library, whose
//! extensions (seconds, years, `L`, `W`, `#`, Sunday as 7) would have to be refused one by one; what is left, finding the
//! next hit, is a search over days.

mod field;
#[cfg(test)]
mod tests;

use field::{Field, Range};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use std::str::FromStr;

/// Years after which the search for a hit is given up.
const MAX_YEARS: i16 = 5;

/// Instants at which a budget becomes active: whole minutes in UTC.
///
/// # Example
/// ```
/// # use karpenter_core::model::schedule::Schedule;
/// let schedule: Schedule = "30 6 * * SUN".parse().unwrap();
/// let next = schedule.next_after("2024-01-01T00:00:00Z".parse().unwrap());
/// assert_eq!(next.unwrap().to_string(), "2024-01-07T06:30:00Z");
/// ```
///
/// Source: Karpenter behaviour, disruption budgets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    minute: Field,
    hour: Field,
    day: Field,
    month: Field,
    weekday: Field,
}

/// Why a text is not a [`Schedule`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseScheduleError {
    /// Not five fields.
    #[error("expected exactly 5 fields, found {}: {fields:?}", .fields.len())]
    FieldCount {
        /// The fields found.
        fields: Vec<String>,
    },
    /// A word after `@` nobody knows.
    #[error("unrecognized descriptor: {0}")]
    Descriptor(String),
    /// A field that cannot be read, and why.
    #[error("{message}: {text}")]
    Field {
        /// The part of the field.
        text: String,
        /// What is wrong with it.
        message: String,
    },
}

impl FromStr for Schedule {
    type Err = ParseScheduleError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = if text.starts_with('@') { descriptor(text)? } else { text };
        let fields: Vec<&str> = text.split_whitespace().collect();
        let [minute, hour, day, month, weekday] = fields[..] else {
            let fields = fields.into_iter().map(Into::into).collect();
            return Err(ParseScheduleError::FieldCount { fields });
        };
        Ok(Self {
            minute: Field::parse(minute, Range::MINUTE)?,
            hour: Field::parse(hour, Range::HOUR)?,
            day: Field::parse(day, Range::DAY)?,
            month: Field::parse(month, Range::MONTH)?,
            weekday: Field::parse(weekday, Range::WEEKDAY)?,
        })
    }
}

fn descriptor(text: &str) -> Result<&'static str, ParseScheduleError> {
    match text {
        "@yearly" | "@annually" => Ok("0 0 1 1 *"),
        "@monthly" => Ok("0 0 1 * *"),
        "@weekly" => Ok("0 0 * * 0"),
        "@daily" | "@midnight" => Ok("0 0 * * *"),
        "@hourly" => Ok("0 * * * *"),
        other => Err(ParseScheduleError::Descriptor(other.to_owned())),
    }
}

impl Schedule {
    /// The first hit strictly after `time`; None if there is none within five years. Looks at each day at most once.
    pub fn next_after(&self, time: Timestamp) -> Option<Timestamp> {
        let minute = time.as_second().div_euclid(60).checked_add(1)?.checked_mul(60)?;
        let start = Timestamp::from_second(minute).ok()?.to_zoned(TimeZone::UTC).datetime();
        let last_year = start.year().saturating_add(MAX_YEARS);
        let mut date = start.date();
        let mut earliest = (start.hour(), start.minute());
        while date.year() <= last_year {
            if self.is_day(date)
                && let Some((hour, minute)) = self.time_of_day(earliest)
            {
                let hit = date.at(hour, minute, 0, 0).to_zoned(TimeZone::UTC).ok()?;
                return Some(hit.timestamp());
            }
            date = date.tomorrow().ok()?;
            earliest = (0, 0);
        }
        None
    }

    /// Whether some date matches at all; 31 February does not.
    ///
    /// # Example
    /// ```
    /// # use karpenter_core::model::schedule::Schedule;
    /// assert!("0 0 29 2 *".parse::<Schedule>().unwrap().is_possible());
    /// assert!(!"0 0 31 2 *".parse::<Schedule>().unwrap().is_possible());
    /// ```
    pub fn is_possible(&self) -> bool {
        // Every day a month can have occurs in the five years from here on.
        self.next_after(Timestamp::UNIX_EPOCH).is_some()
    }

    /// If either day field is a star both must match, else one is enough.
    fn is_day(&self, date: Date) -> bool {
        let day = self.day.contains(date.day());
        let weekday = self.weekday.contains(date.weekday().to_sunday_zero_offset());
        let is_day = if self.day.is_star() || self.weekday.is_star() {
            day && weekday
        } else {
            day || weekday
        };
        is_day && self.month.contains(date.month())
    }

    /// The first hour and minute of a matching day that is not before `earliest`.
    fn time_of_day(&self, earliest: (i8, i8)) -> Option<(i8, i8)> {
        let hours = (earliest.0..24).filter(|hour| self.hour.contains(*hour));
        let mut times = hours.flat_map(|hour| (0..60).map(move |minute| (hour, minute)));
        times.find(|time| *time >= earliest && self.minute.contains(time.1))
    }
}
