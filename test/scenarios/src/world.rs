//! A seeded world in virtual time: API server, cloud, machines, workload controllers, and our controller.
//!
//! Must be built inside a paused, single threaded tokio runtime; [`run`] provides one. Every part mounts in
//! process, so no socket and no wall clock is involved, and the same seed gives the same writes.

use std::sync::Arc;
use std::time::Duration;

use alibaba_sdk::credentials::{Credentials, StaticCredentials};
use anyhow::{Context, anyhow, bail};
use clap::Parser;
use controller::client::KubeClients;
use controller::options::Options;
use controller::run::{Parts, Running, start};
use controller::supervise::Supervisor;
use fake_cloud::FakeCloud;
use http::{HeaderValue, Request};
use jiff::Timestamp;
use k8s_openapi::api::core::v1::Event;
use karpenter_core::clock::Clock;
use kube::client::Body;
use kube::{Api, Client};
use kube_lite::KubeLite;
use kube_lite::actors::{Actors, spawn_all};
use parking_lot::Mutex;
use serde_json::Value;
use tokio::task::JoinHandle;
use tower::ServiceExt;

use crate::apply::apply;
use crate::audit::Observation;
use crate::clocks;
use crate::cloud_service::InProcess;
use crate::machines::{self, Boot, Mishaps};
use crate::manifests;
use crate::tripwire::{Tripwire, Wired};
use crate::weather::{Exposed, Weather};

/// Region of all worlds.
pub const REGION: &str = "cn-hangzhou";

/// Name of our controller in the write log.
const CONTROLLER: &str = "karpenter";

/// How often conditions are looked at.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// How long nothing may be written before a world counts as stable.
const QUIET: Duration = Duration::from_secs(90);

/// A world.
pub struct World {
    /// The API server.
    pub api: KubeLite,
    /// The cloud.
    pub cloud: FakeCloud,
    /// A client of the API server, as a user has one.
    pub client: Client,
    /// Virtual time.
    pub clock: Clock,
    /// What machines do wrong.
    pub mishaps: Arc<Mutex<Mishaps>>,
    /// Cuts the controller's power at a chosen request.
    pub tripwire: Tripwire,
    /// What befalls the controller's requests on their way to the API.
    pub weather: Weather,
    /// Settings the controller is started with.
    pub options: Options,
    /// What the controller signs its calls to the cloud with.
    pub credentials: Credentials,
    seed: u64,
    starts: u64,
    process: Option<(Supervisor, Running)>,
    machines: JoinHandle<()>,
    _actors: Actors,
}

/// Runs `story` in a paused, single threaded runtime, so that waiting costs no time.
pub fn run<T>(story: impl Future<Output = T>) -> T {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    let runtime = builder.enable_all().start_paused(true).build();
    runtime.expect("invariant: a runtime without sockets can always be built").block_on(story)
}

impl World {
    /// A world with everything but a running controller.
    pub fn new(seed: u64) -> Self {
        let epoch: Timestamp = "2026-01-05T08:00:00Z".parse().expect("invariant: a valid time");
        let clock = Clock::simulated(epoch);
        let now = clocks::for_api(&clock);
        let api = KubeLite::new(kube_lite::Config::new(now.clone(), seed));
        for definition in manifests::definitions() {
            api.install_crd(definition).expect("invariant: our own definitions are valid");
        }
        let cloud = FakeCloud::new(fake_cloud::Config::new(clocks::for_cloud(&clock), seed));
        // With Flannel the small types that users' documents name hold enough pods to be offered.
        cloud.edit_cluster(|cluster| cluster.network = "Flannel".to_owned());
        let actors = spawn_all(&api.client("cluster"), &kube_lite::actors::Config::new(now));
        let mishaps = Arc::new(Mutex::new(Mishaps::default()));
        let machines = tokio::spawn(machines::run(
            cloud.clone(),
            REGION.to_owned(),
            actors.kubelets.clone(),
            Boot::default(),
            mishaps.clone(),
        ));
        Self {
            client: api.client("user"),
            options: options(&cloud),
            credentials: Credentials::access_key("testid", "testsecret".into()),
            api,
            cloud,
            clock,
            mishaps,
            tripwire: Tripwire::default(),
            weather: Weather::new(seed),
            seed,
            starts: 0,
            process: None,
            machines,
            _actors: actors,
        }
    }

    /// Starts the controller.
    ///
    /// # Errors
    /// When its options do not hold together.
    pub fn start_controller(&mut self) -> anyhow::Result<()> {
        self.starts += 1;
        let seed = self.seed.wrapping_mul(31).wrapping_add(self.starts);
        let kube = KubeClients::of_service(Wired {
            inner: Exposed {
                inner: self.api.router().map_request(sign_as_controller),
                weather: self.weather.clone(),
            },
            wire: self.tripwire.clone(),
        });
        let cloud = controller::cloud::client_over(
            &self.options.alibaba,
            &self.clock,
            seed,
            Arc::new(StaticCredentials(self.credentials.clone())),
            Arc::new(InProcess(self.cloud.router())),
        )?;
        let supervisor = Supervisor::default();
        let parts = Parts {
            kube,
            cloud,
            clock: self.clock.clone(),
            engine: self.options.engine(),
            provider: controller::cloud::provider_options(&self.options.alibaba)?,
            seed,
        };
        let running = start(parts, &supervisor);
        self.process = Some((supervisor, running));
        Ok(())
    }

    /// Drops the controller where it stands.
    pub fn crash_controller(&mut self) {
        if let Some((supervisor, _)) = self.process.take() {
            supervisor.kill();
        }
    }

    /// Ends the controller in order.
    ///
    /// # Errors
    /// The name of a task that ended before it was told to.
    pub async fn stop_controller(&mut self) -> anyhow::Result<()> {
        let Some((supervisor, _)) = self.process.take() else { return Ok(()) };
        supervisor.cancelled().cancel();
        supervisor.join().await.map_err(|reason| anyhow!(reason))
    }

    /// What the controller knows and counts; `None` while it does not run.
    pub fn controller(&self) -> Option<&Running> {
        self.process.as_ref().map(|(_, running)| running)
    }

    /// Cuts the controller's power from afar.
    pub fn power_switch(&self) -> impl Fn() + Send + Sync + 'static {
        let supervisor = self.process.as_ref().map(|(supervisor, _)| supervisor.clone());
        move || {
            if let Some(supervisor) = &supervisor {
                supervisor.kill();
            }
        }
    }

    /// Creates an object, or merges it into the one of that name.
    ///
    /// # Errors
    /// The refusal of the API server, with its message.
    pub async fn apply(&self, object: &Value) -> anyhow::Result<Value> {
        apply(&self.client, object).await
    }

    /// Applies YAML, as `kubectl apply -f` does.
    ///
    /// # Errors
    /// As [`World::apply`], or what is wrong with the text.
    pub async fn apply_yaml(&self, yaml: &str) -> anyhow::Result<Value> {
        self.apply(&manifests::parse(yaml)?).await
    }

    /// Sets the replicas of a Deployment in namespace `default`.
    ///
    /// # Errors
    /// When there is none of that name.
    pub async fn scale(&self, deployment: &str, replicas: u32) -> anyhow::Result<()> {
        let path = format!("/apis/apps/v1/namespaces/default/deployments/{deployment}");
        self.patch(&path, &serde_json::json!({ "spec": { "replicas": replicas } })).await?;
        Ok(())
    }

    /// Deletes the object `name` in the collection of `path`.
    ///
    /// # Errors
    /// When there is none of that name.
    pub async fn delete(&self, path: &str) -> anyhow::Result<()> {
        self.client.request::<Value>(http::Request::delete(path).body(vec![])?).await?;
        Ok(())
    }

    /// Merges `patch` into the object at `path`.
    ///
    /// # Errors
    /// The refusal of the API server, with its message.
    pub async fn patch(&self, path: &str, patch: &Value) -> anyhow::Result<Value> {
        let request = http::Request::patch(path)
            .header("content-type", "application/merge-patch+json")
            .body(serde_json::to_vec(patch)?)?;
        Ok(self.client.request::<Value>(request).await?)
    }

    /// Reads the object at `path`.
    ///
    /// # Errors
    /// When there is none.
    pub async fn read(&self, path: &str) -> anyhow::Result<Value> {
        Ok(self.client.request::<Value>(http::Request::get(path).body(vec![])?).await?)
    }

    /// All Kubernetes Events, by name.
    ///
    /// # Errors
    /// When the API does not answer.
    pub async fn events(&self) -> anyhow::Result<Vec<Event>> {
        let events: Api<Event> = Api::all(self.client.clone());
        Ok(events.list(&Default::default()).await?.items)
    }

    /// Reads everything the auditor looks at.
    ///
    /// # Errors
    /// When the API does not answer.
    pub async fn observe(&self) -> anyhow::Result<Observation> {
        Observation::of(&self.client, &self.cloud, REGION).await
    }

    /// Waits until `holds`, auditing on the way; answers how long it took.
    ///
    /// # Errors
    /// When it does not hold within `limit`, or something is wrong at any look.
    pub async fn until(
        &self,
        what: &str,
        limit: Duration,
        mut holds: impl FnMut(&Observation) -> bool,
    ) -> anyhow::Result<Duration> {
        let start = self.clock.now();
        loop {
            let seen = self.observe().await?;
            if let Some(violation) = seen.violations().first() {
                bail!("while waiting until {what}: {violation}");
            }
            let waited = Duration::try_from(self.clock.now().duration_since(start))?;
            if holds(&seen) {
                return Ok(waited);
            }
            if waited > limit {
                bail!("not so after {} s: {what}; {}", limit.as_secs(), summary(&seen));
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// Waits until our controller has written nothing for a while.
    ///
    /// # Errors
    /// When it still writes after `limit`: it must come to rest once nothing changes.
    pub async fn until_stable(&self, limit: Duration) -> anyhow::Result<()> {
        let deadline = self.clock.now() + limit;
        let mut last = self.controller_writes();
        let mut since = self.clock.now();
        while self.clock.now() < deadline {
            tokio::time::sleep(Duration::from_secs(5)).await;
            let writes = self.controller_writes();
            if writes != last {
                (last, since) = (writes, self.clock.now());
            } else if self.clock.now() >= since + QUIET {
                return Ok(());
            }
        }
        bail!("the controller still writes after {} s", limit.as_secs())
    }

    /// Checks that everything has gone: no claims, no instances, no nodes of ours.
    ///
    /// # Errors
    /// What is left.
    pub async fn nothing_is_left(&self) -> anyhow::Result<()> {
        let seen = self.observe().await?;
        let left = [seen.claims.len(), seen.nodes.len(), seen.instances.len()];
        (left == [0, 0, 0]).then_some(()).with_context(|| summary(&seen))
    }

    /// Number of writes our controller has made to the API, events left out.
    pub fn controller_writes(&self) -> usize {
        self.api.count_writes(|record| record.actor == CONTROLLER && record.kind != "Event")
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.crash_controller();
        self.machines.abort();
    }
}

/// Names the writer of a request for the write log of the API server.
fn sign_as_controller(mut request: Request<Body>) -> Request<Body> {
    let name = HeaderValue::from_static(CONTROLLER);
    request.headers_mut().insert("kube-lite-actor", name);
    request
}

/// Options as a user of this cloud would set them.
fn options(cloud: &FakeCloud) -> Options {
    let cluster = cloud.cluster().id;
    Options::parse_from(["karpenter", "--region-id", REGION, "--cluster-id", &cluster])
}

fn summary(seen: &Observation) -> String {
    format!(
        "{} pods ({} bound, {} running), {} claims, {} nodes, {} instances",
        seen.pods.len(),
        seen.n_bound(),
        seen.n_running(),
        seen.claims.len(),
        seen.nodes.len(),
        seen.instances.len()
    )
}
