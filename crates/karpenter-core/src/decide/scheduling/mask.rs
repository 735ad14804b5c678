//! A set of bits, a few words long: which words of a label's vocabulary are allowed.

use smallvec::SmallVec;

const WIDTH: usize = 64;

/// Bits of one label key. Two masks of the same key have equal lengths.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Mask(SmallVec<[u64; 2]>);

impl Mask {
    /// No bit, out of `n_bits`.
    pub(super) fn none(n_bits: usize) -> Self {
        Self(SmallVec::from_elem(0, n_bits.div_ceil(WIDTH)))
    }

    /// A mask of at most a word.
    pub(super) fn from_word(word: u64) -> Self {
        Self(SmallVec::from_elem(word, 1))
    }

    /// The bits of a mask of at most a word.
    pub(super) fn word(&self) -> u64 {
        debug_assert!(self.0.len() <= 1, "a mask of {} words", self.0.len());
        self.0.first().copied().unwrap_or(0)
    }

    /// Adds `bit`.
    pub(super) fn insert(&mut self, bit: usize) {
        self.0[bit / WIDTH] |= 1 << (bit % WIDTH);
    }

    /// Whether `bit` is set.
    pub(super) fn contains(&self, bit: usize) -> bool {
        self.0[bit / WIDTH] >> (bit % WIDTH) & 1 == 1
    }

    /// Whether no bit is set.
    pub(super) fn is_zero(&self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }

    /// Whether some bit is set in both.
    pub(super) fn meets(&self, other: &Self) -> bool {
        self.0.iter().zip(&other.0).any(|(a, b)| a & b != 0)
    }

    /// Whether every bit is set in `other` too.
    pub(super) fn is_within(&self, other: &Self) -> bool {
        self.0.iter().zip(&other.0).all(|(a, b)| a & !b == 0)
    }

    /// The bits set here and not in `other`.
    pub(super) fn without(&self, other: &Self) -> Self {
        Self(self.0.iter().zip(&other.0).map(|(a, b)| a & !b).collect())
    }

    /// Takes `bit` away.
    pub(super) fn remove(&mut self, bit: usize) {
        self.0[bit / WIDTH] &= !(1 << (bit % WIDTH));
    }

    /// How many bits are set.
    pub(super) fn count(&self) -> usize {
        self.ones().count()
    }

    /// The bits set in both.
    pub(super) fn and(&self, other: &Self) -> Self {
        Self(self.0.iter().zip(&other.0).map(|(a, b)| a & b).collect())
    }

    /// Adds the bits of `other`.
    pub(super) fn extend(&mut self, other: &Self) {
        for (own, other) in self.0.iter_mut().zip(&other.0) {
            *own |= other;
        }
    }

    /// The bits that are set, ascending.
    pub(super) fn ones(&self) -> impl Iterator<Item = usize> {
        self.0.iter().enumerate().flat_map(|(at, word)| {
            let rest = std::iter::successors(Some(*word), |word| {
                word.checked_sub(1).map(|less| word & less)
            });
            rest.take_while(|word| *word != 0).map(move |word| at * WIDTH + lowest(word))
        })
    }
}

/// Position of the lowest bit of a word that is not zero.
fn lowest(word: u64) -> usize {
    usize::try_from(word.trailing_zeros()).expect("invariant: words are short")
}
