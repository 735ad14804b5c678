//! Starts everything, supervises it, stops it in order.
//!
//! Stop order: readiness goes, no step is started any more, steps under way finish within a grace period, the servers
//! close. A second signal ends the process at once.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use alibaba_provider::controllers::catalog_refresh::CatalogRefresh;
use alibaba_provider::controllers::legacy_class::LegacyClassController;
use alibaba_provider::controllers::node_class::NodeClassController;
use alibaba_provider::controllers::reserved_claims::ReservedClaims;
use alibaba_provider::provider::{AlibabaProvider, Parts as ProviderParts};
use anyhow::{Context, anyhow};
use karpenter_core::clock::Clock;
use karpenter_core::controllers::engine::{self, Engine};
use karpenter_core::state::ClusterState;
use prometheus_client::registry::Registry;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use crate::build;
use crate::client::KubeClients;
use crate::cloud;
use crate::http::{health_router, metrics_router};
use crate::options::Options;
use crate::seed;
use crate::supervise::Supervisor;
use crate::telemetry;

/// How long everything may take to end after it was told to; longer than a runner waits for its steps.
const GRACE: Duration = Duration::from_secs(25);

/// What the controller is built from; the same in production and in worlds.
pub struct Parts {
    /// The Kubernetes API.
    pub kube: KubeClients,
    /// The cloud.
    pub cloud: alibaba_sdk::Client,
    /// Time.
    pub clock: Clock,
    /// Settings of the engine.
    pub engine: karpenter_core::options::Options,
    /// Settings of the provider.
    pub provider: alibaba_provider::options::Options,
    /// Source of all randomness.
    pub seed: u64,
}

/// A controller that runs.
pub struct Running {
    /// What it knows.
    pub state: ClusterState,
    /// Its metrics.
    pub registry: Arc<Registry>,
}

/// Starts all tasks under `supervisor`.
pub fn start(parts: Parts, supervisor: &Supervisor) -> Running {
    let state = ClusterState::default();
    let mut registry = Registry::default();
    build::register(&mut registry);
    let sdk = Arc::new(parts.cloud);
    let with_legacy_classes = parts.provider.legacy_node_classes;
    let reserved_capacity = parts.engine.feature_gates.reserved_capacity;
    let provider = Arc::new(AlibabaProvider::new(ProviderParts {
        ecs: sdk.clone(),
        vpc: sdk.clone(),
        cs: sdk.clone(),
        ram: sdk,
        kube: parts.kube.api.clone(),
        clock: parts.clock.clone(),
        options: alibaba_provider::options::Options { reserved_capacity, ..parts.provider },
    }));
    let engine = Engine::new(
        engine::Parts {
            api: parts.kube.api,
            watch: parts.kube.watch,
            cloud: provider.clone(),
            state: state.clone(),
            clock: parts.clock,
            options: parts.engine,
            seed: parts.seed,
            cancel: supervisor.cancelled(),
        },
        &mut registry,
    );
    let events = engine.clients.events.clone();
    let node_classes = NodeClassController::new(provider.clone(), state.clone(), events.clone());
    let catalog = CatalogRefresh::new(provider.clone(), state.clone());
    let reserved = ReservedClaims::new(provider.clone(), state.clone(), events.clone());
    let mut own = vec![engine.row(node_classes), engine.row(catalog), engine.row(reserved)];
    if with_legacy_classes {
        let older = LegacyClassController::new(provider, state.clone(), events);
        own.push(engine.row(older));
    }
    let tasks = engine.tasks();
    for (name, row) in own.into_iter().chain(tasks.rows) {
        supervisor.spawn(name, row);
    }
    for (name, task) in tasks.background {
        supervisor.spawn_until_cancelled(name, task);
    }
    Running { state, registry: Arc::new(registry) }
}

/// Runs the process until it is told to stop.
///
/// # Errors
/// When the configuration is incomplete, a port is taken, or a task ends that must not.
pub async fn run(options: Options) -> anyhow::Result<()> {
    let level = telemetry::init(&options.log_level, options.log_format)?;
    for name in &options.feature_gates.unknown {
        tracing::warn!(name, "unknown feature gate is ignored");
    }
    let provider = cloud::provider_options(&options.alibaba)?;
    let (clock, seed) = (Clock::system(), seed::from_the_system());
    let cloud = cloud::client(&options.alibaba, &clock, seed)?;
    let kube = KubeClients::infer().await.context("connect to the Kubernetes API")?;
    let supervisor = Supervisor::default();
    let engine = options.engine();
    tracing::info!(
        version = build::VERSION,
        region = options.alibaba.region_id,
        cluster = provider.cluster_identity(),
        batch_idle_seconds = engine.batch_idle_duration.as_secs_f64(),
        batch_max_seconds = engine.batch_max_duration.as_secs_f64(),
        feature_gates = ?engine.feature_gates,
        "starting"
    );
    let running = start(Parts { kube, cloud, clock, engine, provider, seed }, &supervisor);
    let servers = Supervisor::default();
    let metrics = metrics_router(running.registry, running.state.clone(), Some(level));
    serve(&servers, "metrics", options.metrics_port, metrics).await?;
    let health = health_router(running.state, supervisor.cancelled());
    serve(&servers, "health", options.health_probe_port, health).await?;
    stop_on_signal(&supervisor)?;
    let ended = until_ended(&supervisor, &servers).await;
    tracing::info!(clean = ended.is_ok(), "stopped");
    ended.map_err(|reason| anyhow!(reason))
}

/// Waits for the end of everything: first the engine, then the servers, so that probes are answered meanwhile.
async fn until_ended(supervisor: &Supervisor, servers: &Supervisor) -> Result<(), String> {
    // Servers that end by themselves end the engine.
    supervisor.spawn_until_cancelled("http", servers.cancelled().cancelled_owned());
    supervisor.cancelled().cancelled_owned().await;
    let ended = match tokio::time::timeout(GRACE, supervisor.join()).await {
        Ok(ended) => ended,
        Err(_) => {
            supervisor.kill();
            Err(format!("work under way took longer than {} s", GRACE.as_secs()))
        }
    };
    servers.cancelled().cancel();
    if tokio::time::timeout(GRACE, servers.join()).await.is_err() {
        servers.kill();
    }
    ended
}

async fn serve(
    servers: &Supervisor,
    name: &'static str,
    port: u16,
    router: axum::Router,
) -> anyhow::Result<()> {
    let address = SocketAddr::from((Ipv4Addr::UNSPECIFIED, port));
    let listener =
        TcpListener::bind(address).await.with_context(|| format!("listen on port {port}"))?;
    tracing::info!(server = name, port = listener.local_addr()?.port(), "listening");
    let cancel = servers.cancelled();
    servers.spawn(name, async move {
        let served = axum::serve(listener, router);
        let served = served.with_graceful_shutdown(cancel.cancelled_owned());
        if let Err(error) = served.await {
            tracing::error!(%error, name, "server failed");
        }
    });
    Ok(())
}

/// Ends everything on SIGTERM or SIGINT; the second signal ends the process.
fn stop_on_signal(supervisor: &Supervisor) -> anyhow::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let cancel = supervisor.cancelled();
    tokio::spawn(async move {
        for attempt in 0.. {
            tokio::select! {
                biased;
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            if attempt > 0 {
                std::process::exit(1);
            }
            tracing::info!("stopping: no new work, waiting for work under way");
            cancel.cancel();
        }
    });
    Ok(())
}
