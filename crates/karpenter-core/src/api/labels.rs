//! Keys of labels, annotations, taints and finalizers; these strings are API.
//!
//! Source: Karpenter behaviour, labels and annotations; Kubernetes API, well-known labels.

/// API group of NodePool and NodeClaim, and the domain of our own keys.
pub const GROUP: &str = "karpenter.sh";

/// Label: name of the owning NodePool. On NodeClaim and Node; users select on it, pools may not set it.
pub const NODEPOOL: &str = "karpenter.sh/nodepool";
/// Label: one of [`CAPACITY_TYPES`]. On NodeClaim and Node.
pub const CAPACITY_TYPE: &str = "karpenter.sh/capacity-type";
/// Label: `"true"` once the Node joined and was matched to its NodeClaim.
pub const REGISTERED: &str = "karpenter.sh/registered";
/// Label: `"true"` once the Node is ready for pods.
pub const INITIALIZED: &str = "karpenter.sh/initialized";
/// Label: `"true"` skips the merge of taints at registration.
pub const DO_NOT_SYNC_TAINTS: &str = "karpenter.sh/do-not-sync-taints";
/// Label: takes a Node out of external load balancers; set to `karpenter` when termination starts.
pub const EXCLUDE_FROM_EXTERNAL_LOAD_BALANCERS: &str =
    "node.kubernetes.io/exclude-from-external-load-balancers";
/// Label: availability zone.
pub const ZONE: &str = "topology.kubernetes.io/zone";
/// Label: region.
pub const REGION: &str = "topology.kubernetes.io/region";
/// Label: instance type.
pub const INSTANCE_TYPE: &str = "node.kubernetes.io/instance-type";
/// Label: processor architecture, `amd64` or `arm64`.
pub const ARCH: &str = "kubernetes.io/arch";
/// Label: operating system.
pub const OS: &str = "kubernetes.io/os";
/// Label: build number of Windows nodes.
pub const WINDOWS_BUILD: &str = "node.kubernetes.io/windows-build";
/// Label: host name. Never usable in a pool; a planned node carries a placeholder.
pub const HOSTNAME: &str = "kubernetes.io/hostname";

/// Value of [`CAPACITY_TYPE`]: paid by use.
pub const CAPACITY_TYPE_ON_DEMAND: &str = "on-demand";
/// Value of [`CAPACITY_TYPE`]: interruptible.
pub const CAPACITY_TYPE_SPOT: &str = "spot";
/// Value of [`CAPACITY_TYPE`]: bought in advance.
pub const CAPACITY_TYPE_RESERVED: &str = "reserved";
/// All values of [`CAPACITY_TYPE`], sorted.
pub const CAPACITY_TYPES: [&str; 3] =
    [CAPACITY_TYPE_ON_DEMAND, CAPACITY_TYPE_RESERVED, CAPACITY_TYPE_SPOT];

/// Annotation on Pod (`"true"` or a positive duration since its start) and Node (only `"true"`).
pub const DO_NOT_DISRUPT: &str = "karpenter.sh/do-not-disrupt";
/// Annotation on NodePool and NodeClaim: the static-drift hash, decimal.
pub const NODEPOOL_HASH: &str = "karpenter.sh/nodepool-hash";
/// Annotation on NodePool and NodeClaim: version of the hash algorithm and of its input.
pub const NODEPOOL_HASH_VERSION: &str = "karpenter.sh/nodepool-hash-version";
/// Annotation on NodeClaim: RFC 3339 instant at which termination stops waiting.
pub const NODECLAIM_TERMINATION_TIMESTAMP: &str = "karpenter.sh/nodeclaim-termination-timestamp";
/// Annotation on NodeClaim: `"true"` if any `minValues` was lowered for it, else `"false"`.
pub const NODECLAIM_MIN_VALUES_RELAXED: &str = "karpenter.sh/nodeclaim-min-values-relaxed";
/// Annotation on NodeClaim, and on its Node once that has registered: why it was made, a sentence for people.
pub const PROVISIONED_FOR: &str = "karpenter.sh/provisioned-for";
/// Annotation on NodeClaim: DRA drivers whose pools initialization waits for, comma-separated.
pub const REQUESTED_DRA_DRIVERS: &str = "karpenter.sh/requested-dra-drivers";
/// Annotation on NodeClaim: `"true"` if an overlay changed a candidate's price.
pub const PRICE_OVERLAY_APPLIED: &str = "karpenter.sh/price-overlay-applied";
/// Annotation on NodeClaim: `"true"` if an overlay changed a candidate's capacity.
pub const CAPACITY_OVERLAY_APPLIED: &str = "karpenter.sh/capacity-overlay-applied";
/// Annotation on virtual pods of a CapacityBuffer.
pub const CAPACITY_BUFFER_FAKE_POD: &str = "karpenter.sh/capacity-buffer-fake-pod";
/// Annotation on virtual pods: name of the CapacityBuffer.
pub const CAPACITY_BUFFER_NAME: &str = "karpenter.sh/capacity-buffer-name";
/// Annotation on virtual pods: namespace of the CapacityBuffer.
pub const CAPACITY_BUFFER_NAMESPACE: &str = "karpenter.sh/capacity-buffer-namespace";
/// Annotation on NodePool: how its pods are packed, in place of the setting of the same name.
pub const PACKING_POLICY: &str = "core.karpenter.dev/packing-policy";
/// Annotation on Pod: relative cost of deleting it, read for the eviction cost.
pub const POD_DELETION_COST: &str = "controller.kubernetes.io/pod-deletion-cost";

/// Taint key: the node is being disrupted; effect NoSchedule, no value.
pub const DISRUPTED_TAINT: &str = "karpenter.sh/disrupted";
/// Taint key: the node has not been matched to its claim yet; effect NoExecute, no value.
pub const UNREGISTERED_TAINT: &str = "karpenter.sh/unregistered";
/// Finalizer of NodeClaims and Nodes.
pub const TERMINATION_FINALIZER: &str = "karpenter.sh/termination";

/// Well-known keys of the core, sorted. Providers add theirs to a value of their own.
pub const WELL_KNOWN: [&str; 8] =
    [CAPACITY_TYPE, NODEPOOL, ARCH, OS, INSTANCE_TYPE, WINDOWS_BUILD, REGION, ZONE];
/// Domains whose keys users may not set, sub-domains included. Providers add their group.
pub const RESTRICTED_DOMAINS: [&str; 1] = [GROUP];
/// Keys users may not set; also hidden when requirements are printed.
pub const RESTRICTED: [&str; 1] = [HOSTNAME];
/// Keys that live on offerings rather than on instance types.
pub const WELL_KNOWN_FOR_OFFERINGS: [&str; 2] = [CAPACITY_TYPE, ZONE];

/// Resources every node has on its own; an overlay cannot set them.
pub const WELL_KNOWN_RESOURCES: [&str; 4] = ["cpu", "memory", "ephemeral-storage", "pods"];

/// Deprecated key and the key it means, applied whenever a requirement is built.
pub const NORMALIZED: [(&str, &str); 5] = [
    ("beta.kubernetes.io/arch", ARCH),
    ("beta.kubernetes.io/instance-type", INSTANCE_TYPE),
    ("beta.kubernetes.io/os", OS),
    ("failure-domain.beta.kubernetes.io/region", REGION),
    ("failure-domain.beta.kubernetes.io/zone", ZONE),
];

/// The label that names a claim's NodeClass: `<group>/<lower-case kind>`.
///
/// # Example
/// ```
/// # use karpenter_core::api::labels::node_class_label;
/// assert_eq!(node_class_label("example.com", "ECSNodeClass"), "example.com/ecsnodeclass");
/// ```
///
/// Source: Karpenter behaviour, labels.
pub fn node_class_label(group: &str, kind: &str) -> String {
    format!("{group}/{}", kind.to_ascii_lowercase())
}

/// The part of a label key before the first `/`; empty if there is none.
pub fn domain(key: &str) -> &str {
    key.split_once('/').map_or("", |(domain, _)| domain)
}
