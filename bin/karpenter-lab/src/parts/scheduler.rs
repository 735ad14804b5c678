//! `karpenter-lab scheduler`: scheduler and workload controllers.

use std::path::PathBuf;

use clap::Args;
use karpenter_core::clock::Clock;
use kube_lite::actors::{self, Config, Which};
use scenarios::clocks;

use crate::output::Output;
use crate::{connect, process};

/// For which cluster it works.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Kubeconfig of the API server.
    #[arg(long, default_value = "karpenter-lab.kubeconfig")]
    kubeconfig: PathBuf,

    /// Actors to run, by their names in kube-controller-manager, or `scheduler`, or `controllers` for all others.
    #[arg(long, value_delimiter = ',', default_value = "scheduler,controllers")]
    run: Vec<Which>,

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
        let start = |which: &Which| actors::spawn(*which, &client, &config);
        let _running: Vec<_> = arguments.run.iter().map(start).collect();
        let kubeconfig = arguments.kubeconfig.display().to_string();
        output.ready(part, &[("kubeconfig", &kubeconfig)]);
        stop.cancelled().await;
        Ok(())
    })
}
