//! What most worlds do: begin with the users' documents, wait for pods, come to rest.

use std::time::Duration;

use anyhow::{bail, ensure};
use karpenter_core::api::v1::conditions::HasConditions;
use karpenter_core::api::v1::nodeclaim::NodeClaim;
use kube::ResourceExt;
use serde_json::Value;

use crate::audit::Observation;
use crate::manifests::{self, USER_NODE_CLASS, WIDE_NODE_POOL};
use crate::world::World;

/// Longest virtual time an ordinary step takes.
pub const LIMIT: Duration = Duration::from_secs(15 * 60);

/// Where pools are.
pub const POOLS: &str = "/apis/karpenter.sh/v1/nodepools";

/// Where claims are.
pub const CLAIMS: &str = "/apis/karpenter.sh/v1/nodeclaims";

/// Where nodes are.
pub const NODES: &str = "/api/v1/nodes";

/// Where pods of namespace `default` are.
pub const PODS: &str = "/api/v1/namespaces/default/pods";

impl World {
    /// A world with a running controller, the users' node class and these pools, all of them ready.
    ///
    /// # Errors
    /// When something is refused, or a pool does not become ready.
    pub async fn with_pools(seed: u64, pools: &[Value]) -> anyhow::Result<Self> {
        let mut world = Self::new(seed);
        world.start_controller()?;
        world.apply_yaml(USER_NODE_CLASS).await?;
        for pool in pools {
            world.apply(pool).await?;
        }
        let wanted = pools.len();
        let ready = |seen: &Observation| {
            seen.pools.len() == wanted && seen.pools.iter().all(|pool| pool.is_true("Ready"))
        };
        world.until("pools are ready", LIMIT, ready).await?;
        Ok(world)
    }

    /// [`World::with_pools`] with [`WIDE_NODE_POOL`] alone.
    ///
    /// # Errors
    /// As [`World::with_pools`].
    pub async fn elastic(seed: u64) -> anyhow::Result<Self> {
        Self::with_pools(seed, &[manifests::parse(WIDE_NODE_POOL)?]).await
    }

    /// Creates a Deployment of pause pods of one cpu and 1.5 GiB.
    ///
    /// # Errors
    /// As [`World::apply`].
    pub async fn deploy(&self, name: &str, replicas: u32) -> anyhow::Result<()> {
        self.apply(&manifests::deployment(name, replicas, "1", "1536Mi")).await?;
        Ok(())
    }

    /// Waits until exactly `n` pods exist and all of them run.
    ///
    /// # Errors
    /// As [`World::until`].
    pub async fn until_running(&self, n: usize) -> anyhow::Result<Duration> {
        let running = |seen: &Observation| seen.pods.len() == n && seen.n_running() == n;
        self.until("all pods run", LIMIT, running).await
    }

    /// Waits until no claim, no node and no instance is left.
    ///
    /// # Errors
    /// As [`World::until`].
    pub async fn until_empty(&self) -> anyhow::Result<Duration> {
        let empty = |seen: &Observation| {
            seen.claims.is_empty() && seen.nodes.is_empty() && seen.instances.is_empty()
        };
        self.until("everything is gone", LIMIT, empty).await
    }

    /// Waits until the controller has come to rest, and checks that claims and instances belong together.
    ///
    /// # Errors
    /// When it never rests, or what has leaked.
    pub async fn at_rest(&self) -> anyhow::Result<Observation> {
        self.until_stable(LIMIT).await?;
        let seen = self.observe().await?;
        let (leaks, violations) = (seen.leaks(), seen.violations());
        ensure!(leaks.is_empty() && violations.is_empty(), "at rest: {leaks:?} {violations:?}");
        Ok(seen)
    }

    /// Checks that no instance was ever created beside those of the claims of `seen`.
    ///
    /// # Errors
    /// How many there were.
    pub fn one_instance_per_claim(&self, seen: &Observation) -> anyhow::Result<()> {
        let (created, claims) = (self.cloud.instances_ever_created(), seen.claims.len());
        ensure!(u64::try_from(claims)? == created, "{created} instances for {claims} claims");
        Ok(())
    }

    /// Scales `deployment` to zero, waits until everything is gone, and checks that the controller comes to rest.
    ///
    /// # Errors
    /// As [`World::until_empty`] and [`World::at_rest`].
    pub async fn wind_down(&self, deployment: &str) -> anyhow::Result<()> {
        self.scale(deployment, 0).await?;
        self.until_empty().await?;
        self.at_rest().await?;
        self.nothing_is_left().await
    }

    /// Stops the controller in order and starts a new one.
    ///
    /// # Errors
    /// When a task had ended by itself.
    pub async fn restart_controller(&mut self) -> anyhow::Result<()> {
        self.stop_controller().await?;
        self.start_controller()
    }

    /// Lets virtual time pass, auditing all the while.
    ///
    /// # Errors
    /// What is wrong at any look.
    pub async fn pass(&self, time: Duration) -> anyhow::Result<()> {
        let end = self.clock.now() + time;
        while self.clock.now() < end {
            if let Some(violation) = self.observe().await?.violations().first() {
                bail!("while time passes: {violation}");
            }
            tokio::time::sleep(Duration::from_secs(5)).await;
        }
        Ok(())
    }

    /// Merges `patch` into the object at `path`.
    ///
    /// # Errors
    /// The refusal of the API server.
    pub async fn merge(&self, path: &str, patch: &Value) -> anyhow::Result<Value> {
        let request = http::Request::patch(path)
            .header("content-type", "application/merge-patch+json")
            .body(serde_json::to_vec(patch)?)?;
        Ok(self.client.request(request).await?)
    }

    /// The object at `path`.
    ///
    /// # Errors
    /// The refusal of the API server.
    pub async fn get(&self, path: &str) -> anyhow::Result<Value> {
        Ok(self.client.request(http::Request::get(path).body(vec![])?).await?)
    }
}

/// Id of the instance of a claim in the cloud; empty before it has launched.
pub fn instance_id(claim: &NodeClaim) -> &str {
    let id = claim.status.as_ref().and_then(|status| status.provider_id.as_deref());
    id.and_then(|id| id.split_once('.')).map(|(_, id)| id).unwrap_or_default()
}

/// Value of a label of a claim; empty when it has none.
pub fn label<'a>(claim: &'a NodeClaim, key: &str) -> &'a str {
    claim.labels().get(key).map(String::as_str).unwrap_or_default()
}
