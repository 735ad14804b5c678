//! `cargo xtask check versus-upstream`: the same small clusters decided by our engine and by upstream's scheduler.
//!
//! *Flow.* [`cluster`] makes objects from a seed, [`ours`] and [`oracle`] decide about them, [`outcome`] says what
//! differs, [`shrink`] leaves out what the difference does not need, and [`rules`] name the quirk of upstream that
//! explains what is left.
//!
//! *Guarantees.* A seed makes the same objects everywhere. A difference that no rule explains is a defect and fails the
//! check.
//!
//! *Caveats.* Upstream breaks ties at random: it is asked several times, and agreeing with one of its answers is enough.
//! A rule sees a necessary condition of its quirk in a small input, not the cause itself.

mod catalog;
mod cluster;
mod explain;
pub(crate) mod oracle;
mod ours;
mod outcome;
mod pods;
mod report;
mod rules;
mod shrink;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};
use clap::{Args, ValueEnum};
use kwok_provider::catalog::InstanceTypes;

pub(crate) use self::catalog::write as write_catalog;
use self::explain::Examined;
use self::oracle::Oracle;
pub(crate) use self::ours::input;
use self::report::Report;

/// What to compare.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Clusters to compare, one per seed.
    #[arg(long, default_value_t = 200)]
    seeds: u64,

    /// The first seed.
    #[arg(long, default_value_t = 0)]
    from: u64,

    /// Compares this seed alone, and prints the objects and both plans.
    #[arg(long)]
    seed: Option<u64>,

    /// The program of hack/upstream-oracle; built with Go where it is not given.
    #[arg(long, value_name = "BINARY")]
    oracle: Option<PathBuf>,

    /// How results are printed.
    #[arg(long, value_enum, default_value_t = Output::Table)]
    output: Output,
}

/// How results are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Output {
    /// For people.
    Table,
    /// For programs.
    Json,
}

/// Compares all seeds.
///
/// # Errors
/// [`oracle::Missing`] without Go, anything the oracle refuses to read, and defects.
pub(crate) fn run(root: &Path, arguments: &Arguments) -> Result<()> {
    let types = InstanceTypes::from_rows(&catalog::rows())?;
    let program = oracle::program(root, arguments.oracle.as_deref())?;
    let file = root.join("target").join("versus-upstream-catalog.json");
    let mut oracle = Oracle::start(&program, &catalog::write(&catalog::rows(), &file)?)?;
    if let Some(seed) = arguments.seed {
        let examined = Examined::of(seed, &types, &mut oracle)?;
        say(&examined.in_full()?);
        ensure!(!examined.is_defect(), "seed {seed} is a defect");
        return Ok(());
    }
    let mut report = Report::default();
    for seed in arguments.from..arguments.from + arguments.seeds {
        let examined = Examined::of(seed, &types, &mut oracle)?;
        if examined.is_defect() {
            note(&examined.in_short());
        }
        report.add(&examined);
    }
    say(&match arguments.output {
        Output::Table => report.table(),
        Output::Json => serde_json::to_string_pretty(&report)?,
    });
    let n_defects: usize = report.defects.values().map(Vec::len).sum();
    ensure!(n_defects == 0, "{n_defects} defects");
    Ok(())
}

#[expect(clippy::print_stdout, reason = "the result of a command line tool")]
fn say(text: &str) {
    println!("{text}");
}

#[expect(clippy::print_stderr, reason = "progress of a command line tool")]
fn note(text: &str) {
    eprintln!("{text}");
}
