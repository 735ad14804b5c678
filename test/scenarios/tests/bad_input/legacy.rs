//! Classes of the older group: a cluster that still has them goes on, and one without them misses nothing.

use scenarios::world::{World, run};
use serde_json::{Value, json};

use crate::support::{
    CLAIMS, create, node_class, pod_for, until_condition, until_running, wide_pool, with,
};

const GROUP: &str = "karpenter.k8s.alibabacloud";
const CLASS: &str = "/apis/karpenter.k8s.alibabacloud/v1alpha1/ecsnodeclasses/default";
const HASH: &str = "karpenter.k8s.alibabacloud/ecsnodeclass-hash";

/// The definition of the older kind, as far as it matters here.
fn definition() -> Value {
    let open = json!({ "type": "object", "x-kubernetes-preserve-unknown-fields": true });
    json!({
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": { "name": format!("ecsnodeclasses.{GROUP}") },
        "spec": {
            "group": GROUP,
            "scope": "Cluster",
            "names": {
                "kind": "ECSNodeClass", "listKind": "ECSNodeClassList",
                "plural": "ecsnodeclasses", "singular": "ecsnodeclass",
            },
            "versions": [{
                "name": "v1alpha1", "served": true, "storage": true,
                "subresources": { "status": {} },
                "schema": { "openAPIV3Schema": {
                    "type": "object",
                    "properties": { "spec": open, "status": open },
                } },
            }],
        },
    })
}

/// The class that provider ships as its example, with the selectors of this world.
fn older_class() -> Value {
    let ours = node_class("default");
    json!({
        "apiVersion": format!("{GROUP}/v1alpha1"),
        "kind": "ECSNodeClass",
        "metadata": { "name": "default" },
        "spec": {
            "vSwitchSelectionPolicy": "cheapest",
            "vSwitchSelectorTerms": [ours["spec"]["vSwitchSelectorTerms"][0]],
            "securityGroupSelectorTerms": [ours["spec"]["securityGroupSelectorTerms"][0]],
            "imageSelectorTerms": [{ "alias": "AlibabaCloudLinux3" }],
            "systemDisk": {
                "categories": [
                    "cloud", "cloud_efficiency", "cloud_ssd", "cloud_essd", "cloud_auto",
                    "cloud_essd_entry",
                ],
                "volumeSize": "60Gi",
                "performanceLevel": "PL0",
            },
        },
    })
}

// behaviour 01#170
#[test]
fn class_of_the_older_group_makes_nodes_and_keeps_its_own_hash() {
    run(async {
        let mut world = World::new(60);
        world.options.alibaba.legacy_node_classes = true;
        let pool =
            with(wide_pool("general"), "spec.template.spec.nodeClassRef.group", GROUP.into());
        world.api.install_crd(definition()).expect("a definition");
        create(&world, &[older_class(), pool, pod_for("general", "p")]).await;
        world.start_controller().expect("options hold together");
        until_condition(&world, CLASS, "Ready", &["True/"]).await;
        until_running(&world, "p").await;
        let class = world.read(CLASS).await.expect("the class");
        assert_eq!(class["metadata"]["annotations"][HASH], "7133411235148966188");
        assert_eq!(class["metadata"]["finalizers"], json!([format!("{GROUP}/termination")]));
        assert!(class["status"]["vSwitches"][0]["zoneID"].is_string(), "{}", class["status"]);
        let claims = world.read(CLAIMS).await.expect("claims");
        let claim = &claims["items"][0]["metadata"];
        assert_eq!(claim["annotations"][HASH], "7133411235148966188");
        let ours = "karpenter.alibabacloud.com/ecsnodeclass-hash";
        assert_eq!(claim["annotations"].get(ours), None);
    });
}

#[test]
fn cluster_without_the_older_kind_misses_nothing() {
    run(async {
        let mut world = World::new(61);
        world.options.alibaba.legacy_node_classes = true;
        create(&world, &[node_class("default"), wide_pool("general")]).await;
        world.start_controller().expect("options hold together");
        create(&world, &[pod_for("general", "p")]).await;
        until_running(&world, "p").await;
    });
}
