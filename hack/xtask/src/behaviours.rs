//! The catalogue of behaviours and the tests that prove them.
//!
//! `docs/behaviours/NN-*.md` holds one table row per numbered case: number, case, proof. A test cites what it
//! proves in a comment `// behaviour 02#17` (several numbers: `02#17, 02#18`). Both directions are checked: a
//! citation needs a row, and a row names the tests that cite it or says why there is none.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::{Result, bail};

use crate::source::{Source, files, rust_files};

#[cfg(test)]
mod tests;

/// Document number and case number, as in `02#17`.
type Case = (u32, u32);

/// Marks a row whose proof is missing; the reason follows.
const OPEN: &str = "open:";

/// Compares rows and citations, prints the score; with `write`, fills the proofs in first.
pub(crate) fn run(root: &Path, write: bool) -> Result<()> {
    let mut sources = vec![];
    for folder in ["crates", "bin", "test", "hack"] {
        sources.extend(rust_files(root, folder)?);
    }
    let citations = citations(&sources);
    if write {
        for document in files(root, "docs/behaviours", ".md")? {
            fs::write(root.join(&document.path), filled(&document, &citations))?;
        }
    }
    let documents = files(root, "docs/behaviours", ".md")?;
    let problems = problems(&documents, &citations);
    for line in score(&documents) {
        say(&line);
    }
    if !problems.is_empty() {
        bail!("{} problems:\n{}", problems.len(), problems.join("\n"));
    }
    Ok(())
}

/// Tests by the case they cite: the function below each comment.
fn citations(sources: &[Source]) -> BTreeMap<Case, BTreeSet<String>> {
    let mut found: BTreeMap<Case, BTreeSet<String>> = BTreeMap::new();
    for source in sources.iter().filter(|source| !source.path.starts_with("hack/xtask/")) {
        let mut function = None;
        let mut waiting: Vec<Case> = vec![];
        for line in source.text.lines() {
            let trimmed = line.trim_start();
            if let Some(name) = function_name(trimmed) {
                function = Some(name.to_owned());
                for case in waiting.drain(..) {
                    found.entry(case).or_default().insert(name.to_owned());
                }
            }
            let Some((_, cited)) = line.split_once("// behaviour ") else { continue };
            let at_top = trimmed.starts_with("// behaviour") && !line.starts_with("        ");
            for case in cases(cited) {
                match &function {
                    Some(name) if !at_top => {
                        found.entry(case).or_default().insert(name.clone());
                    }
                    Some(_) | None => waiting.push(case),
                }
            }
        }
    }
    found
}

fn function_name(line: &str) -> Option<&str> {
    let rest = line.strip_prefix("pub ").unwrap_or(line);
    let rest = rest.strip_prefix("async ").unwrap_or(rest).strip_prefix("fn ")?;
    rest.split(['(', '<']).next()
}

/// The cases in the text after `behaviour`, for example `02#17, 02#18`.
fn cases(text: &str) -> Vec<Case> {
    let words = text.split([',', ' ', ';', '(', ')', ':']);
    words
        .map_while(|word| match word {
            "" | "behaviour" => Some(None),
            word => case(word).map(Some),
        })
        .flatten()
        .collect()
}

fn case(word: &str) -> Option<Case> {
    let (document, number) = word.split_once('#')?;
    let digits = number.trim_end_matches(|c: char| !c.is_ascii_digit());
    Some((document.parse().ok()?, digits.parse().ok()?))
}

/// A row of a table: number, text, proof.
fn row(line: &str) -> Option<(u32, &str, &str)> {
    let inner = line.strip_prefix("| ")?.strip_suffix(" |")?;
    let (number, rest) = inner.split_once(" | ")?;
    let (text, proof) = rest.rsplit_once(" | ")?;
    Some((number.parse().ok()?, text, proof))
}

fn document_number(path: &str) -> u32 {
    let name = path.rsplit('/').next().unwrap_or_default();
    name.split('-').next().and_then(|digits| digits.parse().ok()).unwrap_or_default()
}

/// The document with the proof of every cited row replaced by the tests found.
fn filled(document: &Source, citations: &BTreeMap<Case, BTreeSet<String>>) -> String {
    let number = document_number(&document.path);
    let lines = document.text.lines().map(|line| {
        let Some((case, text, proof)) = row(line) else { return line.to_owned() };
        match citations.get(&(number, case)) {
            Some(tests) => format!("| {case} | {text} | {} |", names(tests)),
            None if proof.starts_with('`') => format!("| {case} | {text} | {OPEN} no test yet |"),
            None => line.to_owned(),
        }
    });
    lines.map(|line| line + "\n").collect()
}

fn names(tests: &BTreeSet<String>) -> String {
    let quoted: Vec<_> = tests.iter().map(|name| format!("`{name}`")).collect();
    quoted.join(", ")
}

fn problems(documents: &[Source], citations: &BTreeMap<Case, BTreeSet<String>>) -> Vec<String> {
    let mut problems = vec![];
    let mut rows = BTreeSet::new();
    for document in documents {
        let number = document_number(&document.path);
        for (case, _, proof) in document.text.lines().filter_map(row) {
            rows.insert((number, case));
            let cited = citations.get(&(number, case)).map(names);
            match cited {
                Some(tests) if tests != proof => {
                    problems.push(format!("{number:02}#{case}: the row says {proof}, tests are {tests}; run with --write"));
                }
                None if !proof.starts_with(OPEN) || proof.trim() == OPEN => {
                    problems.push(format!(
                        "{number:02}#{case}: no test cites it and no reason is given"
                    ));
                }
                Some(_) | None => {}
            }
        }
    }
    let unknown = citations.iter().filter(|(case, _)| !rows.contains(case));
    problems.extend(unknown.map(|((document, case), tests)| {
        format!("{document:02}#{case} is cited by {} but has no row", names(tests))
    }));
    problems
}

/// One line per document: proven of all, with a percentage.
fn score(documents: &[Source]) -> Vec<String> {
    let mut lines = vec![];
    let (mut all_proven, mut all) = (0, 0);
    for document in documents {
        let rows: Vec<_> = document.text.lines().filter_map(row).collect();
        if rows.is_empty() {
            continue;
        }
        let proven = rows.iter().filter(|(_, _, proof)| !proof.starts_with(OPEN)).count();
        lines.push(format!("{:>5} of {:>5}  {}", proven, rows.len(), document.path));
        all_proven += proven;
        all += rows.len();
    }
    lines.push(format!("{all_proven:>5} of {all:>5}  behaviours proven"));
    lines
}

#[expect(clippy::print_stdout, reason = "the result of a command line tool")]
fn say(line: &str) {
    println!("{line}");
}
