//! The actors together, in virtual time.
//!
//! Source: Kubernetes concepts, "Controllers", "Deployments" and "Kubernetes Scheduler".

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use http::Method;
use jiff::{SignedDuration, Timestamp};
use kube_lite::actors::{Actors, Config, Machine, Which, spawn};
use kube_lite::{Clock, KubeLite};
use serde_json::{Value, json};

use crate::support::{EPOCH, PODS, call, list_of};

/// A server and its actors on one clock that follows tokio's.
pub(crate) struct Cluster {
    pub(crate) server: KubeLite,
    pub(crate) actors: Actors,
}

impl Cluster {
    pub(crate) fn new() -> Self {
        Self::with(Which::All)
    }

    pub(crate) fn with(which: Which) -> Self {
        let clock = virtual_clock();
        let server = KubeLite::new(kube_lite::Config::new(clock.clone(), 7));
        let actors = spawn(which, &server.client("actors"), &Config::new(clock));
        Self { server, actors }
    }

    pub(crate) async fn join(&self, name: &str, cpu: &str) {
        self.actors.kubelets.join(machine(name, cpu)).await.expect("running");
    }

    pub(crate) async fn post(&self, path: &str, object: Value) {
        let (code, body) = call(&self.server, Method::POST, path, object).await;
        assert_eq!(code, 201, "{body}");
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        call(&self.server, Method::GET, path, Value::Null).await.1
    }
}

#[expect(clippy::disallowed_methods, reason = "the clock of a virtual world")]
fn virtual_clock() -> Clock {
    let start = tokio::time::Instant::now();
    let epoch = Timestamp::from_second(EPOCH).expect("a valid second");
    Arc::new(move || {
        let elapsed = SignedDuration::try_from(start.elapsed()).expect("a short world");
        epoch.checked_add(elapsed).expect("a short world")
    })
}

pub(crate) async fn seconds(count: u64) {
    tokio::time::sleep(Duration::from_secs(count)).await;
}

fn machine(name: &str, cpu: &str) -> Machine {
    let capacity = [("cpu", cpu), ("memory", "8Gi"), ("pods", "20")];
    let text = |(name, amount): (&str, &str)| (name.to_owned(), amount.to_owned());
    let not_ready = "node.kubernetes.io/not-ready".to_owned();
    Machine {
        node_name: name.to_owned(),
        provider_id: format!("test://{name}"),
        labels: BTreeMap::from([("zone".to_owned(), "z1".to_owned())]),
        taints: vec![(not_ready, String::new(), "NoSchedule".to_owned())],
        capacity: capacity.into_iter().map(text).collect(),
        ready_after: Duration::from_secs(10),
        ..Machine::default()
    }
}

pub(crate) const DEPLOYMENTS: &str = "/apis/apps/v1/namespaces/default/deployments";
const DAEMONSETS: &str = "/apis/apps/v1/namespaces/default/daemonsets";

pub(crate) fn deployment(name: &str, replicas: u32, cpu: &str) -> Value {
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name},
        "spec": {"replicas": replicas, "selector": {"matchLabels": {"app": name}},
            "template": template(name, cpu)},
    })
}

fn template(name: &str, cpu: &str) -> Value {
    json!({"metadata": {"labels": {"app": name}}, "spec": {"containers": [
        {"name": "main", "image": "pause", "resources": {"requests": {"cpu": cpu}}}]}})
}

fn field<'a>(objects: &'a [Value], pointer: &str) -> Vec<&'a str> {
    objects.iter().filter_map(|object| object.pointer(pointer)?.as_str()).collect()
}

#[tokio::test(start_paused = true)]
async fn a_machine_becomes_a_ready_node_after_its_delay() {
    let cluster = Cluster::new();
    cluster.join("n1", "4").await;
    seconds(5).await;
    let node = cluster.get("/api/v1/nodes/n1").await;
    assert_eq!(node["status"]["conditions"][0]["status"], "False");
    assert_eq!(node["spec"]["taints"][0]["key"], "node.kubernetes.io/not-ready");
    seconds(10).await;
    let node = cluster.get("/api/v1/nodes/n1").await;
    assert_eq!(node["status"]["conditions"][0]["status"], "True");
    assert_eq!(node["spec"]["taints"], json!(null));
}

#[tokio::test(start_paused = true)]
async fn a_node_whose_machine_left_becomes_unknown_when_its_heartbeat_is_missed() {
    let cluster = Cluster::new();
    cluster.join("n1", "4").await;
    cluster.join("n2", "4").await;
    seconds(20).await;
    cluster.actors.kubelets.leave("n1").await.expect("running");
    seconds(25).await;
    let ready = |node: Value| node["status"]["conditions"][0]["status"].clone();
    assert_eq!(ready(cluster.get("/api/v1/nodes/n1").await), "True");
    seconds(60).await;
    assert_eq!(ready(cluster.get("/api/v1/nodes/n1").await), "Unknown");
    assert_eq!(ready(cluster.get("/api/v1/nodes/n2").await), "True");
}

/// An address that is used again at once names the node of another instance while that node is still going away.
#[tokio::test(start_paused = true)]
async fn a_machine_waits_until_the_node_of_another_instance_gives_up_its_name() {
    let cluster = Cluster::new();
    cluster.join("n1", "4").await;
    seconds(20).await;
    cluster.actors.kubelets.leave("n1").await.expect("running");
    let next = Machine { provider_id: "region.i-next".to_owned(), ..machine("n1", "4") };
    cluster.actors.kubelets.join(next).await.expect("running");
    seconds(20).await;
    let provider = async || cluster.get("/api/v1/nodes/n1").await["spec"]["providerID"].clone();
    assert_ne!(provider().await, "region.i-next");
    let gone = call(&cluster.server, Method::DELETE, "/api/v1/nodes/n1", Value::Null).await;
    assert_eq!(gone.0, 200);
    seconds(20).await;
    assert_eq!(provider().await, "region.i-next");
    let node = cluster.get("/api/v1/nodes/n1").await;
    assert_eq!(node["status"]["conditions"][0]["status"], "True");
}

#[tokio::test(start_paused = true)]
async fn a_deployment_spreads_runs_scales_and_cleans_up() {
    let cluster = Cluster::new();
    cluster.join("n1", "4").await;
    cluster.join("n2", "4").await;
    seconds(20).await;
    cluster.post(DEPLOYMENTS, deployment("web", 4, "1")).await;
    seconds(60).await;
    let pods = list_of(&cluster.server, PODS).await;
    let mut nodes = field(&pods, "/spec/nodeName");
    nodes.sort_unstable();
    assert_eq!(nodes, ["n1", "n1", "n2", "n2"]);
    assert_eq!(field(&pods, "/status/phase"), ["Running"; 4]);
    let status = cluster.get(&format!("{DEPLOYMENTS}/web")).await["status"].clone();
    assert_eq!((&status["readyReplicas"], &status["updatedReplicas"]), (&json!(4), &json!(4)));
    let scale = json!({"spec": {"replicas": 1}});
    call(&cluster.server, Method::PUT, &format!("{DEPLOYMENTS}/web/scale"), scale).await;
    seconds(60).await;
    assert_eq!(list_of(&cluster.server, PODS).await.len(), 1);
    let path = format!("{DEPLOYMENTS}/web");
    call(&cluster.server, Method::DELETE, &path, Value::Null).await;
    seconds(60).await;
    assert_eq!(list_of(&cluster.server, PODS).await, Vec::<Value>::new());
}

#[tokio::test(start_paused = true)]
async fn a_pod_that_fits_nowhere_says_so_once_and_starts_when_a_node_comes() {
    let cluster = Cluster::new();
    cluster.join("n1", "1").await;
    cluster.post(DEPLOYMENTS, deployment("big", 1, "2")).await;
    seconds(60).await;
    let pods = list_of(&cluster.server, PODS).await;
    let condition = &pods[0]["status"]["conditions"][0];
    assert_eq!(condition["reason"], "Unschedulable");
    assert_eq!(
        condition["message"],
        "0/1 nodes are available: 1 Insufficient cpu. preemption: 0/1 nodes are available: \
         1 No preemption victims found for incoming pod."
    );
    let version = pods[0]["metadata"]["resourceVersion"].clone();
    seconds(60).await;
    let later = list_of(&cluster.server, PODS).await;
    assert_eq!(later[0]["metadata"]["resourceVersion"], version);
    cluster.join("n2", "4").await;
    seconds(60).await;
    let pods = list_of(&cluster.server, PODS).await;
    assert_eq!(field(&pods, "/spec/nodeName"), ["n2"]);
}

#[tokio::test(start_paused = true)]
async fn a_daemon_set_has_one_pod_on_every_node_it_tolerates() {
    let cluster = Cluster::new();
    cluster.join("n1", "4").await;
    cluster.join("n2", "4").await;
    let taints = json!([{"key": "k", "effect": "NoSchedule"}]);
    let tainted = json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n3"},
        "spec": {"taints": taints}});
    cluster.post("/api/v1/nodes", tainted).await;
    let set = json!({
        "apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": {"name": "agent"},
        "spec": {"selector": {"matchLabels": {"app": "agent"}}, "template": template("agent", "1")},
    });
    cluster.post(DAEMONSETS, set).await;
    seconds(60).await;
    let pods = list_of(&cluster.server, PODS).await;
    let mut nodes = field(&pods, "/spec/nodeName");
    nodes.sort_unstable();
    assert_eq!(nodes, ["n1", "n2"]);
    let status = cluster.get(&format!("{DAEMONSETS}/agent")).await["status"].clone();
    assert_eq!(status["desiredNumberScheduled"], 2);
    assert_eq!(status["numberReady"], 2);
}

#[tokio::test(start_paused = true)]
async fn pods_of_a_vanished_node_are_replaced_elsewhere() {
    let cluster = Cluster::new();
    cluster.join("n1", "4").await;
    cluster.post(DEPLOYMENTS, deployment("web", 1, "1")).await;
    seconds(30).await;
    cluster.actors.kubelets.leave("n1").await.expect("running");
    call(&cluster.server, Method::DELETE, "/api/v1/nodes/n1", Value::Null).await;
    cluster.join("n2", "4").await;
    seconds(120).await;
    let pods = list_of(&cluster.server, PODS).await;
    assert_eq!(field(&pods, "/spec/nodeName"), ["n2"]);
    assert_eq!(field(&pods, "/status/phase"), ["Running"]);
}

#[tokio::test(start_paused = true)]
async fn a_budget_follows_its_pods_and_evictions_wait_for_replacements() {
    let cluster = Cluster::new();
    cluster.join("n1", "4").await;
    cluster.post(DEPLOYMENTS, deployment("web", 2, "1")).await;
    let budget = json!({
        "apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": "web"},
        "spec": {"maxUnavailable": 1, "selector": {"matchLabels": {"app": "web"}}},
    });
    let path = "/apis/policy/v1/namespaces/default/poddisruptionbudgets";
    cluster.post(path, budget).await;
    seconds(60).await;
    let status = cluster.get(&format!("{path}/web")).await["status"].clone();
    assert_eq!((&status["expectedPods"], &status["desiredHealthy"]), (&json!(2), &json!(1)));
    assert_eq!(status["disruptionsAllowed"], 1);
    let pods = list_of(&cluster.server, PODS).await;
    let mut codes = Vec::new();
    for pod in &pods {
        let name = pod["metadata"]["name"].as_str().expect("a name");
        let eviction = json!({"metadata": {"name": name}});
        let path = format!("{PODS}/{name}/eviction");
        codes.push(call(&cluster.server, Method::POST, &path, eviction).await.0);
    }
    assert_eq!(codes, [201, 429]);
    seconds(60).await;
    let status = cluster.get(&format!("{path}/web")).await["status"].clone();
    assert_eq!(status["disruptionsAllowed"], 1);
    assert_eq!(status["disruptedPods"], json!({}));
}
