//! Group `karpenter.sh`, version `v1`.

pub mod requirement;
