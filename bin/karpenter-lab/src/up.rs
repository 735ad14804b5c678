//! `karpenter-lab up`: everything in this process, in real time, on loopback sockets.
//!
//! # Flow
//! API server and cloud start, the definitions of our kinds and the first objects are applied through the API, then
//! come the actors, the machines and the controller, each as a client over its socket. The view runs until a signal
//! comes or the controller ends; the controller is stopped first, so that it ends in order while its peers answer.

mod files;
mod greeting;
mod summary;
mod world;

use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::Context;
use clap::Args;

use self::files::Files;
use self::world::World;
use crate::output::Output;
use crate::parts::cloud::Nature;
use crate::process;
use crate::view::Live;

/// What to start and how to show it.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Where the kubeconfig is written; a file in a new temporary folder unless given. A file that was not
    /// written by this program is never overwritten.
    #[arg(long)]
    kubeconfig: Option<PathBuf>,

    #[command(flatten)]
    nature: Nature,

    /// Seed of everything that is random.
    #[arg(long, default_value_t = 1)]
    seed: u64,

    /// Loopback address of the API server; port 0 takes any free one.
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,

    /// Applies no node class and no pools, only the definitions.
    #[arg(long)]
    no_apply: bool,

    /// A live table (one line per change when this is no terminal), or one JSON object per change.
    #[arg(long, value_enum, default_value_t = Output::Table)]
    output: Output,
}

/// Runs the world until a signal comes.
///
/// # Errors
/// When a part cannot start, or the controller does not end in order.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<()> {
    process::block_on(up(arguments))
}

async fn up(arguments: &Arguments) -> anyhow::Result<()> {
    let stop = process::stop_on_signal()?;
    let files = Files::of(arguments.kubeconfig.as_deref())?;
    process::log_to_file(&files.log)?;
    let world = World::start(arguments, &files).await.context("start the world")?;
    greeting::tell(arguments.output, &world, &files, !arguments.no_apply);
    let mut live = Live::new(
        world.client.clone(),
        world.prices(),
        arguments.output,
        format!("export KUBECONFIG={}   (Ctrl-C ends)", files.kubeconfig.display()),
    );
    let controller = world.controller_ended();
    live.run(async {
        tokio::select! {
            biased;
            () = controller.cancelled() => {}
            () = stop.cancelled() => {}
        }
    })
    .await;
    let ended = world.end().await;
    summary::tell(arguments.output, live.totals(), &ended);
    files.remove();
    ended.controller
}
