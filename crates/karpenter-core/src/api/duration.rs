//! Durations as users write them: Go's notation, and `Never`.
//!
//! A duration keeps the text it was read from and writes back exactly that, so tools that compare see no change.

pub mod go;
#[cfg(test)]
mod tests;

use crate::api::patterns;
pub use go::{ParseDurationError, parse_nanos, print};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use std::borrow::Cow;
use std::time::Duration;

/// The text that means "no duration".
pub const NEVER: &str = "Never";

/// A duration that is not negative, with its text.
///
/// # Example
/// ```
/// # use karpenter_core::api::duration::TextDuration;
/// let grace: TextDuration = serde_json::from_str(r#""90m""#).unwrap();
/// assert_eq!(grace.duration().as_secs(), 5400);
/// assert_eq!(serde_json::to_string(&grace).unwrap(), r#""90m""#);
/// ```
///
/// Source: Karpenter behaviour, durations. Differs: the text of every duration is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextDuration {
    text: String,
    duration: Duration,
}

impl TextDuration {
    /// The duration in canonical text; longer ones than Go can hold saturate.
    pub fn new(duration: Duration) -> Self {
        let duration = duration.min(go::MAX);
        Self { text: print(duration), duration }
    }

    /// The duration.
    pub fn duration(&self) -> Duration {
        self.duration
    }

    /// The text it is written as.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

/// A duration or `Never`, with its text.
///
/// Source: Karpenter behaviour, durations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NillableDuration(Option<TextDuration>);

impl NillableDuration {
    /// No duration.
    pub const NEVER: NillableDuration = NillableDuration(None);

    /// The duration in canonical text.
    pub fn new(duration: Duration) -> Self {
        Self(Some(TextDuration::new(duration)))
    }

    /// The duration; None means never.
    pub fn duration(&self) -> Option<Duration> {
        self.0.as_ref().map(TextDuration::duration)
    }

    /// The text it is written as.
    pub fn as_str(&self) -> &str {
        self.0.as_ref().map_or(NEVER, TextDuration::as_str)
    }
}

impl std::str::FromStr for TextDuration {
    type Err = ParseDurationError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let nanos = u64::try_from(parse_nanos(text)?)
            .map_err(|_| ParseDurationError::Negative(text.to_owned()))?;
        Ok(Self { text: text.to_owned(), duration: Duration::from_nanos(nanos) })
    }
}

impl std::str::FromStr for NillableDuration {
    type Err = ParseDurationError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == NEVER { Ok(Self::NEVER) } else { Ok(Self(Some(text.parse()?))) }
    }
}

macro_rules! as_text {
    ($type:ident, $pattern:expr) => {
        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Cow::<'de, str>::deserialize(deserializer)?.parse().map_err(D::Error::custom)
            }
        }

        impl JsonSchema for $type {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> Cow<'static, str> {
                stringify!($type).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({ "type": "string", "pattern": $pattern })
            }
        }
    };
}

as_text!(TextDuration, patterns::DURATION);
as_text!(NillableDuration, patterns::NILLABLE_DURATION);
