//! Finding and reading the files of the repository.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// One Rust file.
pub(crate) struct Source {
    /// Path from the root, with `/`.
    pub(crate) path: String,
    /// Its text.
    pub(crate) text: String,
}

/// The root of the repository: where the lock file is.
pub(crate) fn root() -> Result<PathBuf> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let root = here.ancestors().find(|path| path.join("Cargo.lock").exists());
    root.map(Path::to_path_buf).context("no Cargo.lock above this package")
}

/// Rust files below `folder`, in path order.
pub(crate) fn rust_files(root: &Path, folder: &str) -> Result<Vec<Source>> {
    files(root, folder, ".rs")
}

/// Files below `folder` whose name ends with `ending`, in path order.
pub(crate) fn files(root: &Path, folder: &str, ending: &str) -> Result<Vec<Source>> {
    let mut found = vec![];
    collect(root, &root.join(folder), ending, &mut found)?;
    found.sort_by(|a: &Source, b: &Source| a.path.cmp(&b.path));
    Ok(found)
}

fn collect(root: &Path, folder: &Path, ending: &str, found: &mut Vec<Source>) -> Result<()> {
    let entries = fs::read_dir(folder).with_context(|| format!("read {}", folder.display()))?;
    for entry in entries {
        let path = entry?.path();
        if path.is_dir() {
            let skipped = path.file_name().is_some_and(|name| name == "target" || name == ".git");
            if !skipped {
                collect(root, &path, ending, found)?;
            }
        } else if path.to_string_lossy().ends_with(ending) {
            let text =
                fs::read_to_string(&path).with_context(|| format!("read {}", path.display()))?;
            let relative = path.strip_prefix(root)?.to_string_lossy().replace('\\', "/");
            found.push(Source { path: relative, text });
        }
    }
    Ok(())
}

impl Source {
    /// Lines of code with their number, comments and test modules left out.
    pub(crate) fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let lines = self.text.lines().enumerate().map(|(index, line)| (index + 1, line));
        lines.filter(|(_, line)| !line.trim_start().starts_with("//"))
    }

    /// Whether the file holds tests only.
    pub(crate) fn is_test(&self) -> bool {
        self.path.ends_with("/tests.rs")
            || self.path.contains("/tests/")
            || self.path.contains("/benches/")
            || self.path.contains("/testing/")
            || self.path.ends_with("/testing.rs")
    }
}
