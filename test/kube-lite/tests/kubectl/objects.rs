//! Commands that write one object: apply, patch, label, delete.
//!
//! Source: kubectl reference, "kubectl apply", "kubectl patch", "kubectl label" and "kubectl delete".

use crate::support::{Cluster, DEPLOYMENT, POD};

#[tokio::test(flavor = "multi_thread")]
async fn applying_creates_then_changes_then_leaves_alone() {
    let Some(cluster) = Cluster::start().await else { return };
    let apply = "apply -f -";
    assert!(cluster.ok_with(apply, DEPLOYMENT).await.contains("created"));
    let more = DEPLOYMENT.replace("replicas: 2", "replicas: 3");
    let diff = cluster.run("diff -f -", &more).await;
    assert!(diff.out.contains("+  replicas: 3"), "{diff:?}");
    assert!(cluster.ok_with(apply, &more).await.contains("configured"));
    assert!(cluster.ok_with(apply, &more).await.contains("unchanged"));
    let replicas = cluster.ok("get deployment web -o jsonpath={.spec.replicas}").await;
    assert_eq!(replicas, "3");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_kind_of_patch_is_taken() {
    let Some(cluster) = Cluster::start().await else { return };
    cluster.ok_with("create -f -", DEPLOYMENT).await;
    for (kind, patch, path, expected) in [
        ("merge", r#"{"spec":{"replicas":4}}"#, "{.spec.replicas}", "4"),
        (
            "json",
            r#"[{"op":"replace","path":"/spec/replicas","value":5}]"#,
            "{.spec.replicas}",
            "5",
        ),
        (
            "strategic",
            r#"{"spec":{"template":{"spec":{"containers":[{"name":"main","image":"new"}]}}}}"#,
            "{.spec.template.spec.containers[*].image}",
            "new",
        ),
    ] {
        cluster.ok(&format!("patch deployment web --type={kind} -p {patch}")).await;
        let found = cluster.ok(&format!("get deployment web -o jsonpath={path}")).await;
        assert_eq!(found, expected, "{kind}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn labels_annotations_and_images_are_set() {
    let Some(cluster) = Cluster::start().await else { return };
    cluster.ok_with("create -f -", POD).await;
    cluster.ok("label pod web tier=front").await;
    cluster.ok("annotate pod web note=here").await;
    let found = cluster.ok("get pod web -o jsonpath={.metadata.labels.tier}").await;
    assert_eq!(found, "front");
    cluster.ok("label pod web tier-").await;
    assert!(!cluster.ok("get pod web -o yaml").await.contains("tier: front"));
    assert!(cluster.fails("label pod web tier=a_", "").await.contains("nvalid"));
    cluster.ok("set image pod/web main=other").await;
    let image = cluster.ok("get pod web -o jsonpath={.spec.containers[0].image}").await;
    assert_eq!(image, "other");
}

#[tokio::test(flavor = "multi_thread")]
async fn created_objects_are_replaced_and_deleted() {
    let Some(cluster) = Cluster::start().await else { return };
    let first = "{apiVersion: v1, kind: ConfigMap, metadata: {name: m}, data: {a: '1'}}";
    cluster.ok_with("create -f -", first).await;
    assert!(cluster.fails("create -f -", first).await.contains("already exists"));
    let map = "{apiVersion: v1, kind: ConfigMap, metadata: {name: m}, data: {b: '2'}}";
    cluster.ok_with("replace -f -", map).await;
    assert_eq!(cluster.ok("get configmap m -o jsonpath={.data}").await, r#"{"b":"2"}"#);
    cluster.ok("delete configmap m --wait=true --timeout=20s").await;
    assert!(cluster.fails("get configmap m", "").await.contains("NotFound"));
}

#[tokio::test(flavor = "multi_thread")]
async fn server_side_apply_creates_and_merges() {
    let Some(cluster) = Cluster::start().await else { return };
    let map = "{apiVersion: v1, kind: ConfigMap, metadata: {name: m}, data: {b: '2'}}";
    cluster.ok_with("apply --server-side -f -", map).await;
    assert_eq!(cluster.ok("get configmap m -o jsonpath={.data.b}").await, "2");
}
