//! Tolerant decoding of answers.
//!
//! The service sends numbers as JSON numbers or strings, booleans as `true` or `"true"`, lists wrapped in an
//! object (`{"Instance":[…]}`), and treats null, absent and empty alike. [`from_slice`] drops nulls before
//! decoding, so `#[serde(default)]` on a struct covers all three; the other functions are `deserialize_with`
//! helpers for single fields.
//!
//! Source: Alibaba Cloud OpenAPI, response format.

use std::{collections::BTreeMap, str::FromStr};

use chrono::{DateTime, NaiveDateTime, Utc};
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, Error},
};
use serde_json::Value;

/// Decodes a JSON document after removing every null member and element.
pub(crate) fn from_slice<T: DeserializeOwned>(body: &[u8]) -> Result<T, serde_json::Error> {
    let mut value: Value = serde_json::from_slice(body)?;
    drop_nulls(&mut value);
    serde_json::from_value(value)
}

/// serde_json bounds the nesting of what it parses, so the recursion is bounded too.
fn drop_nulls(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|_, field| !field.is_null());
            fields.values_mut().for_each(drop_nulls);
        }
        Value::Array(items) => {
            items.retain(|item| !item.is_null());
            items.iter_mut().for_each(drop_nulls);
        }
        _ => {}
    }
}

/// A number sent as number or text; empty text is zero (the type's default).
pub(crate) fn number<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr + Default,
{
    let text = match Value::deserialize(deserializer)? {
        Value::Number(number) => match number.as_f64() {
            // Display of a whole float has no fraction, so `8.0` also fits integer fields.
            Some(float) if number.is_f64() => float.to_string(),
            _ => number.to_string(),
        },
        Value::String(text) => text.trim().to_owned(),
        _ => return Err(D::Error::custom("expected a number or its text")),
    };
    if text.is_empty() {
        return Ok(T::default());
    }
    text.parse().map_err(|_| D::Error::custom(format_args!("not a number in range: {text:.40}")))
}

/// As [`number`], for fields whose absence means something.
pub(crate) fn optional_number<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr + Default,
{
    match Value::deserialize(deserializer)? {
        Value::String(text) if text.trim().is_empty() => Ok(None),
        value => number(value).map(Some).map_err(D::Error::custom),
    }
}

/// A boolean sent as boolean or text in any case; empty text is false.
pub(crate) fn boolean<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    match Value::deserialize(deserializer)? {
        Value::Bool(flag) => Ok(flag),
        Value::String(text) if text.eq_ignore_ascii_case("true") => Ok(true),
        Value::String(text) if text.is_empty() || text.eq_ignore_ascii_case("false") => Ok(false),
        _ => Err(D::Error::custom("expected a boolean or its text")),
    }
}

/// A list, bare or wrapped in an object with one list member whose name carries no information.
pub(crate) fn list<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned,
{
    let items = match Value::deserialize(deserializer)? {
        list @ Value::Array(_) => list,
        Value::Object(fields) => match fields.into_iter().find(|(_, field)| field.is_array()) {
            Some((_, list)) => list,
            None => return Ok(Vec::new()),
        },
        Value::String(text) if text.is_empty() => return Ok(Vec::new()),
        _ => return Err(D::Error::custom("expected a list or an object around one")),
    };
    serde_json::from_value(items).map_err(D::Error::custom)
}

/// Tags as a map: ECS spells the members `TagKey` and `TagValue`, VPC `Key` and `Value`.
pub(crate) fn tags<'de, D>(deserializer: D) -> Result<BTreeMap<String, String>, D::Error>
where
    D: Deserializer<'de>,
{
    #[derive(Deserialize)]
    struct Row {
        #[serde(alias = "TagKey", alias = "Key")]
        key: String,
        #[serde(alias = "TagValue", alias = "Value", default)]
        value: String,
    }
    let rows: Vec<Row> = list(deserializer)?;
    Ok(rows.into_iter().map(|row| (row.key, row.value)).collect())
}

/// A timestamp in any documented form; empty text is none.
pub(crate) fn time<'de, D>(deserializer: D) -> Result<Option<DateTime<Utc>>, D::Error>
where
    D: Deserializer<'de>,
{
    let text = String::deserialize(deserializer)?;
    if text.is_empty() {
        return Ok(None);
    }
    let parsed = parse_time(&text);
    parsed.map(Some).ok_or_else(|| D::Error::custom(format_args!("not a timestamp: {text:.40}")))
}

/// Parses `YYYY-MM-DDThh:mm[:ss[.fff]]Z` and CloudMonitor's `YYYYMMDDThhmmss.fff±hhmm`.
#[must_use]
pub fn parse_time(text: &str) -> Option<DateTime<Utc>> {
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return Some(time.to_utc());
    }
    if let Ok(time) = NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%MZ") {
        return Some(time.and_utc());
    }
    DateTime::parse_from_str(text, "%Y%m%dT%H%M%S%.f%z").ok().map(|time| time.to_utc())
}

#[cfg(test)]
mod tests;
