//! What the status of NodePools says.

pub mod registration_health;
