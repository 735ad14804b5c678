//! karpenter-lab.
fn main() {}
