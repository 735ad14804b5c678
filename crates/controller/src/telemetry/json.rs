//! One JSON object per log line, with the keys of upstream's logger.
//!
//! `level` (upper case), `time` (RFC 3339 with milliseconds), `logger`, `message`, `commit` when the build names one,
//! `caller` at debug and below, then the fields of the event and of the spans around it, inner ones first. A field
//! named like an earlier key is left out: no key stands twice.
//!
//! Source: Karpenter behaviour, logging.

use std::fmt;

use karpenter_core::clock::Clock;
use serde::ser::{SerializeMap, Serializer};
use serde_json::Value;
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::fmt::format::{JsonFields, Writer};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormattedFields};
use tracing_subscriber::registry::LookupSpan;

use crate::build;

#[cfg(test)]
mod tests;

/// Writes events as lines of JSON.
#[derive(Debug, Clone)]
pub(super) struct JsonLines {
    clock: Clock,
}

impl JsonLines {
    /// Lines with times of `clock`.
    pub(super) fn new(clock: Clock) -> Self {
        Self { clock }
    }
}

impl<S> FormatEvent<S, JsonFields> for JsonLines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, JsonFields>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut line = Line::head(event.metadata(), format!("{:.3}", self.clock.now()));
        event.record(&mut line);
        let spans = context.event_scope().into_iter().flatten();
        for span in spans {
            if let Some(fields) = span.extensions().get::<FormattedFields<JsonFields>>() {
                line.add_all(fields);
            }
        }
        writeln!(writer, "{}", line.text().map_err(|_| fmt::Error)?)
    }
}

/// Keys and values in the order they are written.
struct Line(Vec<(String, Value)>);

impl Line {
    fn head(metadata: &tracing::Metadata<'_>, time: String) -> Self {
        let mut line = Self(vec![]);
        line.add("level", metadata.level().as_str().into());
        line.add("time", time.into());
        line.add("logger", "controller".into());
        // Its place; the event fills it in.
        line.add("message", "".into());
        if let Some(commit) = build::COMMIT {
            line.add("commit", commit.into());
        }
        if *metadata.level() >= Level::DEBUG {
            let place = metadata.file().zip(metadata.line());
            let caller = place.map_or_else(
                || metadata.target().to_owned(),
                |(file, line)| format!("{file}:{line}"),
            );
            line.add("caller", caller.into());
        }
        line
    }

    fn add(&mut self, key: &str, value: Value) {
        match self.0.iter_mut().find(|(known, _)| known == key) {
            Some((_, message)) if key == "message" && *message == "" => *message = value,
            Some(_) => {}
            None => self.0.push((key.to_owned(), value)),
        }
    }

    /// Adds the members of a JSON object; anything else is left out.
    fn add_all(&mut self, object: &str) {
        if let Ok(Value::Object(members)) = serde_json::from_str(object) {
            for (key, value) in members {
                self.add(&key, value);
            }
        }
    }

    fn text(&self) -> serde_json::Result<String> {
        let mut text = vec![];
        let mut serializer = serde_json::Serializer::new(&mut text);
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (key, value) in &self.0 {
            map.serialize_entry(key, value)?;
        }
        map.end()?;
        Ok(String::from_utf8_lossy(&text).into_owned())
    }
}

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.add(field.name(), format!("{value:?}").into());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.add(field.name(), value.into());
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.add(field.name(), value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.add(field.name(), value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.add(field.name(), value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.add(field.name(), value.into());
    }
}
