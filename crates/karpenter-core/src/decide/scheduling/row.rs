//! A requirement set as a row of words, and what two rows make of each other: the same few operations on every word,
//! without a branch and without memory.
//!
//! Every key has a **field** of a row, and no field crosses a word. From its lowest bit up a field holds the words of the
//! key's vocabulary that are allowed, then one bit *absent* (the label may be missing), then one bit *unsaid* (the set
//! says nothing of the key). An unsaid field has all its bits set, so that joining two sets is a conjunction of words.
//!
//! Only *absent* does not follow from a conjunction: a set that excepts some values may do without the label, and an
//! exception stays one in company. A second word therefore says which values would be allowed if nothing were excepted;
//! it is joined by conjunction too, and what it has more is excepted.
//!
//! Fields are asked at once whether any of their bits is set by adding ones to all of them: the sum carries into the
//! *absent* bit exactly when there is one.

/// Words of a cell.
pub(super) const WIDTH: usize = 4;

/// Some words of a row.
pub(super) type Words = [u64; WIDTH];

/// A stretch of a row. Bits of no field are zero.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Cell {
    /// What is allowed, absent and unsaid.
    pub(super) allowed: Words,
    /// Values that are allowed or excepted: all that live where any text is allowed.
    pub(super) residents: Words,
}

/// What the bits of a cell mean; the same for all rows.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Meaning {
    /// Words of vocabularies.
    pub(super) words: Words,
    /// The absent bit of every field.
    pub(super) absent: Words,
    /// Homes: a field with one of them excepts values instead of listing them.
    pub(super) homes: Words,
    /// Homes of texts that a label can be.
    pub(super) possible: Words,
    /// The absent bit of every field that a claim must say something of before it is asked for.
    pub(super) undefined: Words,
}

/// How a meeting ends.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Outcome {
    /// Some key leaves nothing.
    pub(super) is_incompatible: bool,
    /// Some key leaves nothing but integers below zero.
    pub(super) is_below_zero: bool,
    /// Some key will leave nothing whatever else is joined.
    pub(super) is_for_good: bool,
    /// The joined set is not what the bin had.
    pub(super) is_changed: bool,
}

impl Outcome {
    /// Whether the bin does not take the other on.
    pub(super) fn is_refused(self) -> bool {
        self.is_incompatible || self.is_below_zero
    }
}

/// What two sets make of the fields of one word; every bit stands where the absent bit of its field does.
struct Pair {
    have: u64,
    incoming: u64,
    both: u64,
    words: u64,
    absent: u64,
}

impl Pair {
    #[inline]
    fn new(have: &Cell, incoming: &Cell, meaning: &Meaning, at: usize) -> Self {
        let (have, incoming) = (have.allowed[at], incoming.allowed[at]);
        let (words, absent) = (meaning.words[at], meaning.absent[at]);
        Self { have, incoming, both: have & incoming, words, absent }
    }

    /// Fields in which one of `bits`, all of them words, is set.
    #[inline]
    fn any(&self, bits: u64) -> u64 {
        (bits + self.words) & self.absent
    }

    /// Fields that leave nothing; those of `undefined` must be said by the bin unless absence will do.
    #[inline]
    fn lacking(&self, undefined: u64) -> u64 {
        let unmet = ((self.have & !self.incoming) >> 1) & undefined;
        self.absent & !((self.any(self.both & self.words) & !unmet) | self.both)
    }

    /// What both allow; `residents` are those of both.
    #[inline]
    fn joined(&self, residents: u64) -> u64 {
        let excepted = self.any(residents & !self.both);
        let none = !self.any(self.both & self.words);
        let unsaid = self.both >> 1;
        (self.both & !self.absent) | ((excepted | none | unsaid) & self.absent)
    }

    /// Fields of which the incoming set leaves nothing but integers below zero, which no label can be.
    #[inline]
    fn below_zero(&self, meaning: &Meaning, at: usize) -> u64 {
        let is_open = self.any(self.both & meaning.homes[at]);
        let is_possible = self.any(self.both & meaning.possible[at]);
        is_open & !is_possible & !(self.incoming >> 1)
    }

    /// Which of the fields that leave nothing never will. A bin that must have the label may later be told that some
    /// values are excepted; from then on a pod that asks for the label's absence is admitted.
    #[inline]
    fn lost(&self, lacking: u64, homes: u64) -> u64 {
        let is_mendable = self.incoming & self.any(self.have & homes);
        lacking & !(self.have >> 1) & !is_mendable
    }
}

/// Whether something with row `have` can take on row `incoming`; a claim may leave well-known keys undefined.
#[inline]
pub(super) fn is_compatible(
    have: &[Cell],
    incoming: &[Cell],
    meanings: &[Meaning],
    is_claim: bool,
) -> bool {
    let mut lacking = Words::default();
    for ((have, incoming), meaning) in have.iter().zip(incoming).zip(meanings) {
        let undefined = if is_claim { &meaning.undefined } else { &meaning.absent };
        for at in 0..WIDTH {
            lacking[at] |= Pair::new(have, incoming, meaning, at).lacking(undefined[at]);
        }
    }
    !is_any(lacking)
}

/// What both rows say.
#[inline]
pub(super) fn join(have: &[Cell], incoming: &[Cell], meanings: &[Meaning], joined: &mut [Cell]) {
    let rows = have.iter().zip(incoming).zip(meanings);
    for (((have, incoming), meaning), joined) in rows.zip(joined) {
        for at in 0..WIDTH {
            let residents = have.residents[at] & incoming.residents[at];
            joined.residents[at] = residents;
            joined.allowed[at] = Pair::new(have, incoming, meaning, at).joined(residents);
        }
    }
}

/// How it ends when a bin with row `have` is asked to take on row `incoming`; `joined` is what both say unless some key
/// leaves nothing.
#[inline]
pub(super) fn meet(
    have: &[Cell],
    incoming: &[Cell],
    meanings: &[Meaning],
    is_claim: bool,
    joined: &mut [Cell],
) -> Outcome {
    if !is_compatible(have, incoming, meanings, is_claim) {
        let is_for_good = is_lost(have, incoming, meanings, is_claim);
        return Outcome { is_incompatible: true, is_for_good, ..Outcome::default() };
    }
    join(have, incoming, meanings, joined);
    let (mut below_zero, mut changed) = (Words::default(), Words::default());
    let rows = have.iter().zip(incoming).zip(meanings);
    for (((have, incoming), meaning), joined) in rows.zip(joined) {
        for at in 0..WIDTH {
            below_zero[at] |= Pair::new(have, incoming, meaning, at).below_zero(meaning, at);
            changed[at] |= joined.allowed[at] ^ have.allowed[at];
        }
    }
    let (is_below_zero, is_changed) = (is_any(below_zero), is_any(changed));
    Outcome { is_below_zero, is_changed, ..Outcome::default() }
}

/// Whether some key will leave nothing whatever else is joined.
fn is_lost(have: &[Cell], incoming: &[Cell], meanings: &[Meaning], is_claim: bool) -> bool {
    let mut lost = Words::default();
    for ((have, incoming), meaning) in have.iter().zip(incoming).zip(meanings) {
        let undefined = if is_claim { &meaning.undefined } else { &meaning.absent };
        for at in 0..WIDTH {
            let pair = Pair::new(have, incoming, meaning, at);
            lost[at] |= pair.lost(pair.lacking(undefined[at]), meaning.homes[at]);
        }
    }
    is_any(lost)
}

#[inline]
fn is_any(words: Words) -> bool {
    words.iter().fold(0, |all, word| all | word) != 0
}
