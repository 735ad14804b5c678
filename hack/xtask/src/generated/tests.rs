use super::{Generated, stale};
use crate::source::root;

#[test]
fn a_file_that_differs_or_is_missing_is_found() {
    let root = root().expect("the root is above");
    let file = |path: &str, text: &str| Generated { path: path.to_owned(), text: text.to_owned() };
    let own = std::fs::read_to_string(root.join(".gitattributes")).expect("the file is there");
    let files =
        [file(".gitattributes", &own), file("rust-toolchain.toml", "other"), file("missing", "")];
    assert_eq!(stale(&root, &files), ["rust-toolchain.toml", "missing"]);
}
