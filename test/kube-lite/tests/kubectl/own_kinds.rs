//! Our own kinds by the short names and the category that people type.
//!
//! Source: kubectl reference, "kubectl get"; Kubernetes API, names of custom resource definitions.

use serde_json::{Value, json};

use crate::support::Cluster;

const CLASSES: &str = include_str!(
    "../../../../charts/karpenter-crd/templates/karpenter.alibabacloud.com_ecsnodeclasses.yaml"
);
const POOLS: &str =
    include_str!("../../../../charts/karpenter-crd/templates/karpenter.sh_nodepools.yaml");

/// A class of `group` that needs no cloud to be accepted.
fn class(group: &str, name: &str) -> String {
    let terms = json!([{ "tags": { "team": "a" } }]);
    let spec = json!({
        "vSwitchSelectorTerms": terms,
        "securityGroupSelectorTerms": terms,
        "imageSelectorTerms": [{ "alias": "ContainerOS" }],
    });
    object(&format!("{group}/v1alpha1"), "ECSNodeClass", name, &spec)
}

fn pool(name: &str) -> String {
    let class =
        json!({ "group": "karpenter.alibabacloud.com", "kind": "ECSNodeClass", "name": "ours" });
    let spec = json!({ "template": { "spec": { "nodeClassRef": class, "requirements": [] } } });
    object("karpenter.sh/v1", "NodePool", name, &spec)
}

fn object(version: &str, kind: &str, name: &str, spec: &Value) -> String {
    let metadata = json!({ "name": name });
    json!({ "apiVersion": version, "kind": kind, "metadata": metadata, "spec": spec }).to_string()
}

/// The older kind with the names it shares with ours.
fn older() -> Value {
    let open = json!({ "type": "object", "x-kubernetes-preserve-unknown-fields": true });
    let names: Value = serde_saphyr::from_str(CLASSES).expect("a definition");
    json!({
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": { "name": "ecsnodeclasses.karpenter.k8s.alibabacloud" },
        "spec": {
            "group": "karpenter.k8s.alibabacloud", "scope": "Cluster",
            "names": names["spec"]["names"],
            "versions": [{
                "name": "v1alpha1", "served": true, "storage": true,
                "schema": { "openAPIV3Schema": { "type": "object", "properties": { "spec": open } } },
            }],
        },
    })
}

// behaviour 01#181
#[tokio::test(flavor = "multi_thread")]
async fn short_name_and_category_mean_our_kinds_also_beside_the_older_one() {
    let Some(cluster) = Cluster::start().await else { return };
    let (ours, older_group) = ("karpenter.alibabacloud.com", "karpenter.k8s.alibabacloud");
    cluster.server.install_crd(older()).expect("a definition");
    cluster.ok_with("create -f -", &class(older_group, "theirs")).await;
    for definition in [CLASSES, POOLS] {
        let definition: Value = serde_saphyr::from_str(definition).expect("a definition");
        cluster.server.install_crd(definition).expect("a definition of ours");
    }
    cluster.ok_with("create -f -", &class(ours, "ours")).await;
    cluster.ok_with("create -f -", &pool("general")).await;
    for short in ["ecsnc", "ecsncs"] {
        let listed = cluster.ok(&format!("get {short}")).await;
        assert!(listed.contains("ours") && !listed.contains("theirs"), "{listed}");
    }
    let all = cluster.ok("get karpenter -o name").await;
    for name in [&format!("ecsnodeclass.{ours}/ours"), "nodepool.karpenter.sh/general"] {
        assert!(all.lines().any(|line| line == name), "{name}: {all}");
    }
}

// behaviour 01#181
#[tokio::test(flavor = "multi_thread")]
async fn older_kind_has_the_short_name_to_itself_where_ours_is_not_installed() {
    let Some(cluster) = Cluster::start().await else { return };
    cluster.server.install_crd(older()).expect("a definition");
    cluster.ok_with("create -f -", &class("karpenter.k8s.alibabacloud", "theirs")).await;
    assert!(cluster.ok("get ecsnc").await.contains("theirs"));
}
