//! Counting changes.

/// Counts changes of the state; a plan made at one revision can tell that the world has moved on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Revision(pub u64);
