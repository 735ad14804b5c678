//! `karpenter-lab api`: the embedded API server.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;
use karpenter_core::clock::Clock;
use kube_lite::{Config, KubeLite};
use scenarios::clocks;

use crate::output::Output;
use crate::serve::Served;
use crate::{kubeconfig, process};

/// Where it listens and what it writes.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Loopback address; a fixed port lets clients find the server again after a restart.
    #[arg(long, default_value = "127.0.0.1:7443")]
    listen: SocketAddr,

    /// Where the kubeconfig is written. A file that was not written by this program is never overwritten.
    #[arg(long, default_value = "karpenter-lab.kubeconfig")]
    kubeconfig: PathBuf,

    /// Keeps all objects in this folder over a restart.
    #[arg(long)]
    data: Option<PathBuf>,

    /// Seed of uids and generated names.
    #[arg(long, default_value_t = 1)]
    seed: u64,

    /// Lines for people, or JSON.
    #[arg(long, value_enum, default_value_t = Output::Table)]
    output: Output,
}

/// Serves the API until a signal comes.
///
/// # Errors
/// When the port is taken, the data folder cannot be used or the kubeconfig cannot be written.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<()> {
    process::log_to_stderr()?;
    process::block_on(async {
        let stop = process::stop_on_signal()?;
        let server = server(arguments.seed, arguments.data.clone())?;
        let served = Served::start(arguments.listen, server.router()).await?;
        kubeconfig::write(&arguments.kubeconfig, &served.url())?;
        let kubeconfig = arguments.kubeconfig.display().to_string();
        arguments.output.ready("api", &[("url", &served.url()), ("kubeconfig", &kubeconfig)]);
        stop.cancelled().await;
        Ok(())
    })
}

/// A server on the wall clock, fresh or from its folder.
///
/// # Errors
/// When the folder cannot be used, is in use, or holds a damaged file.
pub(crate) fn server(seed: u64, data: Option<PathBuf>) -> anyhow::Result<KubeLite> {
    let mut config = Config::new(clocks::for_api(&Clock::system()), seed);
    config.data = data;
    Ok(KubeLite::open(config)?)
}
