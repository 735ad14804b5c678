//! Which members of a list have at least so much: one row of bits per distinct amount of a resource.

use fixedbitset::{Block, FixedBitSet};

/// Which types have at least so much of one resource.
#[derive(Debug)]
pub struct Column {
    /// Distinct amounts, ascending.
    amounts: Vec<i128>,
    /// Per amount the words of the types that have as much or more.
    words: Vec<Block>,
}

impl Column {
    /// The column of members, out of `n_types`, that have these amounts in nano units.
    pub fn new(mut have: Vec<(i128, usize)>, n_types: usize) -> Self {
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

    /// The words of the types that have `amount` or more, 64 types each; `None` when none has.
    pub fn at_least(&self, amount: i128) -> Option<&[Block]> {
        let at = self.amounts.partition_point(|have| *have < amount);
        let width = self.words.len() / self.amounts.len().max(1);
        (at < self.amounts.len()).then(|| &self.words[at * width..(at + 1) * width])
    }
}
