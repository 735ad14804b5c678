//! Files made from code: written, or compared with what lies in the repository.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

#[cfg(test)]
mod tests;

/// A file as it should be.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Generated {
    /// Path from the root.
    pub(crate) path: String,
    /// Its whole text.
    pub(crate) text: String,
}

/// Writes `files`; with `check`, writes nothing and fails when one of them differs.
pub(crate) fn settle(root: &Path, files: &[Generated], check: bool, command: &str) -> Result<()> {
    if !check {
        return files.iter().try_for_each(|file| write(root, file));
    }
    let stale = stale(root, files);
    if !stale.is_empty() {
        bail!("not as the code says: {}; run `cargo xtask {command}`", stale.join(", "));
    }
    Ok(())
}

/// Paths of the files whose text in the repository is another one, in the given order.
pub(crate) fn stale<'a>(root: &Path, files: &'a [Generated]) -> Vec<&'a str> {
    let differs = |file: &&Generated| {
        fs::read_to_string(root.join(&file.path)).map_or(true, |text| text != file.text)
    };
    files.iter().filter(differs).map(|file| file.path.as_str()).collect()
}

fn write(root: &Path, file: &Generated) -> Result<()> {
    let path = root.join(&file.path);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(|| format!("create {}", folder.display()))?;
    }
    fs::write(&path, &file.text).with_context(|| format!("write {}", path.display()))
}
