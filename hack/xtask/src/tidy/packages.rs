//! Arrows between the packages of the workspace.

use std::path::Path;

use anyhow::{Context, Result};

use crate::source::files;

/// A package and what it may use of the workspace.
struct Package {
    name: &'static str,
    /// What it may be built from.
    uses: &'static [&'static str],
    /// What its tests may use besides; nothing of it is shipped.
    tests_use: &'static [&'static str],
}

const fn package(name: &'static str, uses: &'static [&'static str]) -> Package {
    Package { name, uses, tests_use: &[] }
}

/// Every package of the workspace.
const PACKAGES: [Package; 12] = [
    package("karpenter-core", &[]),
    package("alibaba-sdk", &[]),
    package("alibaba-provider", &["karpenter-core", "alibaba-sdk"]),
    package("kwok-provider", &["karpenter-core"]),
    package("controller", &["karpenter-core", "alibaba-provider", "alibaba-sdk"]),
    Package { name: "karpenter", uses: &["controller"], tests_use: &["kube-lite", "fake-cloud"] },
    package("kubectl-karpenter", &["karpenter-core", "kwok-provider"]),
    package("kube-lite", &[]),
    package("fake-cloud", &[]),
    package(
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
    package(
        "karpenter-lab",
        &["scenarios", "kube-lite", "fake-cloud", "controller", "karpenter-core"],
    ),
    package(
        "xtask",
        &["karpenter-core", "alibaba-provider", "controller", "kubectl-karpenter", "kwok-provider"],
    ),
];

/// Packages the SDK must never see.
const NOT_FOR_SDK: [&str; 2] = ["kube", "k8s-openapi"];

/// What a line of a manifest is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Section {
    /// Dependencies of what is shipped, including build scripts.
    Shipped,
    /// Dependencies of tests, examples and benches.
    Tests,
    /// Anything else.
    Other,
}

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
    let Some(package) = PACKAGES.iter().find(|package| package.name == name) else {
        return Ok(vec![format!("{path}: package {name} has no place in the table of arrows")]);
    };
    let refused = dependencies(text).filter(|(section, used)| !package.may_use(*section, used));
    Ok(refused.map(|(_, used)| format!("{path}: {name} must not depend on {used}")).collect())
}

impl Package {
    fn may_use(&self, section: Section, used: &str) -> bool {
        if self.name == "alibaba-sdk" && NOT_FOR_SDK.contains(&used) {
            return false;
        }
        let ours = PACKAGES.iter().any(|package| package.name == used);
        let for_tests = section == Section::Tests && self.tests_use.contains(&used);
        !ours || used == self.name || self.uses.contains(&used) || for_tests
    }
}

/// Every dependency a manifest names, with the section it stands in.
fn dependencies(text: &str) -> impl Iterator<Item = (Section, &str)> {
    let mut section = Section::Other;
    text.lines().filter_map(move |line| {
        let Some(header) = line.strip_prefix('[') else {
            return Some((section, dependency(line)?)).filter(|_| section != Section::Other);
        };
        let (of, named) = header_section(header.trim_end().trim_end_matches(']'));
        // The lines below `[dependencies.x]` are settings of x, not dependencies.
        section = if named.is_some() { Section::Other } else { of };
        Some((of, named?)).filter(|_| of != Section::Other)
    })
}

/// Section of a header, and the dependency it names itself, as in `[dependencies.x]`.
fn header_section(header: &str) -> (Section, Option<&str>) {
    // `[target.'cfg(unix)'.dependencies]` is like `[dependencies]`.
    for (word, section) in [
        ("dev-dependencies", Section::Tests),
        ("build-dependencies", Section::Shipped),
        ("dependencies", Section::Shipped),
    ] {
        if let Some((_, rest)) = header.split_once(word) {
            return (section, rest.strip_prefix('.'));
        }
    }
    (Section::Other, None)
}

fn dependency(line: &str) -> Option<&str> {
    let end = line.find(['.', ' ', '='])?;
    let name = &line[..end];
    let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
    (plain && !name.is_empty()).then_some(name)
}
