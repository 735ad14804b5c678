//! The older ECSNodeClass of group `karpenter.k8s.alibabacloud`: reading it, its hash, and what it means in our kind.
//!
//! | module | idea |
//! |---|---|
//! | [`node_class`] | the spec as that group stores it |
//! | [`object`] | whole objects in our kind, and our status in theirs |
//! | [`store`] | the classes of a cluster, as last read |
//! | [`convert`] | the same spec in our kind, with warnings |
//! | [`hash`] | the static-drift hash its claims carry |
//! | [`labels`] | its labels of instance types |
//! | [`documents`] | whole documents: classes and the pools that use them |
//!
//! The two groups never mix: every key, finalizer and hash of the older group stands here.

pub mod convert;
pub mod documents;
pub mod hash;
pub mod labels;
pub mod node_class;
pub mod object;
pub mod store;

/// API group of the older kind, and the domain of its labels.
pub const GROUP: &str = "karpenter.k8s.alibabacloud";
/// Its version.
pub const VERSION: &str = "v1alpha1";
/// Its kind; the same as ours.
pub const KIND: &str = "ECSNodeClass";
/// Its resource name in paths; the same as ours.
pub const PLURAL: &str = "ecsnodeclasses";

/// Finalizer of its classes.
pub const FINALIZER: &str = "karpenter.k8s.alibabacloud/termination";
/// Label of its claims and nodes, and tag of their instances: name of the class.
pub const NODE_CLASS: &str = "karpenter.k8s.alibabacloud/ecsnodeclass";

/// Annotation on its classes and their claims: the static-drift hash.
pub const HASH: &str = "karpenter.k8s.alibabacloud/ecsnodeclass-hash";
/// Annotation on its classes and their claims: version of the hash.
pub const HASH_VERSION: &str = "karpenter.k8s.alibabacloud/ecsnodeclass-hash-version";
