//! The controller process.

use clap::Parser;
use controller::options::Options;

fn main() -> anyhow::Result<()> {
    // Two providers could be linked in by dependencies; TLS uses this one.
    rustls::crypto::ring::default_provider()
        .install_default()
        .map_err(|_| anyhow::anyhow!("a crypto provider is already installed"))?;
    let options = Options::parse();
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?
        .block_on(controller::run::run(options))
}
