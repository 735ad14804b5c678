//! Where an instance is connected: vSwitches with their free addresses, and security groups.

pub mod addresses;
pub mod discover;
pub mod select;
#[cfg(test)]
mod tests;
