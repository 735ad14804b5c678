//! Where the scheduler puts pods, and what it says when it cannot.
//!
//! Source: Kubernetes concepts, "Kubernetes Scheduler", "Assigning Pods to Nodes" and "Taints and Tolerations".

use std::collections::BTreeMap;
use std::time::Duration;

use http::Method;
use kube_lite::actors::{Machine, Which};
use serde_json::{Value, json};

use crate::cluster::{Cluster, DEPLOYMENTS, deployment, seconds};
use crate::support::{PODS, call, list_of, pod};

/// A machine in a zone.
pub(crate) fn zoned(name: &str, zone: &str) -> Machine {
    let text = |(key, value): (&str, &str)| (key.to_owned(), value.to_owned());
    Machine {
        node_name: name.to_owned(),
        provider_id: format!("test://{name}"),
        labels: BTreeMap::from([text(("topology.kubernetes.io/zone", zone))]),
        capacity: [("cpu", "4"), ("memory", "8Gi"), ("pods", "20")].into_iter().map(text).collect(),
        csi_drivers: BTreeMap::from([("disk.test".to_owned(), 2)]),
        ready_after: Duration::from_secs(1),
        ..Machine::default()
    }
}

async fn zones(zones: &[(&str, &str)]) -> Cluster {
    let cluster = Cluster::new();
    for (name, zone) in zones {
        cluster.actors.kubelets.join(zoned(name, zone)).await.expect("running");
    }
    seconds(5).await;
    cluster
}

async fn nodes_of_pods(cluster: &Cluster) -> Vec<String> {
    let pods = list_of(&cluster.server, PODS).await;
    let mut nodes: Vec<String> =
        pods.iter().map(|pod| pod["spec"]["nodeName"].as_str().unwrap_or("-").to_owned()).collect();
    nodes.sort();
    nodes
}

fn with_spec(name: &str, replicas: u32, member: &str, value: Value) -> Value {
    let mut object = deployment(name, replicas, "100m");
    object["spec"]["template"]["spec"][member] = value;
    object
}

#[tokio::test(start_paused = true)]
async fn hard_spread_keeps_the_skew_between_zones_even_where_one_zone_has_more_nodes() {
    let cluster = zones(&[("a1", "a"), ("a2", "a"), ("a3", "a"), ("b1", "b")]).await;
    let spread = json!([{
        "maxSkew": 1, "topologyKey": "topology.kubernetes.io/zone",
        "whenUnsatisfiable": "DoNotSchedule", "labelSelector": {"matchLabels": {"app": "web"}},
    }]);
    cluster.post(DEPLOYMENTS, with_spec("web", 6, "topologySpreadConstraints", spread)).await;
    seconds(10).await;
    let in_b = nodes_of_pods(&cluster).await.iter().filter(|node| *node == "b1").count();
    assert_eq!(in_b, 3);
}

#[tokio::test(start_paused = true)]
async fn too_few_domains_count_as_an_empty_one() {
    let cluster = zones(&[("a1", "a"), ("b1", "b")]).await;
    let spread = json!([{
        "maxSkew": 1, "minDomains": 3, "topologyKey": "topology.kubernetes.io/zone",
        "whenUnsatisfiable": "DoNotSchedule", "labelSelector": {"matchLabels": {"app": "web"}},
    }]);
    cluster.post(DEPLOYMENTS, with_spec("web", 3, "topologySpreadConstraints", spread)).await;
    seconds(10).await;
    assert_eq!(nodes_of_pods(&cluster).await, ["-", "a1", "b1"]);
}

fn apart(app: &str) -> Value {
    json!({"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [{
        "topologyKey": "kubernetes.io/hostname", "labelSelector": {"matchLabels": {"app": app}}}]}})
}

#[tokio::test(start_paused = true)]
async fn anti_affinity_holds_in_both_directions_and_is_explained() {
    let cluster = zones(&[("n1", "a"), ("n2", "a")]).await;
    cluster.post(DEPLOYMENTS, with_spec("web", 2, "affinity", apart("web"))).await;
    cluster.post(DEPLOYMENTS, with_spec("shy", 1, "affinity", apart("other"))).await;
    seconds(5).await;
    assert_eq!(nodes_of_pods(&cluster).await.len(), 3);
    let mut other = pod("other");
    other["metadata"]["labels"] = json!({"app": "other"});
    other["spec"]["nodeSelector"] = json!({"kubernetes.io/hostname": shy_node(&cluster).await});
    cluster.post(PODS, other).await;
    seconds(5).await;
    let other = cluster.get(&format!("{PODS}/other")).await;
    assert_eq!(
        other["status"]["conditions"][0]["message"],
        "0/2 nodes are available: 1 node(s) didn't match Pod's node affinity/selector, \
         1 node(s) didn't satisfy existing pods anti-affinity rules. preemption: 0/2 nodes are \
         available: 1 No preemption victims found for incoming pod, 1 Preemption is not helpful \
         for scheduling."
    );
    let events = list_of(&cluster.server, "/api/v1/namespaces/default/events").await;
    let event = events.iter().find(|event| event["involvedObject"]["name"] == "other");
    assert_eq!(event.map(|event| &event["reason"]), Some(&json!("FailedScheduling")));
}

async fn shy_node(cluster: &Cluster) -> Value {
    let pods = list_of(&cluster.server, PODS).await;
    let shy = pods.iter().find(|pod| pod["metadata"]["labels"]["app"] == "shy");
    shy.expect("a shy pod")["spec"]["nodeName"].clone()
}

#[tokio::test(start_paused = true)]
async fn affinity_lets_a_first_pod_begin_and_keeps_the_others_with_it() {
    let cluster = zones(&[("a1", "a"), ("b1", "b"), ("c1", "c")]).await;
    let together = json!({"podAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [{
        "topologyKey": "topology.kubernetes.io/zone",
        "labelSelector": {"matchLabels": {"app": "web"}}}]}});
    cluster.post(DEPLOYMENTS, with_spec("web", 4, "affinity", together)).await;
    seconds(10).await;
    let mut nodes = nodes_of_pods(&cluster).await;
    nodes.dedup();
    assert_eq!(nodes.len(), 1, "{nodes:?}");
    assert_ne!(nodes[0], "-");
}

#[tokio::test(start_paused = true)]
async fn a_pod_of_high_priority_sends_away_one_of_low_priority() {
    let cluster = zones(&[("n1", "a")]).await;
    for (name, value) in [("low", 1), ("high", 1000)] {
        let class = json!({"apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass",
            "metadata": {"name": name}, "value": value});
        cluster.post("/apis/scheduling.k8s.io/v1/priorityclasses", class).await;
    }
    let wanting = |name: &str, class: &str| {
        let mut pod = pod(name);
        pod["spec"]["priorityClassName"] = json!(class);
        pod["spec"]["containers"][0]["resources"] = json!({"requests": {"cpu": "3"}});
        pod
    };
    cluster.post(PODS, wanting("first", "low")).await;
    seconds(10).await;
    cluster.post(PODS, wanting("second", "high")).await;
    cluster.post(PODS, wanting("third", "low")).await;
    seconds(30).await;
    let pods = list_of(&cluster.server, PODS).await;
    let placed: Vec<_> =
        pods.iter().map(|pod| (&pod["metadata"]["name"], &pod["spec"]["nodeName"])).collect();
    let (second, third) = (json!("second"), json!("third"));
    assert_eq!(placed, [(&second, &json!("n1")), (&third, &Value::Null)]);
}

#[tokio::test(start_paused = true)]
async fn the_scheduler_alone_binds_pods_that_ask_for_it_and_whose_gates_are_open() {
    let cluster = Cluster::with(Which::Scheduler);
    let node = json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n1"},
        "status": {"allocatable": {"cpu": "1", "memory": "1Gi", "pods": "10"}}});
    cluster.post("/api/v1/nodes", node).await;
    let (mut gated, mut foreign) = (pod("gated"), pod("foreign"));
    gated["spec"]["schedulingGates"] = json!([{"name": "wait"}]);
    foreign["spec"]["schedulerName"] = json!("another");
    for pod in [gated, foreign, pod("plain")] {
        cluster.post(PODS, pod).await;
    }
    seconds(5).await;
    let node = |pod: Value| pod["spec"]["nodeName"].clone();
    assert_eq!(node(cluster.get(&format!("{PODS}/plain")).await), "n1");
    assert_eq!(node(cluster.get(&format!("{PODS}/foreign")).await), Value::Null);
    let gated = cluster.get(&format!("{PODS}/gated")).await;
    assert_eq!(gated["status"]["conditions"][0]["reason"], "SchedulingGated");
    let patch = json!({"spec": {"unschedulable": true}});
    let media = "application/merge-patch+json";
    let path = "/api/v1/nodes/n1";
    crate::support::call_as(&cluster.server, Method::PATCH, path, media, patch).await;
    cluster.post(PODS, pod("late")).await;
    seconds(5).await;
    let (_, late) = call(&cluster.server, Method::GET, &format!("{PODS}/late"), Value::Null).await;
    let message = late["status"]["conditions"][0]["message"].as_str().unwrap_or("");
    assert!(message.contains("1 node(s) were unschedulable"), "{message}");
}

#[test]
fn every_actor_and_group_is_found_by_its_name() {
    for which in [Which::Scheduler, Which::Controllers, Which::All, Which::NodeLifecycle] {
        assert_eq!(which.to_string().parse(), Ok(which));
    }
    assert_eq!(
        "nobody".parse::<Which>().map_err(|error| error.to_string()),
        Err("no actor is called \"nobody\"".to_owned())
    );
    assert!(Which::Controllers.members().all(|one| one != Which::Scheduler));
}
