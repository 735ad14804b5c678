//! Figures, measured and printed; never asserted.

use anyhow::Result;
use clap::{Args, Subcommand, ValueEnum};

mod scheduling;

/// Which figures.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    bench: Bench,
}

#[derive(Debug, Subcommand)]
enum Bench {
    /// Plans for many pending pods over the benchmark's catalogue.
    Scheduling(scheduling::Arguments),
}

/// How results are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Output {
    /// For people.
    Table,
    /// For programs.
    Json,
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    match &arguments.bench {
        Bench::Scheduling(arguments) => scheduling::run(arguments),
    }
}
