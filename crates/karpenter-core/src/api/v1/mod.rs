//! Group `karpenter.sh`, version `v1`.

pub mod budget;
pub mod conditions;
pub mod hash;
pub mod node_class_ref;
pub mod nodeclaim;
pub mod nodepool;
pub mod requirement;
pub(in crate::api) mod rules;
pub(in crate::api) mod schema;
pub mod taint;
