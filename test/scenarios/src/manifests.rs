//! Objects as users write them.

use serde_json::{Value, json};

/// The ECSNodeClass of the provider's first document, byte for byte as users know it.
pub const USER_NODE_CLASS: &str = include_str!("../fixtures/user-ecsnodeclass.yaml");

/// The NodePool of the provider's first document; note its `consolidateAfter: 720h`.
pub const USER_NODE_POOL: &str = include_str!("../fixtures/user-nodepool.yaml");

/// A pool with many types that gives nodes back half a minute after they fall empty.
pub const WIDE_NODE_POOL: &str = include_str!("../fixtures/wide-nodepool.yaml");

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
