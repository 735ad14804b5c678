//! The laptop world: the whole system in one process, to play with and to look at.

use clap::{Parser, Subcommand};

mod demo;

/// The node autoscaler with everything around it, on a laptop.
#[derive(Debug, Parser)]
#[command(name = "karpenter-lab", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Tells the story of a deployment that comes and goes, in virtual time, without any socket.
    Demo(demo::Arguments),
}

fn main() -> anyhow::Result<std::process::ExitCode> {
    match Arguments::parse().command {
        Command::Demo(arguments) => demo::run(&arguments),
    }
}
