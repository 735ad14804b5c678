//! Which members of an index have room: one row of bits per distinct amount of a resource.

use fixedbitset::{Block, FixedBitSet};
use smallvec::SmallVec;

/// The n-th group of allocatable resources of every type that has so many; nearly always there is one layer.
#[derive(Debug)]
pub(super) struct Layer {
    /// Types with such a group and no negative amount in it.
    pub(super) usable: FixedBitSet,
    pub(super) columns: Vec<Column>,
}

/// Which types have at least so much of one resource.
#[derive(Debug)]
pub(super) struct Column {
    /// Distinct amounts, ascending.
    amounts: Vec<i128>,
    /// Per amount the words of the types that have as much or more.
    words: Vec<Block>,
}

impl Layer {
    /// Per resource the words of the types that have `total`; `None` when there is no such type for one of them.
    pub(super) fn rooms(&self, total: &[i128]) -> Option<SmallVec<[&[Block]; 4]>> {
        self.columns.iter().zip(total).map(|(column, amount)| column.at_least(*amount)).collect()
    }
}

impl Column {
    /// The column of members that have these amounts.
    pub(super) fn new(mut have: Vec<(i128, usize)>, n_types: usize) -> Self {
        have.sort_unstable();
        let mut row = FixedBitSet::with_capacity(n_types);
        let (mut amounts, mut rows) = (vec![], vec![]);
        for (amount, at) in have.into_iter().rev() {
            row.insert(at);
            if amounts.last() == Some(&amount) {
                rows.truncate(rows.len() - row.as_slice().len());
            } else {
                amounts.push(amount);
            }
            rows.extend_from_slice(row.as_slice());
        }
        amounts.reverse();
        let width = row.as_slice().len().max(1);
        let words = rows.chunks(width).rev().flatten().copied().collect();
        Self { amounts, words }
    }

    fn at_least(&self, amount: i128) -> Option<&[Block]> {
        let at = self.amounts.partition_point(|have| *have < amount);
        let width = self.words.len() / self.amounts.len().max(1);
        (at < self.amounts.len()).then(|| &self.words[at * width..(at + 1) * width])
    }
}
