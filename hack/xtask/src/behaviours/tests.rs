use super::{citations, filled, problems, row};
use crate::source::Source;

fn source(path: &str, text: &str) -> Source {
    Source { path: path.to_owned(), text: text.to_owned() }
}

const TEST: &str = "// behaviour 02#1, 02#2 (both halves)\n#[test]\nfn it_works() {\n        // behaviour 02#3\n}\n";

#[test]
fn citations_belong_to_the_function_below_or_around_them() {
    let found = citations(&[source("crates/a/src/tests.rs", TEST)]);
    let names: Vec<_> = found.keys().copied().collect();
    assert_eq!(names, [(2, 1), (2, 2), (2, 3)]);
    assert!(found.values().all(|tests| tests.contains("it_works")));
}

#[test]
fn rows_keep_their_text_and_get_their_proof() {
    let found = citations(&[source("crates/a/src/tests.rs", TEST)]);
    let document =
        source("docs/behaviours/02-x.md", "| 1 | a | b | open: later |\n| 9 | c | open: why |\n");
    assert_eq!(filled(&document, &found), "| 1 | a | b | `it_works` |\n| 9 | c | open: why |\n");
    assert_eq!(row("| 1 | a | b | open: later |"), Some((1, "a | b", "open: later")));
}

#[test]
fn both_directions_are_checked() {
    let found = citations(&[source("crates/a/src/tests.rs", TEST)]);
    let document =
        source("docs/behaviours/02-x.md", "| 1 | a | `it_works` |\n| 4 | b | `gone` |\n");
    let problems = problems(&[document], &found);
    assert_eq!(problems.len(), 3, "{problems:?}");
}
