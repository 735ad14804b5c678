//! Group `autoscaling.x-k8s.io`, version `v1beta1`.

pub mod capacity_buffer;
