//! Reasons of Kubernetes Events, read from where they are defined.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};

use super::row;

/// Where reasons are defined.
const SOURCE: &str = "crates/karpenter-core/src/observe/events.rs";

/// The page.
pub(super) fn page(root: &Path) -> Result<String> {
    let source = fs::read_to_string(root.join(SOURCE)).with_context(|| format!("read {SOURCE}"))?;
    let mut reasons = reasons(&source);
    ensure!(!reasons.is_empty(), "{SOURCE} defines no reasons");
    reasons.sort();
    let mut page = String::from(
        "# Events\n\nReasons of the Kubernetes Events we publish.\n\n| reason | meaning |\n|---|---|\n",
    );
    for (reason, meaning) in reasons {
        page.push_str(&row([&*format!("`{reason}`"), &*meaning]));
    }
    Ok(page)
}

/// Value and comment of every text constant.
pub(super) fn reasons(source: &str) -> Vec<(String, String)> {
    let mut found = vec![];
    let mut comment: Vec<&str> = vec![];
    for line in source.lines() {
        if let Some(text) = line.strip_prefix("/// ") {
            comment.push(text);
        } else {
            let value = line.strip_prefix("pub const ").and_then(|rest| {
                let (_, value) = rest.split_once(": &str = \"")?;
                value.strip_suffix("\";")
            });
            if let Some(value) = value {
                found.push((value.to_owned(), comment.join(" ")));
            }
            comment.clear();
        }
    }
    found
}
