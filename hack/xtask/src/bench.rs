//! Figures, measured and printed; asserted only by the gate of a release.

use std::path::Path;
use std::process::Command;

use anyhow::{Result, ensure};
use clap::{Args, Subcommand, ValueEnum};

mod algebra;
mod quality;
mod scheduling;
mod versus_upstream;

/// Which figures.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    bench: Bench,
}

#[derive(Debug, Subcommand)]
enum Bench {
    /// Questions about requirement sets: the algebra, masks, and a plain hash map.
    Algebra(algebra::Arguments),
    /// What new nodes cost under each packing policy, and what they cost at least.
    Quality(quality::Arguments),
    /// Plans for many pending pods over the benchmark's catalogue.
    Scheduling(scheduling::Arguments),
    /// The same plans by our engine and by the upstream scheduler; needs Go.
    VersusUpstream(versus_upstream::Arguments),
}

/// How results are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Output {
    /// For people.
    Table,
    /// For programs.
    Json,
}

pub(crate) fn run(root: &Path, arguments: &Arguments) -> Result<()> {
    if cfg!(debug_assertions) {
        if let Bench::VersusUpstream(arguments) = &arguments.bench {
            versus_upstream::oracle(root, arguments)?;
        }
        return again_optimised();
    }
    match &arguments.bench {
        Bench::Algebra(arguments) => algebra::run(arguments),
        Bench::Quality(arguments) => quality::run(arguments),
        Bench::Scheduling(arguments) => scheduling::run(arguments),
        Bench::VersusUpstream(arguments) => versus_upstream::run(root, arguments),
    }
}

/// Runs the same command with optimisation: figures of an unoptimised build mislead.
fn again_optimised() -> Result<()> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo)
        .args(["run", "--quiet", "--release", "--package", "xtask", "--"])
        .args(std::env::args_os().skip(1))
        .status()?;
    ensure!(status.success(), "the measurement failed");
    Ok(())
}

#[expect(clippy::print_stderr, reason = "progress of a command line tool")]
fn progress(text: &str) {
    eprintln!("{text}");
}

#[expect(clippy::print_stdout, reason = "the result of a command line tool")]
fn result(text: &str) {
    println!("{text}");
}
