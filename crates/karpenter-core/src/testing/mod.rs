//! Builders and fakes for tests of this crate and of crates that use it.

pub mod cloud;
pub mod objects;
