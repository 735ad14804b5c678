//! `cargo xtask bench scheduling`: one plan for many pending pods.

use std::time::{Duration, Instant};

use anyhow::Result;
use clap::{Args, ValueEnum};
use comfy_table::presets::UTF8_FULL_CONDENSED;
use comfy_table::{CellAlignment, Table};
use karpenter_core::decide::scheduling::base::Base;
use karpenter_core::decide::scheduling::input::SchedulingInput;
use karpenter_core::decide::scheduling::plan::SchedulingPlan;
use karpenter_core::decide::scheduling::solve::{solve, solve_on};
use karpenter_core::options::PreferencePolicy;
use karpenter_core::testing::bench::{
    anti_affinity_input, diverse_input, generic_input, hopeless_input, large_cluster_input,
    pools_input, preferences_input,
};
use serde::Serialize;

use super::{Output, progress, result};

mod gate;

/// Seed of all workloads.
const SEED: u64 = 7;

/// A row is measured until it has run this long, within the bounds on runs.
const ENOUGH: Duration = Duration::from_secs(2);
const MIN_RUNS: usize = 3;
const MAX_RUNS: usize = 200;

/// What to measure.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// A table or one JSON object.
    #[arg(long, value_enum, default_value_t = Output::Table)]
    output: Output,

    /// Pods per row, instead of the numbers each mix is published with.
    #[arg(long, value_delimiter = ',')]
    pods: Vec<usize>,

    /// Instance types in the catalogue, instead of 400, or 800 with many pools.
    #[arg(long)]
    instance_types: Option<u32>,

    /// Kinds of pods, instead of all.
    #[arg(long, value_enum, value_delimiter = ',')]
    mix: Vec<Mix>,

    /// Measures the targets of a release instead, and fails when one is missed.
    #[arg(long, conflicts_with_all = ["output", "pods", "instance_types", "mix"])]
    gate: bool,
}

/// A kind of workload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Mix {
    /// Pods without constraints, thirty sizes.
    Generic,
    /// One fifth each: without constraints, spread by zone, spread by host name, together in a zone, one per node.
    Diverse,
    /// One pod per node.
    AntiAffinity,
    /// Equal pods with preferences, one of which nobody can meet.
    Preferences,
    /// The same pods, their preferences ignored.
    IgnoredPreferences,
    /// The diverse mix with 20 pools.
    Pools,
    /// Pods that no pool can take.
    Hopeless,
    /// The diverse mix with 10,000 nodes that run 150,000 pods.
    LargeCluster,
}

/// One measured row.
#[derive(Debug, Serialize)]
struct Row {
    name: &'static str,
    pods: usize,
    nodes: usize,
    instance_types: u32,
    runs: usize,
    median_ms: f64,
    p95_ms: f64,
    pods_per_s: f64,
    peak_mib: f64,
    new_nodes: usize,
    unschedulable: usize,
}

#[derive(Debug, Serialize)]
struct Report {
    rows: Vec<Row>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    if arguments.gate {
        return gate::run();
    }
    let mut rows = vec![];
    let mixes = if arguments.mix.is_empty() { Mix::value_variants() } else { &arguments.mix };
    for mix in mixes {
        let published = mix.published();
        let pods = if arguments.pods.is_empty() { published } else { &arguments.pods };
        for pods in pods {
            progress(&format!("{} {pods} pods …", mix.name()));
            let types = arguments.instance_types.unwrap_or(mix.instance_types());
            rows.push(measure(*mix, *pods, types));
        }
    }
    match arguments.output {
        Output::Json => result(&serde_json::to_string_pretty(&Report { rows })?),
        Output::Table => result(&table(&rows).to_string()),
    }
    Ok(())
}

fn measure(mix: Mix, pods: usize, instance_types: u32) -> Row {
    let input = mix.input(pods, instance_types);
    forget_peak();
    let mut times = vec![];
    // As the controller does, which keeps the base from plan to plan.
    let mut base = Base::default();
    let plan = solve_on(&mut base, &input, None);
    while times.len() < MIN_RUNS
        || (times.iter().sum::<Duration>() < ENOUGH && times.len() < MAX_RUNS)
    {
        times.push(timed(|| solve_on(&mut base, &input, None)));
    }
    times.sort_unstable();
    let at = |share: usize| times[(times.len() - 1) * share / 100].as_secs_f64();
    Row {
        name: mix.name(),
        pods,
        nodes: input.nodes.len(),
        instance_types,
        runs: times.len(),
        median_ms: at(50) * 1e3,
        p95_ms: at(95) * 1e3,
        #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
        pods_per_s: pods as f64 / at(50),
        peak_mib: peak_mib(),
        new_nodes: plan.claims.len(),
        unschedulable: plan.unschedulable.len(),
    }
}

/// How long one plan takes on which nothing is known of former ones.
pub(super) fn time(input: &SchedulingInput) -> Duration {
    timed(|| solve(std::hint::black_box(input)))
}

#[expect(clippy::disallowed_methods, reason = "a benchmark measures real time")]
fn timed(plan: impl FnOnce() -> SchedulingPlan) -> Duration {
    let started = Instant::now();
    std::hint::black_box(plan());
    started.elapsed()
}

impl Mix {
    fn name(self) -> &'static str {
        match self {
            Self::Generic => "generic",
            Self::Diverse => "diverse",
            Self::AntiAffinity => "anti-affinity",
            Self::Preferences => "preferences",
            Self::IgnoredPreferences => "ignored-preferences",
            Self::Pools => "pools",
            Self::Hopeless => "hopeless",
            Self::LargeCluster => "large-cluster",
        }
    }

    /// Numbers of pods that figures are published for.
    fn published(self) -> &'static [usize] {
        match self {
            Self::Generic => &[1_000, 10_000, 100_000],
            Self::Diverse => &[1, 50, 100, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 100_000],
            Self::AntiAffinity => &[5_000],
            Self::Preferences | Self::IgnoredPreferences => &[4_000],
            Self::Pools | Self::Hopeless => &[2_000],
            Self::LargeCluster => &[500],
        }
    }

    fn instance_types(self) -> u32 {
        if self == Self::Pools { 800 } else { 400 }
    }

    fn input(self, pods: usize, instance_types: u32) -> SchedulingInput {
        match self {
            Self::Generic => generic_input(pods, instance_types, SEED),
            Self::Diverse => diverse_input(pods, instance_types, SEED),
            Self::AntiAffinity => anti_affinity_input(pods, instance_types, SEED),
            Self::Preferences => preferences_input(pods, instance_types, PreferencePolicy::Respect),
            Self::IgnoredPreferences => {
                preferences_input(pods, instance_types, PreferencePolicy::Ignore)
            }
            Self::Pools => pools_input(20, pods, instance_types, SEED),
            Self::Hopeless => hopeless_input(pods, instance_types, SEED),
            Self::LargeCluster => large_cluster_input(pods, 10_000, instance_types, SEED),
        }
    }
}

/// Starts counting the largest resident set anew, where the system can.
pub(super) fn forget_peak() {
    // Elsewhere than on Linux there is no such file, and the figure is zero anyway.
    let _ = std::fs::write("/proc/self/clear_refs", "5");
}

/// Largest resident set since the row began, its input included, in MiB; zero where the system does not say.
pub(super) fn peak_mib() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|rest| rest.trim().trim_end_matches(" kB").parse::<f64>().ok());
    kib.map_or(0.0, |kib| kib / 1024.0)
}

fn table(rows: &[Row]) -> Table {
    let mut table = Table::new();
    let header =
        ["mix", "pods", "types", "runs", "median ms", "p95 ms", "pods/s", "peak MiB", "new nodes"];
    table.load_style(UTF8_FULL_CONDENSED).set_header(header);
    for row in rows {
        table.add_row([
            row.name.to_owned(),
            row.pods.to_string(),
            row.instance_types.to_string(),
            row.runs.to_string(),
            format!("{:.3}", row.median_ms),
            format!("{:.3}", row.p95_ms),
            format!("{:.0}", row.pods_per_s),
            format!("{:.0}", row.peak_mib),
            row.new_nodes.to_string(),
        ]);
    }
    for index in 1..9 {
        if let Some(column) = table.column_mut(index) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}
