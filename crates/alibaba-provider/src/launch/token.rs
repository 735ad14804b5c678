//! Client tokens: the same claim and request give the same token, so that a repeated call creates nothing twice.

use alibaba_sdk::ecs::RunInstances;
use sha2::{Digest, Sha256};

/// Alphabet of base 32, lower case.
const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";

/// Token of `request` for the claim `uid`; `attempt` makes a new one where the service refuses the old.
///
/// At most 64 ASCII characters. The token the request already carries does not count, nor does the password: tokens are
/// logged, and nothing logged may follow from a secret.
pub fn client_token(identity: &str, uid: &str, attempt: u32, request: &RunInstances) -> String {
    let bare = RunInstances { client_token: None, password: None, ..request.clone() };
    let body = serde_json::to_vec(&bare).unwrap_or_default();
    let mut digest = Sha256::new();
    for part in [identity.as_bytes(), uid.as_bytes(), &attempt.to_be_bytes(), &body] {
        digest.update(u64::try_from(part.len()).unwrap_or_default().to_be_bytes());
        digest.update(part);
    }
    format!("k8s-{}", base32(&digest.finalize()))
}

/// Base 32 without padding.
fn base32(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 8 / 5 + 1);
    let (mut buffer, mut bits) = (0_u32, 0_u32);
    for byte in bytes {
        buffer = (buffer << 8 | u32::from(*byte)) & 0xffff;
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            push(&mut text, buffer >> bits);
        }
    }
    if bits > 0 {
        push(&mut text, buffer << (5 - bits));
    }
    text
}

fn push(text: &mut String, digit: u32) {
    let at = usize::try_from(digit & 31).unwrap_or_default();
    text.push(char::from(ALPHABET[at]));
}
