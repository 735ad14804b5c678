//! `karpenter-lab kubelets`: boots the instances of a cloud as nodes of a cluster.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use k8s_openapi::api::core::v1::Node;
use karpenter_core::clock::Clock;
use kube::api::ListParams;
use kube::{Api, Client};
use kube_lite::actors::{self, Actors, Which};
use scenarios::clocks;
use scenarios::machines::Fleet;

use super::machines::{MachineList, Machines};
use crate::output::Output;
use crate::speed::Speed;
use crate::{connect, process};

/// Pause after the cloud did not answer, and longest time between two looks at machines that boot.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// Between which servers it stands.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Kubeconfig of the API server.
    #[arg(long, default_value = "karpenter-lab.kubeconfig")]
    kubeconfig: PathBuf,

    /// URL of the cloud.
    #[arg(long, default_value = "http://127.0.0.1:7480")]
    cloud: String,

    /// Divides the time machines and pods take to start, 1 to 1000.
    #[arg(long, default_value = "1", value_parser = Speed::parse)]
    speed: Speed,

    /// Lines for people, or JSON.
    #[arg(long, value_enum, default_value_t = Output::Table)]
    output: Output,
}

/// Boots machines until a signal comes.
///
/// # Errors
/// When TLS cannot be set up.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<()> {
    process::log_to_stderr()?;
    process::block_on(async {
        let stop = process::stop_on_signal()?;
        let work = boot(arguments);
        tokio::select! {
            biased;
            () = stop.cancelled() => Ok(()),
            ended = work => ended,
        }
    })
}

async fn boot(arguments: &Arguments) -> anyhow::Result<()> {
    let (output, speed) = (arguments.output, arguments.speed);
    let client = connect::wait_for_api(&arguments.kubeconfig, "kubelets", output).await;
    let machines = Machines::new(&arguments.cloud)?;
    let first = next(&machines, "", output).await;
    let actors =
        actors::spawn(Which::Kubelets, &client, &speed.actors(clocks::for_api(&Clock::system())));
    let mut fleet = Fleet::new(first.region.clone(), speed.boot(), actors.kubelets.clone());
    fleet.knows(instances_with_nodes(&client).await?);
    let found = first.running().len().to_string();
    output.ready("kubelets", &[("cloud", &arguments.cloud), ("machines", &found)]);
    follow(&machines, &mut fleet, first, output, &actors).await
}

/// Follows the cloud for ever; `_actors` are kept running meanwhile.
async fn follow(
    machines: &Machines,
    fleet: &mut Fleet,
    mut list: MachineList,
    output: Output,
    _actors: &Actors,
) -> anyhow::Result<()> {
    loop {
        let running = list.running();
        fleet.follow(&running, |id| list.describe(id)).await?;
        // Machines that still boot need a look when they are due, not when the cloud has news.
        let all_joined = running.len() == fleet.n_joined();
        let known = if all_joined { list.version.clone() } else { String::new() };
        if !all_joined {
            tokio::time::sleep(LOOK_EVERY).await;
        }
        list = next(machines, &known, output).await;
    }
}

/// The next list; says once what is wrong while there is none, and keeps asking.
async fn next(machines: &Machines, version: &str, output: Output) -> MachineList {
    let mut told = String::new();
    loop {
        match machines.after(version).await {
            Ok(list) => return list,
            Err(error) => {
                let problem = format!("{error:#}");
                if problem != told {
                    output.waiting("kubelets", &problem);
                    told = problem;
                }
                tokio::time::sleep(LOOK_EVERY).await;
            }
        }
    }
}

/// Ids of instances whose nodes are in the cluster already.
async fn instances_with_nodes(client: &Client) -> anyhow::Result<Vec<String>> {
    let nodes = Api::<Node>::all(client.clone()).list(&ListParams::default()).await?;
    let ids = nodes.items.into_iter().filter_map(|node| {
        let provider_id = node.spec?.provider_id?;
        provider_id.split_once('.').map(|(_, id)| id.to_owned())
    });
    Ok(ids.collect())
}
