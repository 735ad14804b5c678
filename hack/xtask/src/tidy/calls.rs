//! Calls that have no place in a layer, or nowhere.

use super::layers::module_of;
use crate::source::Source;

/// Layers below the effects: they think, and nothing else.
const PURE: [&str; 5] = ["api", "model", "state", "decide", "options"];

/// What pure layers must not contain, and why.
const FORBIDDEN: [(&str, &str); 6] = [
    ("async fn", "decisions are synchronous"),
    ("tokio::", "decisions know no runtime"),
    ("tracing::", "decisions report, they do not log"),
    ("::now()", "time is an argument"),
    ("kube::Client", "decisions do no I/O"),
    ("std::thread", "decisions use no threads"),
];

/// One line per forbidden call in a pure layer of karpenter-core.
pub(super) fn check_layers(files: &[Source]) -> Vec<String> {
    let pure = files.iter().filter(|file| {
        !file.is_test() && module_of(&file.path).is_some_and(|module| PURE.contains(&module))
    });
    let mut findings = vec![];
    for file in pure {
        for (number, line) in file.code() {
            for (call, why) in FORBIDDEN {
                if line.contains(call) {
                    findings
                        .push(format!("{}:{number}: {call} is forbidden here: {why}", file.path));
                }
            }
        }
    }
    findings
}

/// One line per call that is forbidden in every file of ours.
pub(super) fn check_everywhere(files: &[Source]) -> Vec<String> {
    files
        .iter()
        .filter(|file| !file.path.starts_with("hack/xtask/"))
        .flat_map(|file| {
            let mut findings = unbiased_selects(file);
            let rayon = file.code().filter(|(_, line)| line.contains("rayon::spawn"));
            findings.extend(rayon.map(|(number, _)| {
                format!("{}:{number}: rayon::spawn lets virtual time run ahead", file.path)
            }));
            findings
        })
        .collect()
}

/// `select!` without `biased;` picks at random, which no seed controls.
fn unbiased_selects(file: &Source) -> Vec<String> {
    let lines: Vec<_> = file.code().collect();
    let mut findings = vec![];
    for (index, (number, line)) in lines.iter().enumerate() {
        if !line.contains("select! {") {
            continue;
        }
        let next = lines.get(index + 1).map_or("", |(_, next)| next.trim());
        if next != "biased;" {
            findings.push(format!("{}:{number}: select! without biased;", file.path));
        }
    }
    findings
}
