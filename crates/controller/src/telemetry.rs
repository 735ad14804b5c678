//! Logs: one JSON object per line, or text on a terminal; the level can be changed while the process runs.

use std::io::IsTerminal;

use karpenter_core::clock::Clock;
use tracing_subscriber::filter::ParseError;
use tracing_subscriber::fmt::format::JsonFields;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Registry, reload};

use crate::options::LogFormat;

mod json;

use json::JsonLines;

/// Changes the log level of the running process.
#[derive(Debug, Clone)]
pub struct LogLevel(reload::Handle<EnvFilter, Registry>);

impl LogLevel {
    /// Switches to `filter`, written like the option `--log-level`.
    ///
    /// # Errors
    /// What is wrong with `filter`; the level stays as it was.
    pub fn set(&self, filter: &str) -> Result<(), String> {
        let parsed = parse(filter).map_err(|error| error.to_string())?;
        self.0.reload(parsed).map_err(|error| error.to_string())
    }
}

/// Starts logging to standard output; call once per process.
///
/// # Errors
/// When `filter` does not parse or logging has been started before.
pub fn init(filter: &str, format: LogFormat) -> anyhow::Result<LogLevel> {
    let (filter, handle) = reload::Layer::new(parse(filter)?);
    let text = match format {
        LogFormat::Auto => std::io::stdout().is_terminal(),
        LogFormat::Json => false,
        LogFormat::Text => true,
    };
    let registry = tracing_subscriber::registry().with(filter);
    if text {
        let colours = std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
        registry.with(tracing_subscriber::fmt::layer().with_ansi(colours)).try_init()?;
    } else {
        let layer = tracing_subscriber::fmt::layer()
            .fmt_fields(JsonFields::new())
            .event_format(JsonLines::new(Clock::system()));
        registry.with(layer).try_init()?;
    }
    Ok(LogLevel(handle))
}

/// `filter` below our own rule: what the Kubernetes client calls an error is retried, and told by whoever retries.
fn parse(filter: &str) -> Result<EnvFilter, ParseError> {
    EnvFilter::builder().parse(format!("kube_client::client::builder=off,{filter}"))
}
