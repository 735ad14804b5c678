//! Rules a compiler does not know: which layer may use which, what must not be called where, and that
//! conformance tests name their source.

mod calls;
mod layers;
mod origins;
mod packages;

use std::path::Path;

use anyhow::{Result, bail};

use crate::source::rust_files;

/// Folders with code of ours.
const FOLDERS: [&str; 4] = ["crates", "bin", "test", "hack"];

/// Checks everything and fails with one line per finding.
pub(crate) fn run(root: &Path) -> Result<()> {
    let findings = findings(root)?;
    if !findings.is_empty() {
        bail!("tidy found {}:\n{}", findings.len(), findings.join("\n"));
    }
    eprintln_progress(
        "tidy: layers, calls, package arrows and sources of tests are as they should be",
    );
    Ok(())
}

#[expect(clippy::print_stderr, reason = "progress of a command line tool")]
fn eprintln_progress(text: &str) {
    eprintln!("{text}");
}

fn findings(root: &Path) -> Result<Vec<String>> {
    let core = rust_files(root, "crates/karpenter-core/src")?;
    let mut all = vec![];
    for folder in FOLDERS {
        all.extend(rust_files(root, folder)?);
    }
    let mut findings = layers::check(&core);
    findings.extend(calls::check_layers(&core));
    findings.extend(calls::check_everywhere(&all));
    findings.extend(packages::check(root)?);
    for folder in origins::FOLDERS {
        findings.extend(origins::check(&rust_files(root, folder)?));
    }
    Ok(findings)
}

#[cfg(test)]
mod tests;
