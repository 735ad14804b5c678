//! What a plan may take before a release: targets, and the rows that miss them.
//!
//! Targets are meant for a laptop with four cores. Figures of a busy machine say nothing, so this is neither a test nor a
//! part of CI; it is run by hand before a release.

use anyhow::{Result, bail};
use comfy_table::presets::UTF8_FULL_CONDENSED;
use comfy_table::{CellAlignment, Table};

use super::{Mix, Row, measure};
use crate::bench::{progress, result};

#[cfg(test)]
mod tests;

/// The longest a plan may take.
#[derive(Debug, Clone, Copy)]
struct Target {
    mix: Mix,
    pods: usize,
    /// Median, in milliseconds.
    at_most: f64,
}

/// About two hundred times as quick as what upstream publishes.
const TARGETS: [Target; 6] = [
    Target { mix: Mix::Diverse, pods: 1_000, at_most: 10.0 },
    Target { mix: Mix::Diverse, pods: 5_000, at_most: 50.0 },
    Target { mix: Mix::Diverse, pods: 20_000, at_most: 300.0 },
    Target { mix: Mix::Preferences, pods: 4_000, at_most: 100.0 },
    Target { mix: Mix::AntiAffinity, pods: 5_000, at_most: 100.0 },
    Target { mix: Mix::Pools, pods: 2_000, at_most: 150.0 },
];

/// Measures every target.
///
/// # Errors
/// How many targets were missed; the table says which.
pub(super) fn run() -> Result<()> {
    let mut rows = vec![];
    for target in TARGETS {
        progress(&format!("{} {} pods …", target.mix.name(), target.pods));
        rows.push((target, measure(target.mix, target.pods, target.mix.instance_types())));
    }
    result(&table(&rows).to_string());
    verdict(&rows)
}

fn verdict(rows: &[(Target, Row)]) -> Result<()> {
    match rows.iter().filter(|(target, row)| is_missed(*target, row)).count() {
        0 => Ok(()),
        n_missed => bail!("{n_missed} of {} targets missed", rows.len()),
    }
}

fn is_missed(target: Target, row: &Row) -> bool {
    row.median_ms > target.at_most
}

fn table(rows: &[(Target, Row)]) -> Table {
    let mut table = Table::new();
    let header = ["mix", "pods", "types", "at most ms", "median ms", "p95 ms", ""];
    table.load_style(UTF8_FULL_CONDENSED).set_header(header);
    for (target, row) in rows {
        table.add_row([
            row.name.to_owned(),
            row.pods.to_string(),
            row.instance_types.to_string(),
            format!("{:.0}", target.at_most),
            format!("{:.3}", row.median_ms),
            format!("{:.3}", row.p95_ms),
            if is_missed(*target, row) { "missed" } else { "met" }.to_owned(),
        ]);
    }
    for index in 1..6 {
        if let Some(column) = table.column_mut(index) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}
