//! What kubectl asks before it works: versions, resources, schemas, permissions.
//!
//! Source: kubectl reference, "kubectl version", "kubectl api-resources", "kubectl explain" and "kubectl auth can-i".

use serde_json::json;

use crate::support::Cluster;

#[tokio::test(flavor = "multi_thread")]
async fn resources_and_versions_are_listed() {
    let Some(cluster) = Cluster::start().await else { return };
    let resources = cluster.ok("api-resources").await;
    for line in ["deployments", "deploy", "apps/v1", "Deployment"] {
        assert!(resources.contains(line), "{line}: {resources}");
    }
    let versions = cluster.ok("api-versions").await;
    assert!(versions.lines().any(|line| line == "apps/v1"), "{versions}");
    assert!(cluster.ok("version").await.contains("v1.33.0"));
}

#[tokio::test(flavor = "multi_thread")]
async fn fields_of_built_in_kinds_are_explained() {
    let Some(cluster) = Cluster::start().await else { return };
    let pod = cluster.ok("explain pods.spec.containers.image").await;
    assert!(pod.contains("image <string>") && pod.contains("Container image name"), "{pod}");
    let deployment = cluster.ok("explain deployments --recursive").await;
    assert!(deployment.contains("GROUP:      apps"), "{deployment}");
    assert!(deployment.contains("progressDeadlineSeconds"), "{deployment}");
    assert!(cluster.ok("explain nodes.spec.taints").await.contains("effect"));
}

#[tokio::test(flavor = "multi_thread")]
async fn fields_of_custom_kinds_are_explained_and_printed() {
    let Some(cluster) = Cluster::start().await else { return };
    cluster.server.install_crd(widgets()).expect("a valid definition");
    let explained = cluster.ok("explain widgets.spec.size").await;
    assert!(explained.contains("How large it is."), "{explained}");
    let widget = "{apiVersion: example.com/v1, kind: Widget, metadata: {name: w}, spec: {size: 3}}";
    cluster.ok_with("apply -f -", widget).await;
    let listed = cluster.ok("get wi").await;
    assert!(listed.starts_with("NAME   SIZE   AGE\nw      3      "), "{listed}");
    let wide = cluster.ok("get widgets -o wide").await;
    assert!(wide.starts_with("NAME   SIZE   READY   AGE\nw      3              "), "{wide}");
    assert!(cluster.ok("get toys").await.contains("w      3"));
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_fields_of_applied_objects_are_refused() {
    let Some(cluster) = Cluster::start().await else { return };
    cluster.server.install_crd(widgets()).expect("a valid definition");
    let widget = "{apiVersion: example.com/v1, kind: Widget, metadata: {name: w}, spec: {foo: 3}}";
    let refused = cluster.fails("apply -f -", widget).await;
    assert!(refused.contains("unknown field \"spec.foo\""), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_may_do_everything() {
    let Some(cluster) = Cluster::start().await else { return };
    assert_eq!(cluster.ok("auth can-i create pods").await.trim(), "yes");
}

fn widgets() -> serde_json::Value {
    json!({
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": "widgets.example.com"},
        "spec": {
            "group": "example.com", "scope": "Namespaced",
            "names": {"plural": "widgets", "singular": "widget", "kind": "Widget",
                "shortNames": ["wi"], "categories": ["toys"]},
            "versions": [{
                "name": "v1", "served": true, "storage": true,
                "schema": {"openAPIV3Schema": {"type": "object", "properties": {
                    "spec": {"type": "object", "properties": {
                        "size": {"type": "integer", "description": "How large it is."}}},
                    "status": {"type": "object", "x-kubernetes-preserve-unknown-fields": true},
                }}},
                "additionalPrinterColumns": [
                    {"name": "Size", "type": "integer", "jsonPath": ".spec.size"},
                    {"name": "Ready", "type": "string", "priority": 1,
                        "jsonPath": ".status.conditions[?(@.type==\"Ready\")].status"},
                    {"name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp"},
                ],
            }],
        },
    })
}
