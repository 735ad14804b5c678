use super::{events, files, metrics};
use crate::generated::stale;
use crate::source::root;

#[test]
fn the_pages_in_the_repository_are_the_ones_the_code_makes() {
    let root = root().expect("the root is above");
    let files = files(&root).expect("pages can be made");
    assert_eq!(stale(&root, &files), Vec::<&str>::new(), "run `cargo xtask docs`");
}

#[test]
fn labels_types_and_helps_are_read_from_the_text_of_scrapes() {
    let text = "# HELP a_b Things, by kind.\n# TYPE a_b counter\na_b_total{x=\"1\",y=\"\"} 2\n\
                # HELP c Time.\n# TYPE c histogram\nc_bucket{z=\"1\",le=\"+Inf\"} 0\n# EOF\n";
    let families = metrics::parse(text).expect("the text is well formed");
    let read: Vec<_> = families
        .iter()
        .map(|(name, family)| {
            let labels: Vec<_> = family.labels.iter().map(String::as_str).collect();
            (name.as_str(), family.kind.as_str(), family.help.as_str(), labels)
        })
        .collect();
    assert_eq!(
        read,
        [
            ("a_b", "counter", "Things, by kind", vec!["x", "y"]),
            ("c", "histogram", "Time", vec!["z"])
        ]
    );
}

#[test]
fn reasons_keep_their_comments() {
    let source = "/// One.\n/// Two.\npub const A: &str = \"Aa\";\n/// Other.\npub struct B;\n";
    assert_eq!(events::reasons(source), [("Aa".to_owned(), "One. Two.".to_owned())]);
}
