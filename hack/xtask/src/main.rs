//! Automation of this repository: `cargo xtask <command>`.

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use self::versus::oracle::Missing;

mod behaviours;
mod bench;
mod charts;
mod check;
mod ci;
mod crds;
mod docs;
mod generated;
mod source;
mod tidy;
mod versus;

#[derive(Debug, Parser)]
#[command(name = "cargo xtask", about = "Automation of this repository")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Checks layers, forbidden calls and the arrows between packages.
    Tidy,
    /// Compares the numbered cases of docs/behaviours with the tests that cite them, and prints the score.
    Behaviours {
        /// Writes the tests found into the tables.
        #[arg(long)]
        write: bool,
    },
    /// Writes the resource definitions into charts/karpenter-crd.
    Crds {
        /// Writes nothing, and fails when a file is not as the code says.
        #[arg(long)]
        check: bool,
    },
    /// Writes the reference pages for options, metrics and events into docs/reference.
    Docs {
        /// Writes nothing, and fails when a page is not as the code says.
        #[arg(long)]
        check: bool,
    },
    /// Compares values, schema, templates and cluster role of charts/karpenter with each other and with the code.
    Charts,
    /// Measures and prints figures.
    Bench(bench::Arguments),
    /// Checks what needs programs from elsewhere.
    #[command(subcommand)]
    Check(check::Check),
    /// Runs exactly what CI runs.
    Ci,
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if error.is::<Missing>() => {
            complain(&error.to_string());
            ExitCode::from(2)
        }
        Err(error) => {
            complain(&format!("Error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn run() -> anyhow::Result<()> {
    let root = source::root()?;
    match Arguments::parse().command {
        Command::Tidy => tidy::run(&root),
        Command::Behaviours { write } => behaviours::run(&root, write),
        Command::Crds { check } => crds::run(&root, check),
        Command::Docs { check } => docs::run(&root, check),
        Command::Charts => charts::run(&root),
        Command::Bench(arguments) => bench::run(&root, &arguments),
        Command::Check(check) => check::run(&root, &check),
        Command::Ci => ci::run(&root),
    }
}

#[expect(clippy::print_stderr, reason = "why a command line tool failed")]
fn complain(text: &str) {
    eprintln!("{text}");
}
