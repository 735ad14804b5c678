//! Tokens: the time of expiry and a digest over it, the instance and the seed. Nothing is stored, so a
//! token outlives a restart of the fake as it outlives one of the service.

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};

/// A token of `instance`, good until `expires`.
pub(super) fn issue(seed: u64, instance: &str, expires: DateTime<Utc>) -> String {
    let seconds = expires.timestamp();
    format!("{seconds:x}.{}", digest(seed, instance, seconds))
}

/// Whether `text` is a token of `instance` that has not expired at `now`.
pub(super) fn is_good(seed: u64, instance: &str, text: &str, now: DateTime<Utc>) -> bool {
    let Some((seconds, signed)) = text.split_once('.') else { return false };
    let Ok(seconds) = i64::from_str_radix(seconds, 16) else { return false };
    now.timestamp() < seconds && signed == digest(seed, instance, seconds)
}

fn digest(seed: u64, instance: &str, seconds: i64) -> String {
    hex::encode(Sha256::digest(format!("{seed}/metadata-token/{instance}/{seconds}")))
}
