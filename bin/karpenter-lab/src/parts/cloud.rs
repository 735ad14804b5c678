//! `karpenter-lab cloud`: the fake cloud.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;
use fake_cloud::{Config, FakeCloud};
use karpenter_core::clock::Clock;
use scenarios::clocks;
use scenarios::world::REGION;

use crate::output::Output;
use crate::process;
use crate::serve::Served;
use crate::speed::Speed;

/// The key pair every fake cloud knows; no secret, for it opens nothing else.
pub(crate) const KEY: (&str, &str) = ("testid", "testsecret");

/// What a cloud is like.
#[derive(Debug, Args)]
pub(crate) struct Nature {
    /// Divides the time that machines and pods take to start and stop, 1 to 1000.
    #[arg(long, default_value = "1", value_parser = Speed::parse)]
    pub(crate) speed: Speed,

    /// Sells only this family, for example ecs.g6; may be repeated. A new controller asks for the price of every
    /// type at two calls per second, so few types make it plan at once.
    #[arg(long = "family")]
    families: Vec<String>,
}

/// Where it listens and what it keeps.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Loopback address; a fixed port lets clients find the cloud again after a restart.
    #[arg(long, default_value = "127.0.0.1:7480")]
    listen: SocketAddr,

    /// Keeps instances and everything else in this file over a restart.
    #[arg(long)]
    data: Option<PathBuf>,

    /// Timed changes of the cloud, such as stock that runs out, as a YAML file.
    #[arg(long)]
    script: Option<PathBuf>,

    #[command(flatten)]
    nature: Nature,

    /// Seed of ids, addresses and prices.
    #[arg(long, default_value_t = 1)]
    seed: u64,

    /// Lines for people, or JSON.
    #[arg(long, value_enum, default_value_t = Output::Table)]
    output: Output,
}

/// Serves the cloud until a signal comes.
///
/// # Errors
/// When the port is taken, or the data file or the script cannot be used.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<()> {
    process::log_to_stderr()?;
    process::block_on(async {
        let stop = process::stop_on_signal()?;
        let mut config = config(arguments.seed, &arguments.nature);
        config.data.clone_from(&arguments.data);
        config.script.clone_from(&arguments.script);
        let cloud = open(config)?;
        let served = Served::start(arguments.listen, cloud.router()).await?;
        let (region, cluster) = (REGION.to_owned(), cloud.cluster().id);
        let (key_id, key_secret) = KEY;
        let facts = [
            ("url", served.url()),
            ("region", region),
            ("cluster", cluster),
            ("access_key_id", key_id.to_owned()),
            ("access_key_secret", key_secret.to_owned()),
        ];
        let facts: Vec<_> = facts.iter().map(|(name, value)| (*name, value.as_str())).collect();
        arguments.output.ready("cloud", &facts);
        stop.cancelled().await;
        Ok(())
    })
}

/// Settings of a cloud on the wall clock.
pub(crate) fn config(seed: u64, nature: &Nature) -> Config {
    let mut config = Config::new(clocks::for_cloud(&Clock::system()), seed);
    config.timing = nature.speed.timing();
    if !nature.families.is_empty() {
        config.catalogue.retain(|of| nature.families.iter().any(|family| family == of.family()));
    }
    config
}

/// A cloud, fresh or from its files.
///
/// # Errors
/// When a file cannot be read or written, or is damaged.
pub(crate) fn open(config: Config) -> anyhow::Result<FakeCloud> {
    let cloud = FakeCloud::open(config)?;
    // With Flannel small machines hold enough pods to be worth offering.
    cloud.edit_cluster(|cluster| cluster.network = "Flannel".to_owned());
    Ok(cloud)
}
