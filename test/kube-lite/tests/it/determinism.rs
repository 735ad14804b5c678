//! The same world twice.
//!
//! Source: a promise of this server; a genuine one makes names, versions and times that nobody can repeat.

use http::Method;
use serde_json::{Value, json};

use crate::cluster::{Cluster, DEPLOYMENTS, deployment, seconds};
use crate::support::{PODS, call, list_of, pod, server};

async fn world() -> (String, Vec<Value>) {
    let cluster = Cluster::new();
    for name in ["n1", "n2", "n3"] {
        cluster.join(name, "8").await;
    }
    for name in ["a", "b"] {
        cluster.post(DEPLOYMENTS, deployment(name, 8, "1")).await;
    }
    seconds(30).await;
    let scale = json!({"spec": {"replicas": 3}});
    call(&cluster.server, Method::PUT, &format!("{DEPLOYMENTS}/a/scale"), scale).await;
    cluster.actors.kubelets.leave("n1").await.expect("running");
    call(&cluster.server, Method::DELETE, "/api/v1/nodes/n1", Value::Null).await;
    seconds(300).await;
    (cluster.server.write_log().to_text(), list_of(&cluster.server, PODS).await)
}

#[tokio::test(start_paused = true)]
async fn two_runs_of_a_world_leave_identical_bytes() {
    let first = world().await;
    let second = world().await;
    assert!(first.0.lines().count() > 100, "the world does something");
    assert_eq!(first, second);
}

#[tokio::test]
async fn identities_come_from_the_seed_and_times_from_the_clock() {
    let mut runs = Vec::new();
    for _ in 0..2 {
        let server = server();
        let mut generated = pod("x");
        generated["metadata"] = json!({"generateName": "x-"});
        runs.push(call(&server, Method::POST, PODS, generated).await);
    }
    assert_eq!(runs[0], runs[1]);
    let meta = &runs[0].1["metadata"];
    assert_eq!(meta["creationTimestamp"], "2023-11-14T22:13:20Z");
    assert_eq!(meta["name"].as_str().map(str::len), Some("x-".len() + 5));
}

#[tokio::test]
async fn the_write_log_names_writers_and_counts_verbs() {
    let server = server();
    let before = server.write_log().records().len();
    call(&server, Method::POST, &format!("{PODS}?fieldManager=me"), pod("a")).await;
    call(&server, Method::POST, &format!("{PODS}?dryRun=All"), pod("b")).await;
    call(&server, Method::POST, PODS, pod("a")).await;
    let log = server.write_log();
    assert_eq!(log.records().len(), before + 1);
    assert_eq!(log.count(kube_lite::Verb::Create, "Pod"), 1);
    assert!(log.to_text().ends_with(" Create Added Pod default/a me\n"), "{}", log.to_text());
}
