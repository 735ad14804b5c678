//! Reading a data directory: the newest snapshot, then the journals after it.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};

use super::record::{Record, unsealed};
use super::{DataError, Loaded};

/// Longest line that is read; objects are far smaller.
const MAX_LINE: usize = 64 << 20;

/// Version of a store that has never been written.
const FIRST: u64 = 1;

type Load<'a> = dyn FnMut(Loaded) -> Result<(), &'static str> + 'a;

pub(super) fn journal_path(dir: &Path, version: u64) -> PathBuf {
    dir.join(format!("journal.{version:020}.log"))
}

pub(super) fn snapshot_path(dir: &Path, version: u64) -> PathBuf {
    dir.join(format!("snapshot.{version:020}.log"))
}

/// Loads what the directory holds; returns the journal to append to.
pub(super) fn recover(dir: &Path, load: &mut Load<'_>) -> Result<PathBuf, DataError> {
    let list = |prefix| versions(dir, prefix).map_err(|source| DataError::io(dir, source));
    let base = list("snapshot.")?.last().copied();
    if let Some(version) = base {
        read_snapshot(&snapshot_path(dir, version), version, load)?;
    }
    let base = base.unwrap_or(FIRST);
    let journals: Vec<u64> = list("journal.")?.into_iter().filter(|v| *v >= base).collect();
    if let Some(first) = journals.first().filter(|first| **first != base) {
        let file = journal_path(dir, *first);
        return Err(DataError::Damaged { file, line: 0, problem: "what came before is missing" });
    }
    for version in &journals {
        let last = Some(version) == journals.last();
        read_journal(&journal_path(dir, *version), last, load)?;
    }
    remove_before(dir, base).map_err(|source| DataError::io(dir, source))?;
    Ok(journal_path(dir, journals.last().copied().unwrap_or(base)))
}

/// Removes snapshots and journals from before a version, and an unfinished snapshot.
pub(super) fn remove_before(dir: &Path, version: u64) -> io::Result<()> {
    for (prefix, path) in [
        ("snapshot.", snapshot_path as fn(&Path, u64) -> PathBuf),
        ("journal.", journal_path as fn(&Path, u64) -> PathBuf),
    ] {
        for old in versions(dir, prefix)?.into_iter().filter(|old| *old < version) {
            fs::remove_file(path(dir, old))?;
        }
    }
    match fs::remove_file(dir.join("snapshot.tmp")) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Versions in the names of the files of one sort, ascending.
fn versions(dir: &Path, prefix: &str) -> io::Result<Vec<u64>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir)? {
        let name = entry?.file_name();
        let version = name.to_str().and_then(|name| name.strip_prefix(prefix));
        found.extend(version.and_then(|v| v.strip_suffix(".log")?.parse::<u64>().ok()));
    }
    found.sort_unstable();
    Ok(found)
}

fn read_snapshot(path: &Path, version: u64, load: &mut Load<'_>) -> Result<(), DataError> {
    let mut lines = Lines::open(path)?;
    let mut count = 0_u64;
    while let Some(text) = lines.next()? {
        let text = text.ok_or_else(|| lines.damaged("the checksum does not fit"))?;
        if text == format!("end {count}").as_bytes() {
            return load(Loaded::SnapshotEnd(version)).map_err(|problem| lines.damaged(problem));
        }
        let record = Record::decode(&text).ok_or_else(|| lines.damaged("no object"))?;
        load(Loaded::Object(record)).map_err(|problem| lines.damaged(problem))?;
        count += 1;
    }
    Err(lines.damaged("the end is missing"))
}

fn read_journal(path: &Path, last: bool, load: &mut Load<'_>) -> Result<(), DataError> {
    let mut lines = Lines::open(path)?;
    while let Some(text) = lines.next()? {
        let Some(text) = text else {
            if last && lines.at_end()? {
                return lines.cut();
            }
            return Err(lines.damaged("the checksum does not fit"));
        };
        let record = Record::decode(&text).ok_or_else(|| lines.damaged("no change"))?;
        load(Loaded::Change(record)).map_err(|problem| lines.damaged(problem))?;
    }
    Ok(())
}

/// Lines of one file, with their place.
struct Lines<'a> {
    path: &'a Path,
    reader: BufReader<File>,
    /// Number of the current line.
    number: usize,
    /// Bytes before the current line.
    start: u64,
    line: Vec<u8>,
}

impl<'a> Lines<'a> {
    fn open(path: &'a Path) -> Result<Self, DataError> {
        let file = File::open(path).map_err(|source| DataError::io(path, source))?;
        let reader = BufReader::with_capacity(1 << 20, file);
        Ok(Self { path, reader, number: 0, start: 0, line: Vec::new() })
    }

    /// The next line: `None` at the end of the file, `Some(None)` for a damaged line.
    #[expect(clippy::option_option, reason = "the outer one ends the file")]
    fn next(&mut self) -> Result<Option<Option<Vec<u8>>>, DataError> {
        self.start += self.line.len() as u64;
        self.line.clear();
        let mut limited = io::Read::take(&mut self.reader, MAX_LINE as u64);
        let read = limited.read_until(b'\n', &mut self.line);
        if read.map_err(|source| DataError::io(self.path, source))? == 0 {
            return Ok(None);
        }
        self.number += 1;
        let text = self.line.strip_suffix(b"\n").and_then(unsealed).map(<[u8]>::to_vec);
        Ok(Some(text))
    }

    fn at_end(&mut self) -> Result<bool, DataError> {
        let rest = self.reader.fill_buf().map_err(|source| DataError::io(self.path, source))?;
        Ok(rest.is_empty())
    }

    /// Cuts the file before the current line.
    fn cut(&self) -> Result<(), DataError> {
        tracing::warn!(
            file = %self.path.display(), line = self.number, bytes = self.line.len(),
            "the last write was incomplete and is cut off"
        );
        let file = OpenOptions::new().write(true).open(self.path);
        file.and_then(|file| file.set_len(self.start))
            .map_err(|source| DataError::io(self.path, source))
    }

    fn damaged(&self, problem: &'static str) -> DataError {
        DataError::Damaged { file: self.path.to_owned(), line: self.number, problem }
    }
}
