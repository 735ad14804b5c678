//! Names of new claims, chosen in the plan so that carrying it out twice makes one claim.

use std::collections::BTreeSet;

use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};

use super::input::SchedulingInput;
use crate::model::ids::{NodeClaimName, NodePoolName};

/// Letters of generated names: no vowels and nothing that looks like them, so no words arise.
///
/// Source: Kubernetes API (generated names).
const ALPHABET: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";
/// Length of the generated part.
const SUFFIX: usize = 5;
/// Longest part before it, so that the name is a label value.
const LONGEST_BASE: usize = 63 - SUFFIX;

/// Draws names `<pool>-<5 letters>` that no known claim has.
///
/// The sequence depends on the seed and the revision, so another plan draws other names.
pub(super) struct ClaimNames {
    stream: ChaCha8Rng,
    taken: BTreeSet<NodeClaimName>,
}

impl ClaimNames {
    /// Names for the claims of one plan.
    pub(super) fn new(input: &SchedulingInput) -> Self {
        let claims = input.nodes.iter().filter_map(|node| node.claim.as_ref());
        Self::salted([input.seed, input.based_on.0], claims.map(|claim| &claim.name))
    }

    /// Names that depend on both of `salts`, and are none of `taken`.
    pub(super) fn salted<'n>(
        salts: [u64; 2],
        taken: impl Iterator<Item = &'n NodeClaimName>,
    ) -> Self {
        let mut seed = [0; 32];
        seed[..8].copy_from_slice(&salts[0].to_le_bytes());
        seed[8..16].copy_from_slice(&salts[1].to_le_bytes());
        seed[16..].copy_from_slice(b"nodeclaim/names.");
        Self { stream: ChaCha8Rng::from_seed(seed), taken: taken.cloned().collect() }
    }

    /// The next name for a claim of `pool`.
    pub(super) fn next(&mut self, pool: &NodePoolName) -> NodeClaimName {
        let base: String = format!("{pool}-").chars().take(LONGEST_BASE).collect();
        loop {
            let letter = |_| char::from(ALPHABET[self.stream.random_range(..ALPHABET.len())]);
            let suffix: String = (0..SUFFIX).map(letter).collect();
            let name = NodeClaimName::from(format!("{base}{suffix}"));
            if self.taken.insert(name.clone()) {
                return name;
            }
        }
    }
}
