//! The guide shows what the plugin says, byte for byte.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::run::simulate;

const PROMPT: &str = "$ kubectl karpenter simulate scheduling ";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Commands of the guide with what it shows of their output.
fn examples() -> Vec<(String, String)> {
    let guide =
        std::fs::read_to_string(root().join("docs/guide/simulate.md")).expect("the guide is there");
    let blocks = guide.split("```console\n").skip(1).filter_map(|rest| rest.split_once("```"));
    let blocks = blocks.filter_map(|(block, _)| block.strip_prefix(PROMPT)?.split_once('\n'));
    blocks.map(|(command, shown)| (command.to_owned(), shown.to_owned())).collect()
}

/// What `command` says, notes first, with paths as the reader types them.
fn said(command: &str) -> String {
    let folder = format!("{}/docs/", root().display());
    let command = command.replace("docs/", &folder);
    let words: Vec<&str> = command.split(' ').collect();
    let ran = simulate(&words, "");
    let notes: String = ran.notes.iter().map(|line| format!("{line}\n")).collect();
    (notes + &ran.out).replace(&folder, "docs/")
}

#[test]
fn every_output_in_the_guide_is_true() {
    for (command, shown) in examples() {
        assert_eq!(said(&command), shown, "{command}");
    }
}

#[test]
fn every_example_is_in_the_guide() {
    let shown: BTreeSet<String> = examples()
        .into_iter()
        .flat_map(|(command, _)| command.split(' ').map(str::to_owned).collect::<Vec<_>>())
        .filter(|word| word.ends_with(".yaml"))
        .collect();
    let folder =
        std::fs::read_dir(root().join("docs/examples/simulate")).expect("the examples are there");
    let names = folder.map(|entry| entry.expect("the folder can be read").file_name());
    let there: BTreeSet<String> =
        names.map(|name| format!("docs/examples/simulate/{}", name.to_string_lossy())).collect();
    assert_eq!(shown, there);
}
