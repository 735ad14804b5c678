//! Label keys of this provider.
//!
//! Source: Karpenter behaviour, KWOK provider.

/// API group of the node class, and the domain of the labels; users may set no other key of it.
pub const GROUP: &str = "karpenter.kwok.sh";

/// Label: the part of a type's name before the first `.` or `-`, else its first character.
pub const INSTANCE_FAMILY: &str = "karpenter.kwok.sh/instance-family";
/// Label: the size in a name like `family.size`, else the processors.
pub const INSTANCE_SIZE: &str = "karpenter.kwok.sh/instance-size";
/// Label: processors, as a quantity.
pub const INSTANCE_CPU: &str = "karpenter.kwok.sh/instance-cpu";
/// Label: memory, as a quantity.
pub const INSTANCE_MEMORY: &str = "karpenter.kwok.sh/instance-memory";

/// Labels every instance type defines, sorted.
pub const OF_INSTANCE_TYPES: [&str; 4] =
    [INSTANCE_CPU, INSTANCE_FAMILY, INSTANCE_MEMORY, INSTANCE_SIZE];

/// Label and annotation with value `fake`: the node belongs to KWOK, whose controller plays its kubelet.
pub const FAKE_NODE: &str = "kwok.x-k8s.io/node";
/// Label: the group of nodes that a copy of KWOK's controller looks after.
pub const PARTITION: &str = "kwok-partition";
/// Label: price per hour, where viewers of nodes look for it.
pub const PRICE: &str = "eks-node-viewer/instance-price";

/// Annotation on Node: the claim it was made for.
pub const NODE_CLAIM: &str = "karpenter.kwok.sh/nodeclaim";
/// Annotation on Node: uid of that claim.
pub const NODE_CLAIM_UID: &str = "karpenter.kwok.sh/nodeclaim-uid";
