//! The cloud side of the process: who signs, where calls go, what the provider is told.

mod ram_role;
mod rrsa;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use alibaba_sdk::credentials::{
    Chain, CredentialsProvider, EnvCredentials, EnvLookup, Refreshing, process_env,
};
use alibaba_sdk::sign::SignatureScheme;
use alibaba_sdk::transport::Transport;
use alibaba_sdk::transport::endpoint::{Endpoint, Endpoints, Network};
use alibaba_sdk::transport::reqwest::ReqwestTransport;
use alibaba_sdk::transport::retry::RetryPolicy;
use alibaba_sdk::transport::throttle::RateLimits;
use alibaba_sdk::{Client, ClientConfig, WallClock};
use anyhow::{Context, bail};
use karpenter_core::clock::Clock;

use crate::options::AlibabaOptions;

/// Settings of the provider, from the options of the process.
///
/// # Errors
/// When the region or the identity of the cluster is missing; the message names the flag.
pub fn provider_options(
    options: &AlibabaOptions,
) -> anyhow::Result<alibaba_provider::options::Options> {
    if options.region_id.is_empty() {
        bail!("no region: set --region-id or REGION_ID, for example cn-hangzhou");
    }
    if options.cluster_id.is_empty() && options.cluster_name.is_empty() {
        bail!(
            "no cluster identity: set --cluster-id (CLUSTER_ID) or --cluster-name (CLUSTER_NAME)"
        );
    }
    Ok(alibaba_provider::options::Options {
        cluster_name: options.cluster_name.clone(),
        vm_memory_overhead_percent: options.vm_memory_overhead_percent,
        legacy_node_classes: options.legacy_node_classes,
        legacy_labels: options.legacy_labels || options.legacy_node_classes,
        ..alibaba_provider::options::Options::new(&options.region_id, &options.cluster_id)
    })
}

/// A client over the network, signing with what `credentials` finds.
///
/// # Errors
/// When an endpoint override is not a URL or is plain http to another machine, or TLS cannot be set up.
pub fn client(options: &AlibabaOptions, clock: &Clock, seed: u64) -> anyhow::Result<Client> {
    let wall = wall_clock(clock.clone());
    let transport = Arc::new(ReqwestTransport::new().context("set up TLS")?);
    let chain = credentials(options, clock, seed, process_env(), transport.clone())?;
    let credentials = Arc::new(Refreshing::new(Arc::new(chain), wall));
    client_over(options, clock, seed, credentials, transport)
}

/// Where credentials come from, in this order: an access key in the environment, RRSA as the environment sets it up,
/// and the RAM role of the ECS instance when an option asks for it.
///
/// # Errors
/// When an endpoint override is not a URL, or is plain http to another machine.
fn credentials(
    options: &AlibabaOptions,
    clock: &Clock,
    seed: u64,
    environment: EnvLookup,
    transport: Arc<dyn Transport>,
) -> anyhow::Result<Chain> {
    // The exchange of a token is not signed, so its client needs no credentials.
    let nobody = Arc::new(Chain::new(vec![]));
    let sts = Arc::new(client_over(options, clock, seed, nobody, transport.clone())?);
    let mut links: Vec<Arc<dyn CredentialsProvider>> = vec![
        Arc::new(EnvCredentials::new(environment.clone())),
        Arc::new(rrsa::RrsaFromEnv::new(environment, session_name(options), sts)),
    ];
    if let Some(role) = options.ecs_ram_role.as_ref().filter(|role| !role.is_empty()) {
        links.push(Arc::new(ram_role::RamRole::new(role.clone(), transport)));
    }
    Ok(Chain::new(links))
}

/// What audit logs of the cloud call us: `karpenter-<cluster>`, of the letters that a session name may have.
fn session_name(options: &AlibabaOptions) -> String {
    let cluster =
        if options.cluster_id.is_empty() { &options.cluster_name } else { &options.cluster_id };
    let allowed = |c: &char| c.is_ascii_alphanumeric() || ".@_-".contains(*c);
    format!("karpenter-{}", cluster.chars().filter(allowed).collect::<String>())
}

/// A client over any transport, for example one into this process.
///
/// # Errors
/// When an endpoint override is not a URL, or is plain http to another machine.
pub fn client_over(
    options: &AlibabaOptions,
    clock: &Clock,
    seed: u64,
    credentials: Arc<dyn CredentialsProvider>,
    transport: Arc<dyn Transport>,
) -> anyhow::Result<Client> {
    Ok(Client::new(ClientConfig {
        region: options.region_id.clone(),
        endpoints: endpoints(options)?,
        credentials,
        transport,
        clock: wall_clock(clock.clone()),
        seed,
        retry: RetryPolicy::default(),
        limits: RateLimits::default(),
        signature: SignatureScheme::default(),
    }))
}

fn endpoints(options: &AlibabaOptions) -> anyhow::Result<Endpoints> {
    use alibaba_sdk::action::Product;
    let network = match options.alibaba_cloud_network.as_str() {
        "" | "public" => Network::Public,
        "vpc" => Network::Vpc,
        other => bail!("--alibaba-cloud-network is {other:?}, it must be public or vpc"),
    };
    let mut endpoints = Endpoints { network, ..Endpoints::default() };
    for (product, flag, text) in [
        (Product::Ecs, "--ecs-endpoint (ECS_ENDPOINT)", &options.ecs_endpoint),
        (Product::Vpc, "--vpc-endpoint (VPC_ENDPOINT)", &options.vpc_endpoint),
        (Product::Cs, "--cs-endpoint (CS_ENDPOINT)", &options.cs_endpoint),
        (Product::Ram, "--ram-endpoint (RAM_ENDPOINT)", &options.ram_endpoint),
        (Product::Sts, "--sts-endpoint (STS_ENDPOINT)", &options.sts_endpoint),
    ] {
        if let Some(text) = text {
            let endpoint: Endpoint = text.parse().with_context(|| flag.to_owned())?;
            if !endpoint.is_private() {
                let fixed = format!("https://{}", endpoint.host());
                bail!(
                    "{flag} is {endpoint}: plain http is for this machine only (127.0.0.1, ::1, localhost), for \
                     calls carry credentials; use {fixed}"
                );
            }
            endpoints.overrides.insert(product, endpoint);
        }
    }
    Ok(endpoints)
}

/// The clock of the SDK, which counts in chrono.
fn wall_clock(clock: Clock) -> WallClock {
    Arc::new(move || alibaba_provider::time::to_chrono(clock.now()))
}
