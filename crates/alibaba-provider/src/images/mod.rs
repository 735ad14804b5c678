//! Which image an instance boots.

pub mod discover;
pub mod select;
#[cfg(test)]
mod tests;
