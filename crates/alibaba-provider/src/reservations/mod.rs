//! Capacity reservations: which ones a class selects, and how much room is left in them.
//!
//! | module | idea |
//! |---|---|
//! | [`discover`] | asking the cloud |
//! | [`select`] | its rows become status and verdict |
//! | [`ledger`] | room left, less what was launched since it was read |

pub mod discover;
pub mod ledger;
pub mod select;
#[cfg(test)]
mod tests;
