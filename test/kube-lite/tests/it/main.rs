//! Conformance of the embedded server and its actors, through `kube::Client` on the router.

mod actors_scheduler;
mod actors_workloads;
mod cluster;
mod custom;
mod deletion;
mod determinism;
mod eviction;
mod kinds;
mod lists;
mod objects;
mod patches;
mod persistence;
mod robustness;
mod serving;
mod support;
mod watches;
