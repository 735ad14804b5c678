//! The older ECSNodeClass of group `karpenter.k8s.alibabacloud`: reading it, its hash, and what it means in our kind.
//!
//! | module | idea |
//! |---|---|
//! | [`node_class`] | the spec as that group stores it |
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

/// API group of the older kind, and the domain of its labels.
pub const GROUP: &str = "karpenter.k8s.alibabacloud";
/// Its version.
pub const VERSION: &str = "v1alpha1";
/// Its kind; the same as ours.
pub const KIND: &str = "ECSNodeClass";

/// Annotation on its classes and their claims: the static-drift hash.
pub const HASH: &str = "karpenter.k8s.alibabacloud/ecsnodeclass-hash";
/// Annotation on its classes and their claims: version of the hash.
pub const HASH_VERSION: &str = "karpenter.k8s.alibabacloud/ecsnodeclass-hash-version";
