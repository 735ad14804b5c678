//! Conformance tests say what they hold our servers to.

use crate::source::Source;

/// Folders with conformance tests.
pub(super) const FOLDERS: [&str; 2] = ["test/kube-lite/tests", "test/fake-cloud/tests"];

/// What leads the name of a reference page, an action or a promise of ours.
const MARK: &str = "Source: ";

/// One line per file with tests that names no source in a comment.
pub(super) fn check(files: &[Source]) -> Vec<String> {
    let missing = files.iter().filter(|file| has_tests(file) && !names_a_source(file));
    missing
        .map(|file| format!("{}: no `{MARK}` line says what is tested against", file.path))
        .collect()
}

fn has_tests(file: &Source) -> bool {
    file.text.lines().any(|line| {
        let line = line.trim_start();
        line.starts_with("#[test]") || line.starts_with("#[tokio::test")
    })
}

fn names_a_source(file: &Source) -> bool {
    file.text.lines().any(|line| {
        let comment = line.trim_start().strip_prefix("//");
        let said = comment.and_then(|text| text.split_once(MARK));
        said.is_some_and(|(_, source)| !source.trim().is_empty())
    })
}
