//! Durations as people write them: `500ms`, `90s`, `5m`, `2h`, `1d`.

use chrono::TimeDelta;
use serde::{Deserialize, Deserializer, Serializer, de::Error};

/// Units from the largest to the smallest, with their length in milliseconds.
const UNITS: [(&str, i64); 5] =
    [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)];

/// Longest duration understood, milliseconds: ten years.
const LONGEST: i64 = 3650 * 86_400_000;

/// Reads one number with one unit.
///
/// # Errors
/// A sentence that names what was read and the forms that are understood.
pub(crate) fn parse(text: &str) -> Result<TimeDelta, String> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (digits, unit) = text.split_at(end);
    let length = UNITS.iter().find(|(name, _)| *name == unit).map(|(_, length)| *length);
    let millis = digits.parse::<i64>().ok().zip(length).and_then(|(n, l)| n.checked_mul(l));
    millis.filter(|m| *m <= LONGEST).map(TimeDelta::milliseconds).ok_or_else(|| {
        format!("\"{text}\" is no duration; write 500ms, 90s, 5m, 2h or 1d, at most 3650d")
    })
}

/// The largest unit that divides the duration.
pub(crate) fn print(duration: TimeDelta) -> String {
    let millis = duration.num_milliseconds();
    let fits = |(_, length): &&(&str, i64)| millis != 0 && millis % length == 0;
    let (unit, length) = UNITS.iter().find(fits).unwrap_or(&("s", 1000));
    format!("{}{unit}", millis / length)
}

/// For `#[serde(with = "duration")]`.
pub(crate) fn serialize<S: Serializer>(duration: &TimeDelta, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&print(*duration))
}

/// For `#[serde(with = "duration")]`.
pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<TimeDelta, D::Error> {
    parse(&String::deserialize(from)?).map_err(D::Error::custom)
}

/// The same for durations that may be left out.
pub(crate) mod optional {
    use super::{Deserialize, Deserializer, Error, Serializer, TimeDelta, parse, print};

    /// For `#[serde(with = "duration::optional")]`.
    pub(crate) fn serialize<S: Serializer>(
        duration: &Option<TimeDelta>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        match duration {
            Some(duration) => to.serialize_str(&print(*duration)),
            None => to.serialize_none(),
        }
    }

    /// For `#[serde(with = "duration::optional")]`.
    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<TimeDelta>, D::Error> {
        let text = Option::<String>::deserialize(from)?;
        text.as_deref().map(parse).transpose().map_err(D::Error::custom)
    }
}
