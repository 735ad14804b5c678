//! The parts of the world, each as a process of its own; `up` starts the same ones in one process.

pub(crate) mod api;
pub(crate) mod cloud;
pub(crate) mod kubelets;
pub(crate) mod machines;
pub(crate) mod scheduler;
