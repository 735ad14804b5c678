//! Identities from the seed: one counted stream per purpose, so one more request id never disturbs
//! the next instance id.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Source of all ids of one cloud.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Ids {
    seed: u64,
    drawn: BTreeMap<String, u64>,
    restarts: u64,
}

impl Ids {
    /// Streams of this seed, none drawn from yet.
    pub(crate) fn new(seed: u64) -> Ids {
        Ids { seed, drawn: BTreeMap::new(), restarts: 0 }
    }

    /// The seed.
    pub(crate) fn seed(&self) -> u64 {
        self.seed
    }

    /// Counts a restart: request ids are drawn by reads too, which are not saved, and must not come
    /// twice.
    pub(crate) fn restarted(&mut self) {
        self.restarts += 1;
    }

    /// Next `n` lower-case base-36 characters of the stream `purpose`; `n` is at most 32.
    pub(crate) fn base36(&mut self, purpose: &str, n: usize) -> String {
        const DIGITS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
        let bytes = self.next(purpose);
        bytes.iter().take(n).map(|b| char::from(DIGITS[usize::from(*b) % 36])).collect()
    }

    /// Next request id, an upper-case UUID of version 4.
    pub(crate) fn request_id(&mut self) -> String {
        let mut b = match self.restarts {
            0 => self.next("request"),
            n => self.next(&format!("request-{n}")),
        };
        b[6] = (b[6] & 0x0f) | 0x40;
        b[8] = (b[8] & 0x3f) | 0x80;
        let h = hex::encode_upper(&b[..16]);
        format!("{}-{}-{}-{}-{}", &h[..8], &h[8..12], &h[12..16], &h[16..20], &h[20..])
    }

    fn next(&mut self, purpose: &str) -> [u8; 32] {
        let count = self.drawn.entry(purpose.to_owned()).or_default();
        *count += 1;
        Sha256::digest(format!("{}/{purpose}/{count}", self.seed)).into()
    }
}

/// A number in `0.0..1.0` that depends on nothing but the seed and `of`.
pub(crate) fn fraction(seed: u64, of: &str) -> f64 {
    let digest: [u8; 32] = Sha256::digest(format!("{seed}/{of}")).into();
    let head = u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]]);
    f64::from(head) / (f64::from(u32::MAX) + 1.0)
}
