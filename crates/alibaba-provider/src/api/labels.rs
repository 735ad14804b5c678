//! Keys of labels, annotations, tags and finalizers of this provider; these strings are API.

use std::collections::BTreeMap;
use std::sync::Arc;

use karpenter_core::model::label_rules::{LabelNormalization, WellKnownLabels};

/// Label: name of the ECSNodeClass.
pub const NODE_CLASS: &str = "karpenter.alibabacloud.com/ecsnodeclass";
/// Label: leading letters of the family, `g` of `ecs.g7.large`.
pub const INSTANCE_CATEGORY: &str = "karpenter.alibabacloud.com/instance-category";
/// Label: family, `ecs.g7`.
pub const INSTANCE_FAMILY: &str = "karpenter.alibabacloud.com/instance-family";
/// Label: first number of the family, `7`.
pub const INSTANCE_GENERATION: &str = "karpenter.alibabacloud.com/instance-generation";
/// Label: size within the family, `large`.
pub const INSTANCE_SIZE: &str = "karpenter.alibabacloud.com/instance-size";
/// Label: number of vCPUs.
pub const INSTANCE_CPU: &str = "karpenter.alibabacloud.com/instance-cpu";
/// Label: `intel`, `amd`, `hygon` or `arm`.
pub const INSTANCE_CPU_MANUFACTURER: &str = "karpenter.alibabacloud.com/instance-cpu-manufacturer";
/// Label: memory, whole MiB.
pub const INSTANCE_MEMORY: &str = "karpenter.alibabacloud.com/instance-memory";
/// Label: GPU model, `nvidia-t4`.
pub const INSTANCE_GPU_NAME: &str = "karpenter.alibabacloud.com/instance-gpu-name";
/// Label: GPU maker, `nvidia` or `amd`.
pub const INSTANCE_GPU_MANUFACTURER: &str = "karpenter.alibabacloud.com/instance-gpu-manufacturer";
/// Label: number of GPUs.
pub const INSTANCE_GPU_COUNT: &str = "karpenter.alibabacloud.com/instance-gpu-count";
/// Label: memory of one GPU, whole MiB.
pub const INSTANCE_GPU_MEMORY: &str = "karpenter.alibabacloud.com/instance-gpu-memory";
/// Label: local disks together, GiB.
pub const INSTANCE_LOCAL_DISK: &str = "karpenter.alibabacloud.com/instance-local-disk";
/// Label: network bandwidth, Mbit/s.
pub const INSTANCE_NETWORK_BANDWIDTH: &str =
    "karpenter.alibabacloud.com/instance-network-bandwidth";
/// Label: `EntryLevel`, `EnterpriseLevel` or `CreditEntryLevel`.
pub const INSTANCE_FAMILY_LEVEL: &str = "karpenter.alibabacloud.com/instance-family-level";
/// Label: network interfaces, the primary included.
pub const INSTANCE_ENI_COUNT: &str = "karpenter.alibabacloud.com/instance-eni-count";
/// Label: `baremetal` on bare metal.
pub const INSTANCE_HYPERVISOR: &str = "karpenter.alibabacloud.com/instance-hypervisor";

/// Label: capacity reservation a node's instance runs in, `crp-…` or `eap-…`.
pub const CAPACITY_RESERVATION_ID: &str = "karpenter.alibabacloud.com/capacity-reservation-id";
/// Label: what that reservation is, `capacity-reservation` or `elasticity-assurance`.
pub const CAPACITY_RESERVATION_TYPE: &str = "karpenter.alibabacloud.com/capacity-reservation-type";

/// Our labels that describe a capacity reservation, sorted.
pub const OF_RESERVATIONS: [&str; 2] = [CAPACITY_RESERVATION_ID, CAPACITY_RESERVATION_TYPE];

/// Our labels that describe an instance type, sorted.
pub const OF_INSTANCE_TYPES: [&str; 16] = [
    INSTANCE_CATEGORY,
    INSTANCE_CPU,
    INSTANCE_CPU_MANUFACTURER,
    INSTANCE_ENI_COUNT,
    INSTANCE_FAMILY,
    INSTANCE_FAMILY_LEVEL,
    INSTANCE_GENERATION,
    INSTANCE_GPU_COUNT,
    INSTANCE_GPU_MANUFACTURER,
    INSTANCE_GPU_MEMORY,
    INSTANCE_GPU_NAME,
    INSTANCE_HYPERVISOR,
    INSTANCE_LOCAL_DISK,
    INSTANCE_MEMORY,
    INSTANCE_NETWORK_BANDWIDTH,
    INSTANCE_SIZE,
];

/// Finalizer of node classes: kept while a NodeClaim refers to the class.
pub const FINALIZER: &str = "karpenter.alibabacloud.com/termination";
/// Annotation on class and claim: the static-drift hash.
pub const HASH: &str = "karpenter.alibabacloud.com/ecsnodeclass-hash";
/// Annotation on class and claim: version of the hash.
pub const HASH_VERSION: &str = "karpenter.alibabacloud.com/ecsnodeclass-hash-version";

/// Label ACK expects on nodes of a cluster.
pub const ACK_NODE: (&str, &str) = ("k8s.aliyun.com", "true");
/// Label ACK expects on nodes of a cluster; its value is the cluster id.
pub const ACK_CLUSTER: &str = "ack.aliyun.com";

/// Instance tag: name of the NodePool.
pub const TAG_NODE_POOL: &str = "karpenter.sh/nodepool";
/// Instance tag: name of the NodeClaim.
pub const TAG_NODE_CLAIM: &str = "karpenter.sh/nodeclaim";
/// Instance tag: uid of the NodeClaim; a later claim of the same name is another.
pub const TAG_NODE_CLAIM_UID: &str = "karpenter.sh/nodeclaim-uid";
/// Instance tag: identity of the cluster.
pub const TAG_CLUSTER_ID: &str = "ecs:ecs-cluster-id";

/// Key of the instance tag that says which cluster owns the instance; its value is [`OWNED`].
pub fn tag_owner(identity: &str) -> String {
    format!("kubernetes.io/cluster/{identity}")
}

/// Value of the tag of [`tag_owner`].
pub const OWNED: &str = "owned";

/// Label of the older provider: the type without its size, `ecs.gn7i-c8g1`.
pub const LEGACY_FAMILY: &str = "karpenter.k8s.alibabacloud/instance-family";
/// Label of the older provider: GPU maker as the cloud spells it, `NVIDIA`.
pub const LEGACY_GPU_MANUFACTURER: &str = "karpenter.k8s.alibabacloud/instance-gpu-manufacturer";
/// Label of the older provider: memory of one GPU, GiB.
pub const LEGACY_GPU_MEMORY: &str = "karpenter.k8s.alibabacloud/instance-gpu-memory";

/// Labels of the older provider whose values are others than ours, so that they are no aliases; sorted.
pub const LEGACY_INSTANCE_TYPES: [&str; 3] =
    [LEGACY_FAMILY, LEGACY_GPU_MANUFACTURER, LEGACY_GPU_MEMORY];

/// Annotation an earlier provider of our group left on classes and claims.
pub const OLD_HASH: &str = "karpenter.sh/ecsnodeclass-hash";
/// Annotation an earlier provider of our group left on classes and claims.
pub const OLD_HASH_VERSION: &str = "karpenter.sh/ecsnodeclass-hash-version";

/// Spelling of a label elsewhere, and the key it means here.
const ALIASES: [(&str, &str); 13] = [
    ("karpenter.k8s.alibabacloud/instance-category", INSTANCE_CATEGORY),
    ("karpenter.k8s.alibabacloud/instance-cpu", INSTANCE_CPU),
    ("karpenter.k8s.alibabacloud/instance-cpu-model", INSTANCE_CPU_MANUFACTURER),
    ("karpenter.k8s.alibabacloud/instance-generation", INSTANCE_GENERATION),
    ("karpenter.k8s.alibabacloud/instance-gpu-count", INSTANCE_GPU_COUNT),
    ("karpenter.k8s.alibabacloud/instance-gpu-name", INSTANCE_GPU_NAME),
    ("karpenter.k8s.alibabacloud/instance-memory", INSTANCE_MEMORY),
    ("karpenter.k8s.alibabacloud/instance-size", INSTANCE_SIZE),
    ("node.kubernetes.io/instance-family", INSTANCE_FAMILY),
    ("node.kubernetes.io/instance-size", INSTANCE_SIZE),
    ("topology.k8s.alibabacloud/zone-id", karpenter_core::api::labels::ZONE),
    ("topology.diskplugin.csi.alibabacloud.com/zone", karpenter_core::api::labels::ZONE),
    ("karpenter.k8s.alibabacloud/ecsnodeclass", NODE_CLASS),
];

/// Well-known labels of the core and ours; those of the older provider too where `legacy` labels are in use.
pub fn well_known(legacy: bool) -> Arc<WellKnownLabels> {
    let older = LEGACY_INSTANCE_TYPES.into_iter().filter(|_| legacy);
    let own = OF_INSTANCE_TYPES.into_iter().chain(OF_RESERVATIONS).chain([NODE_CLASS]);
    let all = WellKnownLabels::core().with(own.chain(older));
    Arc::new(all.with_reservation_id(CAPACITY_RESERVATION_ID))
}

/// `labels` with every other spelling of them, for nodes: a kube-scheduler compares labels as they are.
///
/// The label of the class is left out: the engine writes it for the group of the class.
pub fn with_aliases(mut labels: BTreeMap<String, String>) -> BTreeMap<String, String> {
    for (alias, key) in ALIASES.into_iter().filter(|(_, key)| *key != NODE_CLASS) {
        if let Some(value) = labels.get(key).cloned() {
            labels.insert(alias.to_owned(), value);
        }
    }
    labels
}

/// Deprecated keys of the core, and spellings of other providers and drivers for this cloud.
pub fn normalization() -> Arc<LabelNormalization> {
    let table = ALIASES
        .into_iter()
        .fold(LabelNormalization::core(), |table, (from, to)| table.with_key(from, to));
    Arc::new(table)
}
