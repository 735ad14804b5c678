//! The kubectl plugin.

use std::process::ExitCode;

use clap::Parser;
use kubectl_karpenter::command::{self, CommandLine};

fn main() -> ExitCode {
    let surroundings = command::Surroundings {
        input: &mut std::io::stdin().lock(),
        out: &mut std::io::stdout().lock(),
        notes: &mut std::io::stderr().lock(),
        clock: karpenter_core::clock::Clock::system(),
    };
    command::run(&CommandLine::parse(), surroundings).into()
}
