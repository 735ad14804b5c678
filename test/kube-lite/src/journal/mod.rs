//! State that survives a restart: an append-only journal and the snapshots that shorten it.
//!
//! # Flow
//! Every write appends one line to `journal.<version>.log`, where the version is the one the file
//! starts after. When the file has outgrown the last snapshot, the server goes on in a new journal
//! and a thread writes `snapshot.<version>.log`: to a temporary file that is synced and renamed;
//! older files go afterwards. On opening, the newest snapshot is read and every journal from its
//! version on is replayed.
//!
//! # Guarantees
//! A line is handed to the operating system before the write is answered, so the state survives
//! the end of the process at any moment. Files are synced to disk when a snapshot is taken and
//! when the server is dropped: a crash of the machine may lose the writes since then. An
//! incomplete last line is cut off with a warning; any other damage refuses to open. Files stay
//! below about three times the size of the objects plus the configured limit.
//!
//! # Caveats
//! The write log and the uids of long gone owners start anew. After a crash of the machine while
//! a snapshot is being written, the journal before it may be cut short: such a directory is
//! refused, because later writes exist.

mod record;
mod recover;
mod snapshot;
#[cfg(test)]
mod tests;

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::thread::JoinHandle;

pub(crate) use self::record::{Op, Record};
pub(crate) use self::snapshot::Contents;

/// The data directory cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DataError {
    /// A file or the directory cannot be read or written.
    #[error("cannot use {}", path.display())]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// Another server has the directory open.
    #[error("{} is in use by another server", dir.display())]
    InUse {
        /// The directory.
        dir: PathBuf,
    },
    /// A file is damaged before its end.
    #[error("{}:{line}: {problem}", file.display())]
    Damaged {
        /// The damaged file.
        file: PathBuf,
        /// Number of the damaged line, from 1; zero for the file as a whole.
        line: usize,
        /// What is wrong with it.
        problem: &'static str,
    },
}

impl DataError {
    fn io(path: &Path, source: io::Error) -> Self {
        Self::Io { path: path.to_owned(), source }
    }
}

/// One thing that was loaded.
#[derive(Debug)]
pub(crate) enum Loaded {
    /// An object of a snapshot.
    Object(Record),
    /// The snapshot of this version is complete.
    SnapshotEnd(u64),
    /// A change after the snapshot.
    Change(Record),
}

/// The open journal.
#[derive(Debug)]
pub(crate) struct Journal {
    dir: PathBuf,
    file: File,
    /// Bytes in the current file.
    written: u64,
    /// Bytes a journal may have however small the snapshot is.
    limit: u64,
    /// Text of the last failed write; nothing is written after it.
    failure: Option<String>,
    line: Vec<u8>,
    snapshot: Option<JoinHandle<()>>,
    /// Held as long as the directory is in use.
    _lock: File,
}

impl Journal {
    /// Opens or makes a data directory and hands every stored record to `load`, oldest first.
    ///
    /// # Errors
    /// [`DataError`]; the directory is unchanged but for a cut tail.
    pub(crate) fn open(
        dir: &Path,
        limit: u64,
        mut load: impl FnMut(Loaded) -> Result<(), &'static str>,
    ) -> Result<Self, DataError> {
        fs::create_dir_all(dir).map_err(|source| DataError::io(dir, source))?;
        let lock = lock(dir)?;
        let current = recover::recover(dir, &mut load)?;
        let file = append_to(&current).map_err(|source| DataError::io(&current, source))?;
        let written = file.metadata().map_err(|source| DataError::io(&current, source))?.len();
        Ok(Self {
            dir: dir.to_owned(),
            file,
            written,
            limit,
            failure: None,
            line: Vec::new(),
            snapshot: None,
            _lock: lock,
        })
    }

    /// Appends one change; a failure is kept and refuses all later writes.
    pub(crate) fn append(&mut self, record: &Record) {
        if self.failure.is_some() {
            return;
        }
        self.line.clear();
        record.encode(&mut self.line);
        match self.file.write_all(&self.line) {
            Ok(()) => self.written += self.line.len() as u64,
            Err(error) => self.fail(&error),
        }
    }

    /// Why nothing is written any more, when that is so.
    pub(crate) fn failure(&self) -> Option<&str> {
        self.failure.as_deref()
    }

    /// Whether the journal has outgrown what `objects` bytes of objects deserve.
    pub(crate) fn is_long(&self, objects: u64) -> bool {
        let idle = self.snapshot.as_ref().is_none_or(JoinHandle::is_finished);
        idle && self.failure.is_none() && self.written > self.limit.max(objects)
    }

    /// Goes on in a new journal and writes everything before it into a snapshot.
    pub(crate) fn compact(&mut self, version: u64, contents: Contents) {
        let path = recover::journal_path(&self.dir, version);
        let old = match append_to(&path) {
            Ok(file) => std::mem::replace(&mut self.file, file),
            Err(error) => return self.fail(&error),
        };
        self.written = 0;
        let dir = self.dir.clone();
        self.snapshot = Some(std::thread::spawn(move || {
            let synced = old.sync_data();
            if let Err(error) = synced.and_then(|()| snapshot::write(&dir, version, &contents)) {
                tracing::warn!(%error, "no snapshot was taken; the journals before it are kept");
            }
        }));
    }

    fn fail(&mut self, error: &io::Error) {
        tracing::error!(%error, dir = %self.dir.display(), "the journal cannot be written");
        self.failure = Some(error.to_string());
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        if let Some(snapshot) = self.snapshot.take() {
            // A snapshot that failed has said so; the journals before it are still there.
            let _ = snapshot.join();
        }
        if let Err(error) = self.file.sync_data() {
            tracing::warn!(%error, "the journal was not synced");
        }
    }
}

fn append_to(path: &Path) -> io::Result<File> {
    OpenOptions::new().create(true).append(true).open(path)
}

fn lock(dir: &Path) -> Result<File, DataError> {
    let path = dir.join("lock");
    let file = append_to(&path).map_err(|source| DataError::io(&path, source))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(DataError::InUse { dir: dir.to_owned() }),
        Err(TryLockError::Error(source)) => Err(DataError::io(&path, source)),
    }
}
