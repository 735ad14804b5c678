use serde_json::Value;

use super::{definitions, files};
use crate::generated::stale;
use crate::source::root;

#[test]
fn what_is_written_reads_back_as_the_definition() {
    let definitions = definitions();
    let files = files().expect("our definitions can be written");
    let (_, templates) = files.split_first().expect("the chart comes first");
    assert_eq!(templates.len(), definitions.len());
    for (file, definition) in templates.iter().zip(&definitions) {
        let read: Value = serde_saphyr::from_str(&file.text).expect("the file is YAML");
        assert_eq!(&read, definition, "{}", file.path);
    }
}

#[test]
fn the_chart_in_the_repository_is_the_one_the_code_makes() {
    let root = root().expect("the root is above");
    let files = files().expect("our definitions can be written");
    assert_eq!(stale(&root, &files), Vec::<&str>::new(), "run `cargo xtask crds`");
}
