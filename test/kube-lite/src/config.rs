//! What a server is started with.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

/// Reads the time the server writes into objects.
pub type Clock = Arc<dyn Fn() -> jiff::Timestamp + Send + Sync>;

/// Settings of one embedded API server; every bound of the server is here.
///
/// Source: ours.
#[derive(Clone)]
pub struct Config {
    /// Gives `creationTimestamp`, `deletionTimestamp` and the like, cut to whole seconds.
    pub clock: Clock,
    /// Seed of uids and generated names.
    pub seed: u64,
    /// Changes kept per kind; a watch or page that starts before them gets `410 Gone`.
    /// Default: 16,384.
    pub watch_window: usize,
    /// Largest request body in bytes. Default: 3 MiB, as a genuine server has.
    pub max_body_bytes: usize,
    /// Longest write log in records; later writes are only counted. Default: 1,000,000.
    pub max_write_records: usize,
    /// Directory in which the state survives a restart; only
    /// [`KubeLite::open`](crate::KubeLite::open) looks at it. Default: none.
    pub data: Option<PathBuf>,
    /// Bytes a journal grows to before it is replaced by a snapshot; it may also grow as large as
    /// all objects together. Default: 64 MiB.
    pub journal_bytes: u64,
}

impl Config {
    /// The defaults with this clock and seed.
    #[must_use]
    pub fn new(clock: Clock, seed: u64) -> Self {
        Self {
            clock,
            seed,
            watch_window: 16_384,
            max_body_bytes: 3 << 20,
            max_write_records: 1_000_000,
            data: None,
            journal_bytes: 64 << 20,
        }
    }

    /// Keeps `changes` per kind for watches.
    #[must_use]
    pub fn watch_window(mut self, changes: usize) -> Self {
        self.watch_window = changes;
        self
    }

    /// Keeps the state in this directory, which is made when absent.
    #[must_use]
    pub fn data(mut self, dir: impl Into<PathBuf>) -> Self {
        self.data = Some(dir.into());
        self
    }

    /// Replaces a journal of `bytes` by a snapshot.
    #[must_use]
    pub fn journal_bytes(mut self, bytes: u64) -> Self {
        self.journal_bytes = bytes;
        self
    }

    /// Refuses bodies of more than `bytes`.
    #[must_use]
    pub fn max_body_bytes(mut self, bytes: usize) -> Self {
        self.max_body_bytes = bytes;
        self
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("seed", &self.seed)
            .field("watch_window", &self.watch_window)
            .field("max_body_bytes", &self.max_body_bytes)
            .field("max_write_records", &self.max_write_records)
            .field("data", &self.data)
            .field("journal_bytes", &self.journal_bytes)
            .finish_non_exhaustive()
    }
}
