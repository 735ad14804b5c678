//! Rows for the engine's runner: node classes, and the tables of the region.

pub mod catalog_refresh;
pub mod node_class;
