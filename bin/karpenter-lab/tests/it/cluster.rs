//! What is in the API and in the cloud, and waiting for it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use http::Request;
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Client, Config};
use serde_json::{Value, json};

use crate::process::{LOOK_EVERY, PATIENCE, clock};

/// Folder of the examples that users apply.
const EXAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/examples");

/// A cluster as users see it, and the instances behind it.
pub(crate) struct Cluster {
    pub(crate) kubeconfig: PathBuf,
    client: Client,
    /// URL of the cloud.
    cloud: String,
}

/// Everything of interest at one moment.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    pub(crate) pods: usize,
    pub(crate) running: usize,
    /// Those of them that belong to an inflating deployment and are not going away.
    pub(crate) inflating: usize,
    /// Names of nodes.
    pub(crate) nodes: BTreeSet<String>,
    /// Provider ids by claim; empty before it has launched.
    pub(crate) claims: BTreeMap<String, String>,
    /// Provider ids of instances that are not going away.
    pub(crate) instances: BTreeSet<String>,
}

impl Seen {
    /// Whether every claim has its instance and every instance its claim.
    pub(crate) fn belongs_together(&self) -> bool {
        self.claims.values().cloned().collect::<BTreeSet<_>>() == self.instances
            && self.claims.len() == self.instances.len()
    }

    /// Whether nothing is left.
    pub(crate) fn is_empty(&self) -> bool {
        self.claims.is_empty() && self.nodes.is_empty() && self.instances.is_empty()
    }
}

impl Cluster {
    /// The cluster of a kubeconfig and the cloud at `cloud`.
    pub(crate) async fn new(kubeconfig: &Path, cloud: &str) -> Self {
        // A second test of this binary finds it installed.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let file = Kubeconfig::read_from(kubeconfig).expect("a kubeconfig");
        let options = KubeConfigOptions::default();
        let config = Config::from_custom_kubeconfig(file, &options).await.expect("a configuration");
        let client = Client::try_from(config).expect("a client");
        Self { kubeconfig: kubeconfig.to_owned(), client, cloud: cloud.to_owned() }
    }

    /// Applies an example.
    pub(crate) async fn apply(&self, example: &str) {
        let path = format!("{EXAMPLES}/{example}.yaml");
        let text = std::fs::read_to_string(&path).expect("the example is there");
        let applied = scenarios::apply::apply_yaml(&self.client, &text).await;
        applied.unwrap_or_else(|error| panic!("{example}: {error}"));
    }

    /// Sets the replicas of a Deployment in namespace `default`.
    pub(crate) async fn scale(&self, deployment: &str, replicas: usize) {
        let path = format!("/apis/apps/v1/namespaces/default/deployments/{deployment}");
        let body = json!({ "spec": { "replicas": replicas } }).to_string().into_bytes();
        let request = Request::patch(path)
            .header("content-type", "application/merge-patch+json")
            .body(body)
            .expect("a request");
        self.client.request::<Value>(request).await.expect("scaled");
    }

    /// Deletes an object.
    pub(crate) async fn delete(&self, path: &str) {
        let request = Request::delete(path).body(vec![]).expect("a request");
        self.client.request::<Value>(request).await.expect("deleted");
    }

    /// Looks at everything; a server that is down is told as an error.
    pub(crate) async fn look(&self) -> Result<Seen, String> {
        let pods = self.list("/api/v1/namespaces/default/pods").await?;
        let nodes = self.list("/api/v1/nodes").await?;
        let claims = self.list("/apis/karpenter.sh/v1/nodeclaims").await?;
        let name = |object: &Value| text(object, "/metadata/name");
        let running = pods.iter().filter(|pod| text(pod, "/status/phase") == "Running");
        let inflates = |pod: &&Value| {
            name(pod).starts_with("inflate") && pod.pointer("/metadata/deletionTimestamp").is_none()
        };
        let provider = |claim: &Value| (name(claim), text(claim, "/status/providerID"));
        Ok(Seen {
            inflating: running.clone().filter(|pod| inflates(pod)).count(),
            running: running.count(),
            pods: pods.len(),
            nodes: nodes.iter().map(name).collect(),
            claims: claims.iter().map(provider).collect(),
            instances: self.instances().await?,
        })
    }

    /// Waits until `holds`; a server that is down meanwhile is waited for.
    pub(crate) async fn until(&self, what: &str, holds: impl Fn(&Seen) -> bool) -> Seen {
        let give_up = clock() + PATIENCE;
        loop {
            let seen = self.look().await;
            match seen {
                Ok(seen) if holds(&seen) => return seen,
                other => assert!(clock() < give_up, "not so: {what}; {other:?}"),
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// Waits until `n` pods of the two inflating deployments run, every claim with its instance. Agents are not counted:
    /// those of a node that has gone stay for a while.
    pub(crate) async fn until_all_run(&self, n: usize) -> Seen {
        let what = format!("{n} pods run");
        self.until(&what, |seen| seen.inflating == n && seen.belongs_together()).await
    }

    /// Client tokens of the launches the cloud has carried out since it started. A launch that was asked for
    /// twice in the same words is one.
    pub(crate) async fn launches(&self) -> BTreeSet<String> {
        let url = format!("{}/__fake/calls?action=RunInstances&limit=1000", self.cloud);
        let answer = reqwest::get(url).await.expect("the cloud answers");
        let list: Value = answer.json().await.expect("JSON");
        let calls = list["calls"].as_array().cloned().expect("calls");
        let done = calls.iter().filter(|call| call["outcome"] == "ok");
        done.map(|call| text(call, "/params/ClientToken")).collect()
    }

    /// Waits until exactly `n` pods of the inflating deployment run, every claim with its instance.
    pub(crate) async fn until_running(&self, n: usize) -> Seen {
        let what = format!("{n} pods run");
        self.until(&what, |seen| seen.pods == n && seen.running == n && seen.belongs_together())
            .await
    }

    async fn list(&self, path: &str) -> Result<Vec<Value>, String> {
        let request = Request::get(path).body(vec![]).map_err(|error| error.to_string())?;
        let list = self.client.request::<Value>(request).await.map_err(|e| e.to_string())?;
        Ok(list["items"].as_array().cloned().unwrap_or_default())
    }

    async fn instances(&self) -> Result<BTreeSet<String>, String> {
        let machines = machines(&self.cloud).await.map_err(|error| error.to_string())?;
        let there = machines.iter().filter(|machine| {
            matches!(text(machine, "/state").as_str(), "Pending" | "Starting" | "Running")
        });
        Ok(there.map(|machine| text(machine, "/providerId")).collect())
    }
}

/// All machines the cloud tells of.
async fn machines(cloud: &str) -> Result<Vec<Value>, reqwest::Error> {
    let answer = reqwest::get(format!("{cloud}/__fake/machines")).await?;
    let list: Value = answer.error_for_status()?.json().await?;
    Ok(list["machines"].as_array().cloned().unwrap_or_default())
}

fn text(object: &Value, pointer: &str) -> String {
    object.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
}
