//! Nodes and pods of realistic size: about 2.5 KiB each.

use serde_json::{Value, json};

/// Pods are spread over this many namespaces.
pub(crate) const NAMESPACES: usize = 100;

/// Name of a namespace.
pub(crate) fn namespace(number: usize) -> String {
    format!("team-{:03}", number % NAMESPACES)
}

/// Name of a pod.
pub(crate) fn pod_name(number: usize) -> String {
    format!("web-{:04}-6d4b75cb6d-{number:06}", number % 1_000)
}

/// A node of a managed node pool.
pub(crate) fn node(number: usize) -> Value {
    let zone = format!("cn-hangzhou-{}", ["g", "h", "i"][number % 3]);
    let amounts = json!({"cpu": "15890m", "memory": "63254412Ki", "pods": "110",
        "ephemeral-storage": "113783083826"});
    let names = ["registry.example.com/platform/base-image@sha256:0123456789abcdef"; 12];
    let images: Vec<Value> =
        names.iter().map(|name| json!({"names": [name], "sizeBytes": 104_857_600})).collect();
    let kinds = ["MemoryPressure", "DiskPressure", "PIDPressure", "Ready"];
    let condition = |kind: &str| {
        json!({"type": kind, "status": "False", "reason": "KubeletHasSufficientMemory",
            "message": "kubelet has sufficient memory available",
            "lastHeartbeatTime": "2025-01-01T00:00:00Z",
            "lastTransitionTime": "2025-01-01T00:00:00Z"})
    };
    let conditions = kinds.map(condition);
    json!({
        "metadata": {"name": format!("node-{number:05}"), "labels": {
            "kubernetes.io/arch": "amd64", "kubernetes.io/os": "linux",
            "node.kubernetes.io/instance-type": "ecs.g7.4xlarge",
            "topology.kubernetes.io/region": "cn-hangzhou", "topology.kubernetes.io/zone": zone,
            "karpenter.sh/nodepool": format!("pool-{}", number % 20),
            "karpenter.sh/capacity-type": "spot"}},
        "spec": {"providerID": format!("cn-hangzhou.i-{number:017}"),
            "podCIDR": "172.20.0.0/25"},
        "status": {"allocatable": amounts, "capacity": amounts, "images": images,
            "conditions": conditions},
    })
}

/// A bound pod of a deployment.
pub(crate) fn pod(number: usize, nodes: usize) -> Value {
    let app = format!("web-{:04}", number % 1_000);
    let variables: Vec<Value> = (0..8)
        .map(|n| json!({"name": format!("SETTING_{n}"), "value": "http://service.team:8080/path"}))
        .collect();
    let probe = json!({"httpGet": {"path": "/healthz", "port": 8080, "scheme": "HTTP"},
        "periodSeconds": 10, "timeoutSeconds": 1, "failureThreshold": 3, "successThreshold": 1});
    json!({
        "metadata": {"name": pod_name(number),
            "labels": {"app": app, "pod-template-hash": "6d4b75cb6d", "team": namespace(number)},
            "annotations": {"prometheus.io/scrape": "true", "prometheus.io/port": "8080"},
            "ownerReferences": [{"apiVersion": "apps/v1", "kind": "ReplicaSet", "controller": true,
                "blockOwnerDeletion": true, "name": format!("{app}-6d4b75cb6d"),
                "uid": format!("00000000-0000-4000-8000-{:012}", number % 1_000)}]},
        "spec": {"nodeName": format!("node-{:05}", number % nodes),
            "serviceAccountName": "default",
            "containers": [{"name": "main", "env": variables,
                "image": "registry.example.com/team/web:v1.24.3", "livenessProbe": probe,
                "readinessProbe": probe, "ports": [{"containerPort": 8080, "protocol": "TCP"}],
                "resources": {"requests": {"cpu": "250m", "memory": "512Mi"},
                    "limits": {"memory": "512Mi"}},
                "terminationMessagePath": "/dev/termination-log",
                "volumeMounts": [{"name": "token", "readOnly": true,
                    "mountPath": "/var/run/secrets/kubernetes.io/serviceaccount"}]}],
            "volumes": [{"name": "token", "projected": {"defaultMode": 420, "sources": [
                {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}}]}}]},
    })
}
