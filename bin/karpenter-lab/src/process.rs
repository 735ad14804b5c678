//! What every command that runs for a while needs: a runtime, TLS, logs, and to be told to stop.

use std::fs::File;
use std::path::Path;

use anyhow::Context;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tracing_subscriber::EnvFilter;

/// Log filter unless `RUST_LOG` says otherwise.
const FILTER: &str = "info,kube_client=off,kube_runtime=error";

/// Runs `work` on a multi-thread runtime with TLS set up.
///
/// # Errors
/// Those of `work`, or when the runtime cannot be started.
pub(crate) fn block_on<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    // Two providers could be linked in by dependencies; TLS uses this one.
    rustls::crypto::ring::default_provider()
        .install_default()
        .map_err(|_| anyhow::anyhow!("a crypto provider is already installed"))?;
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(work)
}

/// Writes logs to standard error, one line each.
///
/// # Errors
/// When logs go somewhere already.
pub(crate) fn log_to_stderr() -> anyhow::Result<()> {
    let lines = tracing_subscriber::fmt().with_env_filter(filter()).with_ansi(false);
    lines.with_writer(std::io::stderr).try_init().map_err(|error| anyhow::anyhow!(error))
}

/// Writes logs to `path`, which is made anew.
///
/// # Errors
/// When the file cannot be written.
pub(crate) fn log_to_file(path: &Path) -> anyhow::Result<()> {
    let file = File::create(path).with_context(|| format!("create {}", path.display()))?;
    let lines = tracing_subscriber::fmt().with_env_filter(filter()).with_ansi(false);
    lines.with_writer(file).try_init().map_err(|error| anyhow::anyhow!(error))
}

fn filter() -> EnvFilter {
    EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(FILTER))
}

/// Told on the first SIGINT or SIGTERM; the second ends the process where it stands.
///
/// # Errors
/// When the system refuses to tell of signals.
pub(crate) fn stop_on_signal() -> anyhow::Result<CancellationToken> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let stop = CancellationToken::new();
    let told = stop.clone();
    tokio::spawn(async move {
        loop {
            tokio::select! {
                biased;
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            if told.is_cancelled() {
                std::process::exit(1);
            }
            told.cancel();
        }
    });
    Ok(stop)
}
