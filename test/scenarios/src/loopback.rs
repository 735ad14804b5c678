//! The real controller in this process, with sockets between it, the API server and the cloud.

use std::sync::Arc;

use alibaba_sdk::credentials::{Credentials, StaticCredentials};
use alibaba_sdk::transport::reqwest::ReqwestTransport;
use anyhow::{Context, anyhow};
use clap::Parser;
use controller::client::KubeClients;
use controller::options::Options;
use controller::run::{Parts, Running, start};
use controller::supervise::Supervisor;
use karpenter_core::clock::Clock;
use kube::Client;
use secrecy::SecretString;
use tokio_util::sync::CancellationToken;

/// Where the controller's cloud is and who it is there.
#[derive(Debug, Clone)]
pub struct CloudAccess {
    /// `http://host:port` of the cloud; every product answers there.
    pub url: String,
    /// Region.
    pub region: String,
    /// Id of the cluster whose instances are ours.
    pub cluster_id: String,
    /// Id of the access key.
    pub key_id: String,
    /// Secret of the access key.
    pub secret: SecretString,
}

/// A controller that runs on the current runtime.
pub struct Controller {
    supervisor: Supervisor,
    /// What it knows and counts.
    pub running: Running,
}

impl Controller {
    /// Starts a controller for the cluster of `client`; `seed` makes its names and jitter.
    ///
    /// # Errors
    /// When the settings of `cloud` do not hold together, or TLS cannot be set up.
    pub fn start(client: Client, cloud: &CloudAccess, seed: u64) -> anyhow::Result<Self> {
        let options = options(cloud);
        let clock = Clock::system();
        let key = Credentials::access_key(&cloud.key_id, cloud.secret.clone());
        let sdk = controller::cloud::client_over(
            &options.alibaba,
            &clock,
            seed,
            Arc::new(StaticCredentials(key)),
            Arc::new(ReqwestTransport::new().context("set up TLS")?),
        )?;
        let supervisor = Supervisor::default();
        let parts = Parts {
            kube: KubeClients::of_service(tower::service_fn(move |request| {
                let client = client.clone();
                async move { client.send(request).await }
            })),
            cloud: sdk,
            clock,
            engine: options.engine(),
            provider: controller::cloud::provider_options(&options.alibaba)?,
            seed,
        };
        let running = start(parts, &supervisor);
        Ok(Self { supervisor, running })
    }

    /// Told when the controller ends, by itself or because it was told to.
    pub fn ended(&self) -> CancellationToken {
        self.supervisor.cancelled()
    }

    /// Ends the controller in order: no new step, steps under way finish.
    ///
    /// # Errors
    /// The name of a task that ended before it was told to.
    pub async fn stop(self) -> anyhow::Result<()> {
        self.supervisor.cancelled().cancel();
        self.supervisor.join().await.map_err(|reason| anyhow!(reason))
    }
}

fn options(cloud: &CloudAccess) -> Options {
    let arguments = ["karpenter", "--region-id", &cloud.region, "--cluster-id", &cloud.cluster_id];
    let endpoints =
        ["--ecs-endpoint", "--vpc-endpoint", "--cs-endpoint", "--ram-endpoint", "--sts-endpoint"]
            .into_iter()
            .flat_map(|flag| [flag, cloud.url.as_str()]);
    Options::parse_from(arguments.into_iter().chain(endpoints))
}
