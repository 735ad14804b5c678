//! Deterministic random streams, one per purpose.
//!
//! Each purpose (nonces, jitter) owns a stream derived from the client's seed, so one more draw for one purpose
//! never disturbs another.

use rand::{Rng as _, SeedableRng as _, rngs::ChaCha8Rng};
use sha2::{Digest as _, Sha256};

/// The stream of `purpose` under `seed`.
pub(crate) fn stream(seed: u64, purpose: &str) -> ChaCha8Rng {
    let digest =
        Sha256::new().chain_update(seed.to_le_bytes()).chain_update(purpose.as_bytes()).finalize();
    ChaCha8Rng::from_seed(digest.into())
}

/// A fresh request nonce: 32 lower-case hex digits.
pub(crate) fn nonce(random: &mut ChaCha8Rng) -> String {
    let mut bytes = [0_u8; 16];
    random.fill_bytes(&mut bytes);
    hex::encode(bytes)
}
