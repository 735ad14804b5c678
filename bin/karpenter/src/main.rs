//! The controller process, and `convert` for manifests of the older group.

use clap::{Parser, Subcommand};
use controller::convert::{self, Convert};
use controller::options::Options;

/// Launches the cheapest nodes that fit pending pods on Alibaba Cloud, and removes nodes nobody needs.
#[derive(Debug, Parser)]
#[command(
    name = "karpenter",
    version,
    max_term_width = 120,
    args_conflicts_with_subcommands = true
)]
struct CommandLine {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    options: Options,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Prints ECSNodeClasses of karpenter.k8s.alibabacloud, and NodePools that use them, for our group.
    Convert(Convert),
}

fn main() -> anyhow::Result<()> {
    let CommandLine { command, options } = CommandLine::parse();
    match command {
        Some(Command::Convert(arguments)) => {
            convert::run(&arguments, &mut std::io::stdout(), &mut std::io::stderr())
        }
        None => control(options),
    }
}

fn control(options: Options) -> anyhow::Result<()> {
    // Two providers could be linked in by dependencies; TLS uses this one.
    rustls::crypto::ring::default_provider()
        .install_default()
        .map_err(|_| anyhow::anyhow!("a crypto provider is already installed"))?;
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?
        .block_on(controller::run::run(options))
}
