//! The engine of the node autoscaler; it knows no cloud.
//!
//! | folder | layer | holds |
//! |---|---|---|
//! | [`api`] | L0 | what users write: kinds, label keys, schema, defaults, validation |
//! | [`model`] | L1 | values: ids, quantities, resources, requirement algebra, taints |
//!
//! Arrows point upwards in this table only: `model` may use `api`, never the other way round.

pub mod api;
pub mod model;
