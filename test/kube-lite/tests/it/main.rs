//! Conformance of the embedded server and its actors, through `kube::Client` on the router.

mod applying;
mod cluster;
mod custom;
mod deletion;
mod determinism;
mod eviction;
mod lists;
mod objects;
mod openapi;
mod patches;
mod serving;
mod support;
mod tables;
mod validation;
mod watches;
