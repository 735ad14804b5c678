//! Arrows between the packages of the workspace.

use std::path::Path;

use anyhow::{Context, Result};

use crate::source::files;

/// What each package may depend on within the workspace.
const ALLOWED: [(&str, &[&str]); 10] = [
    ("karpenter-core", &[]),
    ("alibaba-sdk", &[]),
    ("alibaba-provider", &["karpenter-core", "alibaba-sdk"]),
    ("controller", &["karpenter-core", "alibaba-provider", "alibaba-sdk"]),
    ("karpenter", &["controller"]),
    ("kube-lite", &[]),
    ("fake-cloud", &[]),
    (
        "scenarios",
        &[
            "karpenter-core",
            "alibaba-sdk",
            "alibaba-provider",
            "controller",
            "kube-lite",
            "fake-cloud",
        ],
    ),
    ("karpenter-lab", &["scenarios", "kube-lite", "fake-cloud", "controller", "karpenter-core"]),
    ("xtask", &["karpenter-core"]),
];

/// Packages the SDK must never see.
const NOT_FOR_SDK: [&str; 2] = ["kube", "k8s-openapi"];

/// One line per dependency that is not allowed.
pub(super) fn check(root: &Path) -> Result<Vec<String>> {
    let mut findings = vec![];
    for folder in ["crates", "bin", "test", "hack"] {
        for manifest in files(root, folder, "Cargo.toml")? {
            findings.extend(check_manifest(&manifest.path, &manifest.text)?);
        }
    }
    Ok(findings)
}

pub(super) fn check_manifest(path: &str, text: &str) -> Result<Vec<String>> {
    let name = text
        .lines()
        .find_map(|line| line.strip_prefix("name = \""))
        .and_then(|rest| rest.strip_suffix('"'))
        .with_context(|| format!("{path} names no package"))?;
    let Some((_, allowed)) = ALLOWED.iter().find(|(package, _)| *package == name) else {
        return Ok(vec![format!("{path}: package {name} has no place in the table of arrows")]);
    };
    let dependencies = text.lines().filter_map(dependency);
    Ok(dependencies
        .filter(|dependency| {
            let ours = ALLOWED.iter().any(|(package, _)| package == dependency);
            let kept_out = name == "alibaba-sdk" && NOT_FOR_SDK.contains(dependency);
            kept_out || (ours && *dependency != name && !allowed.contains(dependency))
        })
        .map(|dependency| format!("{path}: {name} must not depend on {dependency}"))
        .collect())
}

fn dependency(line: &str) -> Option<&str> {
    let end = line.find(['.', ' ', '='])?;
    let name = &line[..end];
    let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
    (plain && !name.is_empty()).then_some(name)
}
