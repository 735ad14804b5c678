//! The laptop world: the whole system in one process or in several, to play with and to look at.
//!
//! | module | idea |
//! |---|---|
//! | `demo` | a story in virtual time, without sockets |
//! | `up` | everything in this process, in real time, on loopback sockets |
//! | `view` | what is to be seen of a cluster: rows, a live table, changes |
//! | `parts` | the parts of the world, each alone |
//! | `crds`, `examples` | the definitions of our kinds and the first objects, through the API |
//! | `connect`, `kubeconfig`, `serve`, `speed`, `output`, `process` | what the commands share |

use std::process::ExitCode;

use clap::{Parser, Subcommand};

mod connect;
mod crds;
mod demo;
mod examples;
mod kubeconfig;
mod output;
mod parts;
mod process;
mod serve;
mod speed;
mod up;
mod view;

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
    /// Runs everything in this process, in real time, for kubectl to play with.
    Up(up::Arguments),
    /// Serves the Kubernetes API alone.
    Api(parts::api::Arguments),
    /// Serves the cloud alone.
    Cloud(parts::cloud::Arguments),
    /// Boots the instances of a cloud as nodes of a cluster.
    Kubelets(parts::kubelets::Arguments),
    /// Schedules pods and keeps workloads, for any API server.
    Scheduler(parts::scheduler::Arguments),
    /// Applies the definitions of our kinds to any API server.
    Crds(crds::Arguments),
}

fn main() -> anyhow::Result<ExitCode> {
    match Arguments::parse().command {
        Command::Demo(arguments) => demo::run(&arguments),
        Command::Up(arguments) => done(up::run(&arguments)),
        Command::Api(arguments) => done(parts::api::run(&arguments)),
        Command::Cloud(arguments) => done(parts::cloud::run(&arguments)),
        Command::Kubelets(arguments) => done(parts::kubelets::run(&arguments)),
        Command::Scheduler(arguments) => done(parts::scheduler::run(&arguments)),
        Command::Crds(arguments) => done(crds::run(&arguments)),
    }
}

fn done(ended: anyhow::Result<()>) -> anyhow::Result<ExitCode> {
    ended.map(|()| ExitCode::SUCCESS)
}
