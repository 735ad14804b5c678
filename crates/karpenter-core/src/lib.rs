//! The engine of the node autoscaler; it knows no cloud.
//!
//! | folder | layer | holds |
//! |---|---|---|
//! | [`api`] | L0 | what users write: kinds, label keys, schema, defaults, validation |
//! | [`model`] | L1 | values: ids, quantities, resources, requirement algebra, pods, nodes, supply |
//! | [`cloud_provider`], [`clock`], [`signal`], [`options`] | L2 | the port to the cloud, time, wake-ups, settings |
//! | [`state`] | L2 | what we know: one writer, immutable snapshots |
//! | [`decide`] | L3 | what to do: pure functions from a snapshot to a plan with a report |
//! | [`wire`] | L4 | slim Kubernetes objects and their way into the model |
//! | [`effects`] | L4 | doing it: every change to the cluster and the cloud |
//! | [`controllers`] | L5 | when: watches, the runner, one row per controller |
//! | [`observe`] | leaf | names of metrics and events |
//!
//! Arrows point upwards in this table only: `model` may use `api`, never the other way round.

pub mod api;
pub mod clock;
pub mod cloud_provider;
pub mod controllers;
pub mod decide;
pub mod effects;
pub mod model;
pub mod observe;
pub mod options;
pub mod signal;
pub mod state;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod wire;
