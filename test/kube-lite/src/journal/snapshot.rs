//! Snapshots: every object at one version, written beside the running server.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;

use super::record::{Op, Record, sealed};
use super::recover::{self, snapshot_path};
use crate::kind::KindId;
use crate::object::Key;
use crate::store::Packed;

/// All objects by kind, in key order; the texts are shared with the store.
pub(crate) type Contents = Vec<(KindId, Vec<(Key, Packed)>)>;

/// Writes a snapshot and removes the files it replaces.
///
/// # Errors
/// The first failed write; the files before the snapshot are all still there then.
pub(super) fn write(dir: &Path, version: u64, contents: &Contents) -> io::Result<()> {
    let temporary = dir.join("snapshot.tmp");
    let mut file = BufWriter::new(File::create(&temporary)?);
    let (mut line, mut count) = (Vec::new(), 0_u64);
    for (id, objects) in contents {
        for (key, object) in objects {
            let (id, key, json) = (id.clone(), key.clone(), object.json.clone());
            line.clear();
            Record { version: object.version, op: Op::Put, id, key, json }.encode(&mut line);
            file.write_all(&line)?;
            count += 1;
        }
    }
    line.clear();
    sealed(&mut line, &[format!("end {count}").as_bytes()]);
    file.write_all(&line)?;
    file.into_inner()?.sync_all()?;
    fs::rename(&temporary, snapshot_path(dir, version))?;
    File::open(dir)?.sync_all()?;
    recover::remove_before(dir, version)
}
