//! Arrows between the folders of karpenter-core.

use crate::source::Source;

/// Where the layers live.
const CORE: &str = "crates/karpenter-core/src/";

/// What each top-level module may use of its siblings. Tests may use everything.
const ALLOWED: [(&str, &[&str]); 12] = [
    ("api", &[]),
    ("model", &["api"]),
    ("clock", &[]),
    ("options", &[]),
    ("cloud_provider", &["api", "model"]),
    ("signal", &[]),
    ("state", &["api", "model", "signal"]),
    ("decide", &["api", "model", "options", "state", "cloud_provider", "observe"]),
    ("wire", &["api", "model", "state"]),
    (
        "effects",
        &[
            "api",
            "model",
            "options",
            "state",
            "cloud_provider",
            "observe",
            "clock",
            "signal",
            "decide",
            "wire",
        ],
    ),
    (
        "controllers",
        &[
            "api",
            "model",
            "options",
            "state",
            "cloud_provider",
            "observe",
            "clock",
            "signal",
            "decide",
            "wire",
            "effects",
        ],
    ),
    ("observe", &["api", "model", "state"]),
];

/// One line per arrow that goes the wrong way.
pub(super) fn check(files: &[Source]) -> Vec<String> {
    files.iter().filter(|file| !file.is_test()).flat_map(check_file).collect()
}

fn check_file(file: &Source) -> Vec<String> {
    let Some(module) = module_of(&file.path) else { return vec![] };
    let Some((_, allowed)) = ALLOWED.iter().find(|(name, _)| *name == module) else {
        return vec![format!("{}: module {module} is in no layer", file.path)];
    };
    let mut findings = vec![];
    for (number, line) in file.code() {
        for used in siblings_used(line) {
            let known = ALLOWED.iter().any(|(name, _)| *name == used);
            if known && used != module && !allowed.contains(&used) {
                findings.push(format!(
                    "{}:{number}: {module} must not use {used}: the arrow goes the other way",
                    file.path
                ));
            }
        }
    }
    findings
}

/// The top-level module a file of karpenter-core belongs to; `None` for the crate root and test support.
pub(super) fn module_of(path: &str) -> Option<&str> {
    let inside = path.strip_prefix(CORE)?;
    let module = inside.split('/').next()?.trim_end_matches(".rs");
    (module != "lib" && module != "testing").then_some(module)
}

/// First path segments after `crate::` in a line; groups like `crate::{a, b}` are not used in this project.
fn siblings_used(line: &str) -> impl Iterator<Item = &str> {
    line.split("crate::").skip(1).map(|rest| {
        let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
        end.map_or(rest, |end| &rest[..end])
    })
}
