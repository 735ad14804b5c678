//! The one source of true randomness: the seed of everything else.

use std::hash::{BuildHasher, Hasher, RandomState};

/// A number nobody can foresee, different in every process.
pub fn from_the_system() -> u64 {
    RandomState::new().build_hasher().finish()
}
