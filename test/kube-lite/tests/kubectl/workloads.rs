//! Commands that need a living cluster: scale, rollout, drain, cordon, taint.
//!
//! Source: kubectl reference, "kubectl scale", "kubectl rollout", "kubectl drain", "kubectl cordon" and "kubectl taint".

use crate::support::{Cluster, DEPLOYMENT};

#[tokio::test(flavor = "multi_thread")]
async fn a_rollout_is_followed_to_its_end_and_scaled() {
    let Some(cluster) = Cluster::with_actors().await else { return };
    cluster.ok_with("apply -f -", DEPLOYMENT).await;
    let status = cluster.ok("rollout status deployment/web --timeout=30s").await;
    assert!(status.contains("successfully rolled out"), "{status}");
    cluster.ok("scale deployment/web --replicas=3").await;
    cluster.ok("rollout status deployment/web --timeout=30s").await;
    let listed = cluster.ok("get deployment web").await;
    assert!(listed.contains("web    3/3     3            3 "), "{listed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_is_cordoned_drained_and_uncordoned() {
    let Some(cluster) = Cluster::with_actors().await else { return };
    cluster.ok_with("apply -f -", DEPLOYMENT).await;
    cluster.ok("rollout status deployment/web --timeout=30s").await;
    cluster.ok("cordon n1").await;
    assert!(cluster.ok("get nodes").await.contains("SchedulingDisabled"));
    let drained = cluster.ok("drain n1 --timeout=30s").await;
    assert!(drained.contains("node/n1 drained"), "{drained}");
    cluster.ok("uncordon n1").await;
    assert!(!cluster.ok("get nodes").await.contains("SchedulingDisabled"));
}

#[tokio::test(flavor = "multi_thread")]
async fn taints_come_and_go() {
    let Some(cluster) = Cluster::with_actors().await else { return };
    cluster.ok("wait node/n1 --for=condition=Ready --timeout=20s").await;
    cluster.ok("taint node n1 team=a:NoSchedule").await;
    assert!(cluster.ok("get node n1 -o yaml").await.contains("key: team"));
    cluster.ok("taint node n1 team-").await;
    assert!(!cluster.ok("get node n1 -o yaml").await.contains("key: team"));
}

#[tokio::test(flavor = "multi_thread")]
async fn deleting_an_owner_takes_or_leaves_its_dependents() {
    let Some(cluster) = Cluster::with_actors().await else { return };
    cluster.ok_with("apply -f -", DEPLOYMENT).await;
    cluster.ok("rollout status deployment/web --timeout=30s").await;
    cluster.ok("delete deployment web --cascade=orphan").await;
    assert!(cluster.ok("get replicasets").await.contains("web-"));
    cluster.ok("delete replicasets --all --cascade=foreground --timeout=20s").await;
    cluster.ok("wait pods --all --for=delete --timeout=20s").await;
}
