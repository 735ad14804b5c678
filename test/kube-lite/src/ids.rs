//! Names and uids from the seed: the same requests in the same order give the same identities.

use rand::rngs::ChaCha8Rng;
use rand::{Rng, SeedableRng};

/// Characters of generated suffixes: no vowels, no look-alikes. Source: Kubernetes API.
const ALPHABET: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";

/// Longest prefix that still leaves room for the suffix in 63 characters.
const MAX_PREFIX: usize = 58;

/// Draws uids and name suffixes from two streams of one seed.
#[derive(Debug)]
pub(crate) struct Ids {
    uids: ChaCha8Rng,
    suffixes: ChaCha8Rng,
}

impl Ids {
    pub(crate) fn new(seed: u64) -> Self {
        Self::resumed(seed, 0)
    }

    /// Ids no earlier run of the same state has drawn: each version has streams of its own.
    pub(crate) fn resumed(seed: u64, version: u64) -> Self {
        let stream = |number: u64| {
            let mut rng = ChaCha8Rng::seed_from_u64(seed);
            rng.set_stream(version.wrapping_mul(2).wrapping_add(number));
            rng
        };
        Self { uids: stream(1), suffixes: stream(2) }
    }

    /// A fresh uid in the form of a version-4 uuid.
    pub(crate) fn uid(&mut self) -> String {
        let (high, low) = (self.uids.next_u64(), self.uids.next_u64());
        format!(
            "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
            high >> 32,
            (high >> 16) & 0xffff,
            high & 0xfff,
            (low >> 48) & 0x3fff | 0x8000,
            low & 0xffff_ffff_ffff,
        )
    }

    /// `prefix` (cut to leave room) and five random characters.
    pub(crate) fn name(&mut self, prefix: &str) -> String {
        let mut name: String = prefix.chars().take(MAX_PREFIX).collect();
        for _ in 0..5 {
            let draw = self.suffixes.next_u64() % (ALPHABET.len() as u64);
            name.push(char::from(ALPHABET[usize::try_from(draw).unwrap_or_default()]));
        }
        name
    }
}
