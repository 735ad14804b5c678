//! `karpenter-lab demo`.

mod figures;
mod narrator;
mod outcome;
mod screen;
mod story;

use std::process::ExitCode;

use clap::{Args, ValueEnum};

use narrator::Narrator;
use screen::Screen;

/// What to show and how.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Seed of everything that is random; the same seed tells the same story.
    #[arg(long, default_value_t = 1)]
    seed: u64,

    /// A told story with a table, or one JSON object.
    #[arg(long, value_enum, default_value_t = Output::Table)]
    output: Output,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Output {
    Table,
    Json,
}

/// Runs the demonstration; succeeds only if every pod ran, everything went away and nothing leaked.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let screen = Screen::new(arguments.output == Output::Table);
    let narrator = Narrator::install(screen.clone())?;
    let outcome = scenarios::world::run(story::tell(arguments.seed, &screen, &narrator))?;
    match arguments.output {
        Output::Table => outcome.print(&screen),
        Output::Json => screen.result(&serde_json::to_string_pretty(&outcome.to_json())?),
    }
    Ok(if outcome.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
