//! The table of a whole check.

use std::collections::BTreeMap;

use comfy_table::Table;
use comfy_table::presets::UTF8_FULL_CONDENSED;
use serde::Serialize;

use super::explain::{Examined, Verdict};
use super::outcome::Difference;

/// Counts of verdicts.
#[derive(Debug, Default, Serialize)]
pub(super) struct Report {
    /// Clusters compared.
    pub(super) seeds: usize,
    /// Every answer of upstream is ours.
    pub(super) equal: usize,
    /// One of upstream's answers is ours.
    pub(super) ties: usize,
    /// Seeds by the quirk that explains the difference, in words.
    pub(super) explained: BTreeMap<String, Vec<u64>>,
    /// Seeds nobody has explained, by how the plans differ.
    pub(super) defects: BTreeMap<Difference, Vec<u64>>,
}

impl Report {
    /// Counts `examined` in.
    pub(super) fn add(&mut self, examined: &Examined) {
        self.count(examined.seed, examined.verdict);
    }

    /// Counts the verdict about `seed` in.
    pub(super) fn count(&mut self, seed: u64, verdict: Verdict) {
        self.seeds += 1;
        match verdict {
            Verdict::Equal => self.equal += 1,
            Verdict::Tie => self.ties += 1,
            Verdict::Explained(cause) => {
                self.explained.entry(cause.title()).or_default().push(seed);
            }
            Verdict::Defect(kind) => self.defects.entry(kind).or_default().push(seed),
        }
    }

    /// For people: one row per verdict with the first seeds of it.
    pub(super) fn table(&self) -> String {
        let mut table = Table::new();
        table.load_style(UTF8_FULL_CONDENSED).set_header(["outcome", "seeds", "first of them"]);
        table.add_row(["compared".to_owned(), self.seeds.to_string(), String::new()]);
        table.add_row(["equal".to_owned(), self.equal.to_string(), String::new()]);
        let ties = "equal to one of upstream's answers, which differ";
        table.add_row([ties.to_owned(), self.ties.to_string(), String::new()]);
        for (title, seeds) in &self.explained {
            table.add_row([title.clone(), seeds.len().to_string(), first(seeds)]);
        }
        for (kind, seeds) in &self.defects {
            table.add_row([format!("DEFECT: {kind:?}"), seeds.len().to_string(), first(seeds)]);
        }
        table.to_string()
    }
}

fn first(seeds: &[u64]) -> String {
    let shown: Vec<String> = seeds.iter().take(8).map(u64::to_string).collect();
    shown.join(" ")
}
