//! The one place of the long-running commands that prints: lines for people, or JSON for programs.

use std::io::{IsTerminal, Write};

use clap::ValueEnum;
use serde_json::{Map, Value, json};

/// How a command speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Output {
    /// For people.
    Table,
    /// One JSON object per line.
    Json,
}

impl Output {
    /// Says that `part` is ready, with what others need to know of it.
    pub(crate) fn ready(self, part: &str, facts: &[(&str, &str)]) {
        match self {
            Output::Table => {
                let facts: Vec<_> =
                    facts.iter().map(|(name, value)| format!("{name} {value}")).collect();
                line(&format!("{part} ready: {}", facts.join(", ")));
            }
            Output::Json => line(&event(part, "ready", facts).to_string()),
        }
    }

    /// Says on standard error what `part` waits for.
    pub(crate) fn waiting(self, part: &str, reason: &str) {
        match self {
            Output::Table => aside(&format!("{part} waits: {reason}")),
            Output::Json => aside(&event(part, "waiting", &[("reason", reason)]).to_string()),
        }
    }

    /// Whether standard output is a terminal that shows a table.
    pub(crate) fn is_live(self) -> bool {
        self == Output::Table && std::io::stdout().is_terminal()
    }
}

fn event(part: &str, state: &str, facts: &[(&str, &str)]) -> Value {
    let mut event =
        Map::from_iter([("part".to_owned(), json!(part)), ("state".to_owned(), json!(state))]);
    event.extend(facts.iter().map(|(name, value)| ((*name).to_owned(), json!(value))));
    Value::Object(event)
}

/// A line on standard output; a reader that has gone is no reason to fail.
pub(crate) fn line(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{text}").and_then(|()| out.flush());
}

/// Text on standard output as it is, for terminals.
pub(crate) fn raw(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// A line on standard error.
pub(crate) fn aside(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}
