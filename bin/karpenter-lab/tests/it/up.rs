//! Everything in one program.

use std::path::PathBuf;

use crate::cluster::Cluster;
use crate::kubectl::kubectl;
use crate::process::{Process, folder, lab};

/// A world with pools in it, 50 times faster than usual.
async fn world(test: &str) -> (Process, Cluster) {
    let command = lab(&["up", "--output", "json", "--speed", "50", "--family", "ecs.c6"]);
    let mut up = Process::start(&folder(test), "up", command);
    let ready = up.until("part", "up");
    let fact = |name: &str| ready[name].as_str().expect("a text").to_owned();
    let cluster = Cluster::new(&PathBuf::from(fact("kubeconfig")), &fact("cloud")).await;
    (up, cluster)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deployment_gets_nodes_and_gives_them_back() {
    let (mut up, cluster) = world("up-inflate").await;
    cluster.apply("inflate").await;
    cluster.scale("inflate", 200).await;
    let seen = cluster.until_running(200).await;
    assert!(seen.nodes.len() >= 13, "200 cores on {} nodes of at most 16", seen.nodes.len());

    let node = seen.nodes.first().expect("there are nodes").clone();
    if let Some(text) = kubectl(&cluster.kubeconfig, &["describe", "nodeclaims"]) {
        assert!(text.contains("Initialized"), "{text}");
    }
    // As before a machine is repaired: its pods leave one by one, then it goes.
    kubectl(&cluster.kubeconfig, &["drain", &node, "--ignore-daemonsets", "--timeout=150s"]);
    cluster.delete(&format!("/api/v1/nodes/{node}")).await;
    cluster.until("the deleted node is gone", |seen| !seen.nodes.contains(&node)).await;
    cluster.until_running(200).await;

    cluster.scale("inflate", 0).await;
    cluster.until("nothing is left", crate::cluster::Seen::is_empty).await;
    up.signal("TERM");
    assert!(up.until_ended().success(), "{}", up.said());
    let lines = up.lines();
    let end = lines.last().expect("a summary");
    assert_eq!((&end["clean"], &end["instances"]["left"]), (&true.into(), &0.into()), "{end}");
    let nodes = lines.iter().filter(|line| line["change"] == "node");
    let reasons = nodes.filter_map(|line| line["object"]["reason"].as_str());
    assert!(reasons.into_iter().any(|reason| reason.starts_with("for ")), "{}", up.said());
}

#[test]
fn a_kubeconfig_of_somebody_else_is_never_overwritten() {
    let folder = folder("up-foreign-kubeconfig");
    let path = folder.join("config");
    std::fs::write(&path, "apiVersion: v1\n").expect("written");
    let command = lab(&["up", "--kubeconfig", path.to_str().expect("a text")]);
    let mut up = Process::start(&folder, "up", command);
    assert!(!up.until_ended().success());
    assert!(up.said().contains("was not written by karpenter-lab"), "{}", up.said());
    assert_eq!(std::fs::read_to_string(&path).expect("still there"), "apiVersion: v1\n");
}

#[test]
fn addresses_that_others_can_reach_are_refused() {
    let folder = folder("up-open-address");
    let mut up = Process::start(&folder, "up", lab(&["up", "--listen", "0.0.0.0:0"]));
    assert!(!up.until_ended().success());
    assert!(up.said().contains("there is no login"), "{}", up.said());
}
