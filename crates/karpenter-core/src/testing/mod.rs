//! Builders and fakes for tests of this crate and of crates that use it.
//!
//! Texts that cannot be read (a quantity, an effect) are mistakes of the test and panic.

pub mod bench;
pub mod cloud;
pub mod cluster;
pub mod conformance;
pub mod devices;
pub mod fake_provider;
pub mod instance_types;
pub mod node_pools;
pub mod nodes;
pub mod objects;
pub mod packing;
pub mod pod_topology;
pub mod pods;
pub mod requirement_sets;
pub mod scenario;
pub mod volumes;

use crate::model::quantity::Quantity;

/// Reads a quantity.
///
/// # Panics
/// On a text that is none.
pub(crate) fn quantity(text: &str) -> Quantity {
    text.parse().expect("invariant: tests write quantities correctly")
}
