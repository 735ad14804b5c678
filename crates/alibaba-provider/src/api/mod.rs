//! What users write: the kind `ECSNodeClass`, its schema and validation, and the keys of this provider.
//!
//! No default is written into an object: effective defaults are methods next to the fields, so that a new default
//! neither changes nor drifts a stored object.

pub mod conditions;
pub mod crd;
pub mod disks;
pub mod hash;
pub mod kubelet;
pub mod labels;
pub mod node_class;
mod rules;
pub mod selectors;
mod string_enum;
#[cfg(test)]
mod tests;

/// API group of [`node_class::ECSNodeClass`], and the domain of our labels.
pub const GROUP: &str = "karpenter.alibabacloud.com";
/// Served version.
pub const VERSION: &str = "v1alpha1";
/// Kind.
pub const KIND: &str = "ECSNodeClass";
/// Resource name in paths.
pub const PLURAL: &str = "ecsnodeclasses";
