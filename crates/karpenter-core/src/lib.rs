//! karpenter-core.
