//! `cargo xtask bench quality`: what new nodes cost under each packing policy, and what they cost at least.
//!
//! All figures but the times are equal on every machine.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use clap::Args;
use comfy_table::presets::UTF8_FULL_CONDENSED;
use comfy_table::{CellAlignment, Table};
use karpenter_core::decide::scheduling::bounds::configuration::Effort;
use karpenter_core::decide::scheduling::input::SchedulingInput;
use karpenter_core::decide::scheduling::lower_bound::lower_bound;
use karpenter_core::decide::scheduling::plan::SchedulingPlan;
use karpenter_core::decide::scheduling::solve::solve;
use karpenter_core::options::PackingPolicy;
use karpenter_core::testing::packing::{Supply, Workload, packing_input};
use serde::Serialize;

use super::{Output, progress, result};

/// A plan is timed this often.
const RUNS: usize = 5;

/// What to measure.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// A table or one JSON object.
    #[arg(long, value_enum, default_value_t = Output::Table)]
    output: Output,

    /// Workloads by name; all without any.
    #[arg(long, value_delimiter = ',')]
    workload: Vec<String>,

    /// Catalogues by name; all without any.
    #[arg(long, value_delimiter = ',')]
    catalogue: Vec<String>,
}

/// One plan.
#[derive(Debug, Serialize)]
struct Row {
    workload: &'static str,
    catalogue: String,
    policy: &'static str,
    cost_per_hour: f64,
    nodes: usize,
    cpu_utilisation: f64,
    memory_utilisation: f64,
    lower_bound_per_hour: f64,
    gap_percent: f64,
    median_ms: f64,
}

/// The gap in the middle of all rows of a policy.
#[derive(Debug, Serialize)]
struct Median {
    policy: &'static str,
    gap_percent: f64,
}

#[derive(Debug, Serialize)]
struct Report {
    rows: Vec<Row>,
    medians: Vec<Median>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let is_asked =
        |asked: &[String], name: &str| asked.is_empty() || asked.iter().any(|a| a == name);
    let mut rows = vec![];
    for supply in Supply::ALL {
        for workload in Workload::ALL {
            if is_asked(&arguments.workload, workload.name())
                && is_asked(&arguments.catalogue, &supply.name())
            {
                progress(&format!("{} on {} …", workload.name(), supply.name()));
                rows.extend(measure(workload, supply)?);
            }
        }
    }
    let medians = PackingPolicy::ALL.map(|policy| median(&rows, policy.as_str())).into();
    let report = Report { rows, medians };
    match arguments.output {
        Output::Json => result(&serde_json::to_string_pretty(&report)?),
        Output::Table => result(&table(&report).to_string()),
    }
    Ok(())
}

/// A row per policy.
fn measure(workload: Workload, supply: Supply) -> Result<Vec<Row>> {
    let mut input = packing_input(workload, supply);
    let bound = lower_bound(&input, &solve(&input), Effort::OFFLINE).as_f64();
    let mut rows = vec![];
    for policy in PackingPolicy::ALL {
        input.options.packing_policy = policy;
        let plan = solve(&input);
        let cost: f64 = plan.claims.iter().map(|claim| claim.price.as_f64()).sum();
        rows.push(Row {
            workload: workload.name(),
            catalogue: supply.name(),
            policy: policy.as_str(),
            cost_per_hour: cost,
            nodes: plan.claims.len(),
            cpu_utilisation: utilisation(&input, &plan, "cpu")?,
            memory_utilisation: utilisation(&input, &plan, "memory")?,
            lower_bound_per_hour: bound,
            gap_percent: 100.0 * (cost / bound - 1.0),
            median_ms: median_ms(&input),
        });
    }
    Ok(rows)
}

/// The share of what all nodes offer that pods and DaemonSets ask for, each node at its cheapest.
fn utilisation(input: &SchedulingInput, plan: &SchedulingPlan, resource: &str) -> Result<f64> {
    let (mut asked, mut offered) = (0, 0);
    for claim in &plan.claims {
        let cheapest = claim.instance_types.first().map(|name| name.as_str()).unwrap_or_default();
        let it = input.pools.iter().find_map(|supply| supply.catalog.get(cheapest));
        let it = it.with_context(|| format!("{cheapest:?} is not in the catalogue"))?;
        asked += claim.requests.get_or_zero(resource).nanos();
        offered += it.allocatable().get_or_zero(resource).nanos();
    }
    #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
    Ok(asked as f64 / offered as f64)
}

#[expect(clippy::disallowed_methods, reason = "a benchmark measures real time")]
fn median_ms(input: &SchedulingInput) -> f64 {
    let time = |_| {
        let started = Instant::now();
        std::hint::black_box(solve(std::hint::black_box(input)));
        started.elapsed()
    };
    let mut times: Vec<Duration> = (0..RUNS).map(time).collect();
    times.sort_unstable();
    times[RUNS / 2].as_secs_f64() * 1e3
}

fn median(rows: &[Row], policy: &'static str) -> Median {
    let own = rows.iter().filter(|row| row.policy == policy);
    let mut gaps: Vec<f64> = own.map(|row| row.gap_percent).collect();
    gaps.sort_by(f64::total_cmp);
    let (below, above) = (gaps.get(gaps.len().saturating_sub(1) / 2), gaps.get(gaps.len() / 2));
    let middle = below.zip(above).map(|(below, above)| f64::midpoint(*below, *above));
    Median { policy, gap_percent: middle.unwrap_or_default() }
}

fn table(report: &Report) -> Table {
    let mut table = Table::new();
    let header = [
        "catalogue",
        "workload",
        "policy",
        "cost/h",
        "nodes",
        "cpu",
        "memory",
        "bound/h",
        "gap %",
        "median ms",
    ];
    table.load_style(UTF8_FULL_CONDENSED).set_header(header);
    for row in &report.rows {
        table.add_row([
            row.catalogue.clone(),
            row.workload.to_owned(),
            row.policy.to_owned(),
            format!("{:.3}", row.cost_per_hour),
            row.nodes.to_string(),
            format!("{:.2}", row.cpu_utilisation),
            format!("{:.2}", row.memory_utilisation),
            format!("{:.3}", row.lower_bound_per_hour),
            format!("{:.1}", row.gap_percent),
            format!("{:.1}", row.median_ms),
        ]);
    }
    for median in &report.medians {
        let gap = format!("{:.1}", median.gap_percent);
        let cells = ["all", "all", median.policy, "", "", "", "", "", &gap, ""];
        table.add_row(cells);
    }
    for index in 3..10 {
        if let Some(column) = table.column_mut(index) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}
