//! Nonces seen lately.

use std::collections::{BTreeSet, VecDeque};

use chrono::{DateTime, Utc};

use super::TOLERANCE;

/// Nonces by key, forgotten after [`TOLERANCE`].
#[derive(Debug, Default)]
pub(crate) struct Nonces {
    seen: BTreeSet<(String, String)>,
    by_age: VecDeque<(DateTime<Utc>, (String, String))>,
}

impl Nonces {
    /// Takes a nonce; false if the key has used it within the last 15 minutes.
    pub(crate) fn take(&mut self, key_id: &str, nonce: &str, now: DateTime<Utc>) -> bool {
        while self.by_age.front().is_some_and(|(at, _)| *at + TOLERANCE < now) {
            if let Some((_, entry)) = self.by_age.pop_front() {
                self.seen.remove(&entry);
            }
        }
        let entry = (key_id.to_owned(), nonce.to_owned());
        let fresh = self.seen.insert(entry.clone());
        if fresh {
            self.by_age.push_back((now, entry));
        }
        fresh
    }
}
