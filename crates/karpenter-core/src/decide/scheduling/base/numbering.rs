//! Numbers for values, so that equal values are found equal without being looked at.

use std::hash::Hash;

use rustc_hash::FxHashMap;

/// Distinct values in the order they were first seen.
#[derive(Debug)]
pub(in super::super) struct Numbering<T> {
    values: Vec<T>,
    ids: FxHashMap<T, usize>,
}

impl<T> Default for Numbering<T> {
    fn default() -> Self {
        Self { values: vec![], ids: FxHashMap::default() }
    }
}

impl<T: Clone + Eq + Hash> Numbering<T> {
    /// The number of `value`.
    pub(in super::super) fn number(&mut self, value: &T) -> usize {
        if let Some(known) = self.ids.get(value) {
            return *known;
        }
        self.values.push(value.clone());
        self.ids.insert(value.clone(), self.values.len() - 1);
        self.values.len() - 1
    }

    /// The number of `value`, if it was seen.
    pub(in super::super) fn find<Q>(&self, value: &Q) -> Option<usize>
    where
        T: std::borrow::Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        self.ids.get(value).copied()
    }

    /// The value with this number.
    pub(in super::super) fn get(&self, number: usize) -> &T {
        &self.values[number]
    }

    /// How many there are.
    pub(in super::super) fn len(&self) -> usize {
        self.values.len()
    }
}
