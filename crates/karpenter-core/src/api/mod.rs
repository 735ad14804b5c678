//! What users write: the kinds of the group `karpenter.sh`, their schema and their defaults.
//!
//! Nothing here decides anything; the logic ends at reading, defaulting and conditions.

pub mod crd;
pub mod duration;
pub mod labels;
pub mod patterns;
pub mod problem;
pub mod structural_hash;
pub mod v1;
pub mod v1alpha1;
pub mod v1beta1;
