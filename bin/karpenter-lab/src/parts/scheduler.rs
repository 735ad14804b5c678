//! `karpenter-lab scheduler`: scheduler and workload controllers.

use std::path::PathBuf;

use clap::Args;
use karpenter_core::clock::Clock;
use kube_lite::actors::{Config, spawn_control_plane};
use scenarios::clocks;

use crate::output::Output;
use crate::{connect, process};

/// For which cluster it works.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Kubeconfig of the API server.
    #[arg(long, default_value = "karpenter-lab.kubeconfig")]
    kubeconfig: PathBuf,

    /// Lines for people, or JSON.
    #[arg(long, value_enum, default_value_t = Output::Table)]
    output: Output,
}

/// Schedules pods and keeps workloads until a signal comes.
///
/// # Errors
/// When the system refuses to tell of signals.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<()> {
    process::log_to_stderr()?;
    process::block_on(async {
        let stop = process::stop_on_signal()?;
        let (part, output) = ("scheduler", arguments.output);
        let waiting = connect::wait_for_api(&arguments.kubeconfig, part, output);
        let Some(client) = stop.run_until_cancelled(waiting).await else { return Ok(()) };
        let config = Config::new(clocks::for_api(&Clock::system()));
        let _actors = spawn_control_plane(&client, &config);
        let kubeconfig = arguments.kubeconfig.display().to_string();
        output.ready(part, &[("kubeconfig", &kubeconfig)]);
        stop.cancelled().await;
        Ok(())
    })
}
