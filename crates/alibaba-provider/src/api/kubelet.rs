//! Settings of the kubelet.

use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use super::rules;

/// Texts by resource or signal.
pub type Amounts = BTreeMap<String, String>;

/// Settings of the kubelet; what is not set here follows the cluster's defaults.
///
/// Source: Kubernetes API, kubelet configuration; ACK, customised kubelet settings of nodes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = rules::kubelet::whole()))]
pub struct KubeletConfiguration {
    /// Addresses of the cluster's DNS.
    #[serde(rename = "clusterDNS", default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 8), inner(length(max = 64)))]
    pub cluster_dns: Option<Vec<String>>,
    /// Most pods of a node.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0))]
    pub max_pods: Option<i32>,
    /// Most pods of a node for each vCPU.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0))]
    pub pods_per_core: Option<i32>,
    /// Resources reserved for the operating system.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "system_reserved")]
    pub system_reserved: Option<Amounts>,
    /// Resources reserved for the kubelet and the container runtime.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "kube_reserved")]
    pub kube_reserved: Option<Amounts>,
    /// Hard eviction thresholds by signal: quantities or percentages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "eviction_hard")]
    pub eviction_hard: Option<Amounts>,
    /// Soft eviction thresholds by signal; each needs a grace period.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "eviction_soft")]
    pub eviction_soft: Option<Amounts>,
    /// How long a soft threshold must be crossed, by signal: durations such as 2m.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "eviction_soft_grace_period")]
    pub eviction_soft_grace_period: Option<Amounts>,
    /// Longest grace period of pods evicted softly, seconds. The cluster service cannot carry it, so it is refused at
    /// runtime wherever that writes the join script.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub eviction_max_pod_grace_period: Option<i32>,
    /// Disk use in percent from which images are always collected.
    #[serde(
        rename = "imageGCHighThresholdPercent",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    #[schemars(range(min = 0, max = 100))]
    pub image_gc_high_threshold_percent: Option<i32>,
    /// Disk use in percent down to which images are collected.
    #[serde(
        rename = "imageGCLowThresholdPercent",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    #[schemars(range(min = 0, max = 100))]
    pub image_gc_low_threshold_percent: Option<i32>,
    /// Whether CPU limits are enforced by quota.
    #[serde(rename = "cpuCFSQuota", default, skip_serializing_if = "Option::is_none")]
    pub cpu_cfs_quota: Option<bool>,
    /// Period of the CPU quota: a duration such as 100ms.
    #[serde(rename = "cpuCFSQuotaPeriod", default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub cpu_cfs_quota_period: Option<String>,
    /// Policy of the CPU manager, such as static.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub cpu_manager_policy: Option<String>,
    /// Policy of the memory manager, such as Static.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub memory_manager_policy: Option<String>,
    /// Policy of the topology manager, such as best-effort.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub topology_manager_policy: Option<String>,
    /// Memory reserved on NUMA nodes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 16))]
    pub reserved_memory: Option<Vec<MemoryReservation>>,
    /// Unsafe sysctls pods may set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64), inner(length(max = 256)))]
    pub allowed_unsafe_sysctls: Option<Vec<String>>,
    /// Files kept of one container's log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 2))]
    pub container_log_max_files: Option<i32>,
    /// Size at which a container's log is rotated, such as 10Mi.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub container_log_max_size: Option<String>,
    /// Feature gates of the kubelet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("maxProperties" = 64))]
    pub feature_gates: Option<BTreeMap<String, bool>>,
    /// Most processes of a pod; -1 for no limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = -1))]
    pub pod_pids_limit: Option<i64>,
    /// Image pulls allowed in a burst.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0))]
    pub registry_burst: Option<i32>,
    /// Image pulls per second; 0 for no limit.
    #[serde(rename = "registryPullQPS", default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0))]
    pub registry_pull_qps: Option<i32>,
    /// Whether images are pulled one at a time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub serialize_image_pulls: Option<bool>,
}

/// Memory reserved on one NUMA node.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct MemoryReservation {
    /// Number of the NUMA node.
    #[schemars(range(min = 0, max = 63))]
    pub numa_node: i32,
    /// Amounts by resource, such as memory: 1Gi.
    #[schemars(extend("maxProperties" = 8))]
    pub limits: Amounts,
}

/// Schema of texts by key: at most `entries`, with `rules`.
fn amounts(entries: u32, rules: &serde_json::Value) -> Schema {
    json_schema!({
        "type": "object",
        "maxProperties": entries,
        "additionalProperties": { "type": "string", "maxLength": 64 },
        "x-kubernetes-validations": rules,
    })
}

fn system_reserved(_: &mut SchemaGenerator) -> Schema {
    amounts(4, &rules::kubelet::reserved("systemReserved"))
}

fn kube_reserved(_: &mut SchemaGenerator) -> Schema {
    amounts(4, &rules::kubelet::reserved("kubeReserved"))
}

fn eviction_hard(_: &mut SchemaGenerator) -> Schema {
    amounts(6, &rules::kubelet::signals("evictionHard"))
}

fn eviction_soft(_: &mut SchemaGenerator) -> Schema {
    amounts(6, &rules::kubelet::signals("evictionSoft"))
}

fn eviction_soft_grace_period(_: &mut SchemaGenerator) -> Schema {
    amounts(6, &rules::kubelet::signals("evictionSoftGracePeriod"))
}
