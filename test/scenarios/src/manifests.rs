//! Objects as users write them.

use serde_json::{Value, json};

/// The ECSNodeClass of the provider's first document, byte for byte as users know it.
pub const USER_NODE_CLASS: &str = include_str!("../fixtures/user-ecsnodeclass.yaml");

/// The NodePool of the provider's first document; note its `consolidateAfter: 720h`.
pub const USER_NODE_POOL: &str = include_str!("../fixtures/user-nodepool.yaml");

/// A pool with many types that gives nodes back half a minute after they fall empty.
pub const WIDE_NODE_POOL: &str = include_str!("../fixtures/wide-nodepool.yaml");

/// The definitions of all our kinds.
pub fn definitions() -> Vec<Value> {
    alibaba_provider::api::crd::documents()
}

/// Reads one YAML document.
///
/// # Errors
/// What is wrong with the text.
pub fn parse(yaml: &str) -> anyhow::Result<Value> {
    Ok(serde_saphyr::from_str(yaml)?)
}

/// A Deployment of pause pods in namespace `default`.
pub fn deployment(name: &str, replicas: u32, cpu: &str, memory: &str) -> Value {
    json!({
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": { "name": name, "namespace": "default" },
        "spec": {
            "replicas": replicas,
            "selector": { "matchLabels": { "app": name } },
            "template": {
                "metadata": { "labels": { "app": name } },
                "spec": {
                    "terminationGracePeriodSeconds": 0,
                    "containers": [{
                        "name": "pause",
                        "image": "registry.k8s.io/pause:3.10",
                        "resources": { "requests": { "cpu": cpu, "memory": memory } },
                    }],
                },
            },
        },
    })
}

/// A pool like [`WIDE_NODE_POOL`] under another name, with `spec` merged into its own.
///
/// # Errors
/// When the fixture cannot be read.
pub fn node_pool(name: &str, spec: &Value) -> anyhow::Result<Value> {
    let mut pool = parse(WIDE_NODE_POOL)?;
    pool["metadata"]["name"] = json!(name);
    if let (Some(own), Some(other)) = (pool["spec"].as_object_mut(), spec.as_object()) {
        own.extend(other.clone());
    }
    Ok(pool)
}

/// Pool `small` of on-demand machines with two cores, which hold one pod of one core each.
///
/// # Errors
/// When the fixture cannot be read.
pub fn two_core_pool() -> anyhow::Result<Value> {
    let mut pool = node_pool("small", &json!({}))?;
    pool["spec"]["template"]["spec"]["requirements"] = json!([
        { "key": "karpenter.sh/capacity-type", "operator": "In", "values": ["on-demand"] },
        { "key": "kubernetes.io/arch", "operator": "In", "values": ["amd64"] },
        { "key": "karpenter.alibabacloud.com/instance-cpu", "operator": "In", "values": ["2"] },
    ]);
    Ok(pool)
}

/// A DaemonSet of pause pods in namespace `default` that tolerates everything.
pub fn daemon_set(name: &str, cpu: &str, memory: &str) -> Value {
    let mut set = deployment(name, 0, cpu, memory);
    set["kind"] = json!("DaemonSet");
    if let Some(spec) = set["spec"].as_object_mut() {
        spec.remove("replicas");
    }
    set["spec"]["template"]["spec"]["tolerations"] = json!([{ "operator": "Exists" }]);
    set
}

/// A StorageClass of cloud disks in some zones; `binding` says when they are made.
pub fn disk_class(name: &str, binding: &str, zones: &[&str]) -> Value {
    json!({
        "apiVersion": "storage.k8s.io/v1",
        "kind": "StorageClass",
        "metadata": { "name": name },
        "provisioner": DISK_DRIVER,
        "reclaimPolicy": "Delete",
        "volumeBindingMode": binding,
        "allowedTopologies": [{ "matchLabelExpressions": [
            { "key": DISK_ZONE, "values": zones },
        ] }],
    })
}

/// The CSI driver of cloud disks.
pub const DISK_DRIVER: &str = "diskplugin.csi.alibabacloud.com";

/// The label that the driver of cloud disks puts on nodes, and asks for in volumes.
pub const DISK_ZONE: &str = "topology.diskplugin.csi.alibabacloud.com/zone";

/// A StatefulSet of pause pods of one cpu in namespace `default`, each with a disk of `class`.
pub fn stateful_set(name: &str, replicas: u32, class: &str) -> Value {
    let mut set = deployment(name, replicas, "1", "512Mi");
    set["kind"] = json!("StatefulSet");
    set["spec"]["serviceName"] = json!(name);
    set["spec"]["podManagementPolicy"] = json!("Parallel");
    set["spec"]["volumeClaimTemplates"] = json!([{
        "metadata": { "name": "data" },
        "spec": {
            "accessModes": ["ReadWriteOnce"],
            "storageClassName": class,
            "resources": { "requests": { "storage": "20Gi" } },
        },
    }]);
    set
}

/// A PodDisruptionBudget for the pods of `app` that keeps `min_available` of them.
pub fn disruption_budget(app: &str, min_available: u32) -> Value {
    json!({
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": { "name": app, "namespace": "default" },
        "spec": {
            "minAvailable": min_available,
            "selector": { "matchLabels": { "app": app } },
        },
    })
}

/// Path of the collection an object belongs to.
///
/// # Errors
/// When the kind is not one that worlds use.
pub fn collection_path(object: &Value) -> anyhow::Result<String> {
    let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let (version, kind) = (text("/apiVersion"), text("/kind"));
    let plural = match kind {
        "NodePool" => "nodepools",
        "NodeClaim" => "nodeclaims",
        "NodeOverlay" => "nodeoverlays",
        "CapacityBuffer" => "capacitybuffers",
        "ECSNodeClass" => "ecsnodeclasses",
        "Deployment" => "deployments",
        "StatefulSet" => "statefulsets",
        "ReplicaSet" => "replicasets",
        "DaemonSet" => "daemonsets",
        "PodTemplate" => "podtemplates",
        "Pod" => "pods",
        "Node" => "nodes",
        "StorageClass" => "storageclasses",
        "DeviceClass" => "deviceclasses",
        "ResourceClaim" => "resourceclaims",
        "ResourceSlice" => "resourceslices",
        "PodDisruptionBudget" => "poddisruptionbudgets",
        "CustomResourceDefinition" => "customresourcedefinitions",
        other => anyhow::bail!("worlds know no kind {other:?}"),
    };
    let prefix = if version.contains('/') { "/apis" } else { "/api" };
    let of_the_cluster = matches!(
        kind,
        "NodePool"
            | "NodeClaim"
            | "NodeOverlay"
            | "ECSNodeClass"
            | "Node"
            | "StorageClass"
            | "DeviceClass"
            | "ResourceSlice"
            | "CustomResourceDefinition"
    );
    let namespace = match text("/metadata/namespace") {
        "" => "default",
        namespace => namespace,
    };
    Ok(if of_the_cluster {
        format!("{prefix}/{version}/{plural}")
    } else {
        format!("{prefix}/{version}/namespaces/{namespace}/{plural}")
    })
}
