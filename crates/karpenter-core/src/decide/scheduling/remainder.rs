//! What a row has no field for: keys with many words, and distinct values asked for.

use super::part::{KeyId, Part};

/// What a set says beside its row.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(super) struct Remainder {
    /// Keys without a field, in key order.
    pub(super) listed: Vec<Part>,
    /// Distinct values asked for of keys with a field, in key order.
    pub(super) minima: Vec<(KeyId, u32)>,
}

/// The number of a remainder.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub(super) struct RemainderId(u32);

impl RemainderId {
    /// Nothing beside the row.
    pub(super) const NONE: Self = Self(0);

    /// The number of the remainder at `index`.
    pub(super) fn new(index: usize) -> Self {
        Self(u32::try_from(index).expect("invariant: no more remainders than sets"))
    }

    /// Something to mix into a hash.
    pub(super) fn number(self) -> u64 {
        self.0.into()
    }

    /// Where the remainder is.
    pub(super) fn index(self) -> usize {
        usize::try_from(self.0).expect("invariant: ids fit into memory")
    }
}

impl Remainder {
    /// What both say; `join` says what two parts of a key make.
    pub(super) fn join(&self, other: &Self, join: impl Fn(&Part, &Part) -> Part) -> Self {
        Self {
            listed: merge(&self.listed, &other.listed, |part| part.key, join),
            minima: merge(&self.minima, &other.minima, |(key, _)| *key, |a, b| *a.max(b)),
        }
    }

    /// Distinct values asked for of a key with a field.
    pub(super) fn minimum(&self, key: KeyId) -> Option<u32> {
        let at = self.minima.binary_search_by_key(&key, |(key, _)| *key).ok()?;
        Some(self.minima[at].1)
    }
}

/// Two lists in key order as one.
fn merge<T: Clone>(
    own: &[T],
    other: &[T],
    key: impl Fn(&T) -> KeyId,
    both: impl Fn(&T, &T) -> T,
) -> Vec<T> {
    let mut merged = own.to_vec();
    for one in other {
        match merged.binary_search_by_key(&key(one), &key) {
            Ok(at) => merged[at] = both(&merged[at], one),
            Err(at) => merged.insert(at, one.clone()),
        }
    }
    merged
}
