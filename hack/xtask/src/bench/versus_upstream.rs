//! `cargo xtask bench versus-upstream`: one workload, planned by our engine and by upstream's scheduler in one run.
//!
//! Both read the same objects and the same catalogue. Upstream's time leaves out what it does before it solves (listing,
//! counting, building its scheduler), as its own benchmark does; ours leaves out nothing but reading. Ours runs on one
//! thread, upstream on as many as it likes.

#[cfg(test)]
mod tests;
mod workload;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use clap::Args;
use comfy_table::presets::UTF8_FULL_CONDENSED;
use comfy_table::{CellAlignment, Table};
use karpenter_core::decide::scheduling::solve::solve;
use kwok_provider::catalog::InstanceTypes;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::scheduling::{forget_peak, peak_mib, time};
use super::{Output, progress, result};
use crate::versus;

/// What to measure.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// A table or one JSON object.
    #[arg(long, value_enum, default_value_t = Output::Table)]
    output: Output,

    /// Pods per row.
    #[arg(long, value_delimiter = ',', default_value = "1,50,100,500,1000,2000,5000")]
    pods: Vec<usize>,

    /// Plans per row and side.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=1000))]
    repeat: u32,

    /// The program of hack/upstream-oracle; built with Go where it is not given.
    #[arg(long, value_name = "BINARY")]
    oracle: Option<PathBuf>,
}

/// One side of a row.
#[derive(Debug, Serialize)]
struct Side {
    median_ms: f64,
    minimum_ms: f64,
    maximum_ms: f64,
    peak_mib: f64,
    new_nodes: usize,
    unschedulable: usize,
    cost_per_hour: f64,
}

/// One workload.
#[derive(Debug, Serialize)]
struct Row {
    pods: usize,
    ours: Side,
    upstream: Side,
    /// Upstream's median over ours.
    ratio: f64,
    /// Upstream's quickest plan over our slowest.
    least_ratio: f64,
}

#[derive(Debug, Serialize)]
struct Report {
    instance_types: usize,
    repeat: u32,
    rows: Vec<Row>,
}

/// What the oracle prints, as far as it is read.
#[derive(Debug, Deserialize)]
struct Answer {
    claims: Vec<serde::de::IgnoredAny>,
    unschedulable: Vec<serde::de::IgnoredAny>,
    cost_per_hour: f64,
    timings: Vec<Timing>,
    #[serde(default)]
    peak_mib: f64,
}

#[derive(Debug, Deserialize)]
struct Timing {
    solve_ms: f64,
}

/// Looks for the oracle, so that a missing one is told before anything is built.
///
/// # Errors
/// [`versus::oracle::Missing`], or a build that fails.
pub(super) fn oracle(root: &Path, arguments: &Arguments) -> Result<PathBuf> {
    versus::oracle::program(root, arguments.oracle.as_deref())
}

pub(crate) fn run(root: &Path, arguments: &Arguments) -> Result<()> {
    let program = oracle(root, arguments)?;
    let rows = workload::catalog();
    let types = InstanceTypes::from_rows(&rows)?;
    let folder = root.join("target");
    let catalog = versus::write_catalog(&rows, &folder.join("versus-upstream-bench-catalog.json"))?;
    let mut report = Report { instance_types: rows.len(), repeat: arguments.repeat, rows: vec![] };
    for pods in &arguments.pods {
        progress(&format!("{pods} pods …"));
        let objects = workload::objects(*pods);
        let file = folder.join("versus-upstream-bench.json");
        let list = json!({ "apiVersion": "v1", "kind": "List", "items": objects });
        std::fs::write(&file, list.to_string())
            .with_context(|| format!("write {}", file.display()))?;
        drop(list);
        let upstream = theirs(&program, &catalog, &file, arguments.repeat)?;
        let ours = ours(objects, &types, arguments.repeat)?;
        report.rows.push(Row {
            pods: *pods,
            ratio: upstream.median_ms / ours.median_ms,
            least_ratio: upstream.minimum_ms / ours.maximum_ms,
            ours,
            upstream,
        });
    }
    match arguments.output {
        Output::Json => result(&serde_json::to_string_pretty(&report)?),
        Output::Table => result(&table(&report.rows).to_string()),
    }
    Ok(())
}

fn theirs(program: &Path, catalog: &Path, file: &Path, repeat: u32) -> Result<Side> {
    let output = Command::new(program)
        .arg("-f")
        .arg(file)
        .arg("--catalog")
        .arg(catalog)
        .args(["--repeat", &repeat.to_string()])
        .output()
        .with_context(|| format!("start {}", program.display()))?;
    ensure!(
        output.status.success(),
        "the oracle fails: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    let answer: Answer = serde_json::from_slice(&output.stdout).context("understand the oracle")?;
    let times = answer.timings.iter().map(|timing| timing.solve_ms).collect();
    Ok(Side {
        peak_mib: answer.peak_mib,
        new_nodes: answer.claims.len(),
        unschedulable: answer.unschedulable.len(),
        cost_per_hour: answer.cost_per_hour,
        ..side(times)
    })
}

fn ours(objects: Vec<serde_json::Value>, types: &InstanceTypes, repeat: u32) -> Result<Side> {
    let input = versus::input(&objects, types)?;
    drop(objects);
    forget_peak();
    let times: Vec<Duration> = (0..repeat).map(|_| time(&input)).collect();
    let peak_mib = peak_mib();
    let plan = solve(&input);
    Ok(Side {
        peak_mib,
        new_nodes: plan.claims.len(),
        unschedulable: plan.unschedulable.len(),
        cost_per_hour: plan.claims.iter().map(|claim| claim.price.as_f64()).sum(),
        ..side(times.iter().map(|time| time.as_secs_f64() * 1e3).collect())
    })
}

/// A side that knows its times alone; there is at least one. The median of two is the slower one.
fn side(mut times_ms: Vec<f64>) -> Side {
    times_ms.sort_by(f64::total_cmp);
    Side {
        median_ms: times_ms[times_ms.len() / 2],
        minimum_ms: times_ms[0],
        maximum_ms: times_ms[times_ms.len() - 1],
        peak_mib: 0.0,
        new_nodes: 0,
        unschedulable: 0,
        cost_per_hour: 0.0,
    }
}

fn table(rows: &[Row]) -> Table {
    let mut table = Table::new();
    let header = [
        "pods",
        "by",
        "median ms",
        "least ms",
        "peak MiB",
        "new nodes",
        "without place",
        "cost per hour",
        "ratio of medians",
        "least ratio",
    ];
    table.load_style(UTF8_FULL_CONDENSED).set_header(header);
    for row in rows {
        for (by, side) in [("ours", &row.ours), ("upstream", &row.upstream)] {
            let is_ours = by == "ours";
            let ratio = |ratio: f64| match ratio {
                _ if !is_ours => String::new(),
                small if small < 10.0 => format!("{small:.1}"),
                large => format!("{large:.0}"),
            };
            table.add_row([
                row.pods.to_string(),
                by.to_owned(),
                format!("{:.3}", side.median_ms),
                format!("{:.3}", side.minimum_ms),
                format!("{:.0}", side.peak_mib),
                side.new_nodes.to_string(),
                side.unschedulable.to_string(),
                format!("{:.2}", side.cost_per_hour),
                ratio(row.ratio),
                ratio(row.least_ratio),
            ]);
        }
    }
    for index in (0..10).filter(|index| *index != 1) {
        if let Some(column) = table.column_mut(index) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}
