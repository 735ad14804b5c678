//! The parts of the world, each as it is started alone or by `up`.

pub(crate) mod api;
pub(crate) mod cloud;
