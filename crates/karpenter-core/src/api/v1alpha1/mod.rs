//! Group `karpenter.sh`, version `v1alpha1`.

pub mod node_overlay;
mod rules;
