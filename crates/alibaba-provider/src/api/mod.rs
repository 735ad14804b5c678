//! What users write: the kind `ECSNodeClass`, its schema and validation, and the keys of this provider.
//!
//! No default is written into an object: effective defaults are methods next to the fields, so that a new default
//! neither changes nor drifts a stored object.

pub mod bootstrap;
pub mod conditions;
pub mod crd;
pub mod disk_sizes;
pub mod disks;
pub mod hash;
pub mod kubelet;
pub mod labels;
pub mod metadata;
pub mod node_class;
pub mod passwords;
pub mod placement;
pub mod reservations;
mod rules;
pub mod selectors;
pub mod spot;
pub mod status;
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
