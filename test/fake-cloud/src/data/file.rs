//! Reading and replacing one file.

use std::{
    fs::{self, File},
    io::{ErrorKind, Read, Write},
    path::Path,
};

use super::DataError;

/// Largest data file that is read, bytes: far above 10,000 instances with full user data.
const MAX_BYTES: u64 = 1 << 30;

/// The text of a file; `None` if there is none.
pub(super) fn read(path: &Path) -> Result<Option<String>, DataError> {
    let fail = |source| DataError::Io { verb: "read", path: path.to_owned(), source };
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(fail(error)),
    };
    let mut text = String::new();
    let n = file.take(MAX_BYTES + 1).read_to_string(&mut text).map_err(fail)?;
    if n as u64 > MAX_BYTES {
        return Err(fail(std::io::Error::new(ErrorKind::FileTooLarge, "larger than 1 GiB")));
    }
    Ok(Some(text))
}

/// Replaces a file as one step: the new content stands beside it, safe on disk, before it takes the
/// name. The directory is made if it is missing.
pub(super) fn replace(path: &Path, content: &[u8]) -> Result<(), DataError> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    let write = || {
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        let mut file = File::create(&beside)?;
        file.write_all(content)?;
        file.sync_data()?;
        fs::rename(&beside, path)
    };
    write().map_err(|source| DataError::Io { verb: "write", path: path.to_owned(), source })
}
