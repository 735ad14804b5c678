//! karpenter.
fn main() {}
