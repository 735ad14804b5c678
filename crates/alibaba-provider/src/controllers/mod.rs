//! Rows for the engine's runner: node classes of both groups, claims in reservations, and the tables of the region.

pub mod catalog_refresh;
pub mod legacy_class;
pub mod node_class;
pub mod reserved_claims;
