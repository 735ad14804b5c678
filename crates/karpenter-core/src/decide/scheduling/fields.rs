//! Which key has which bits of a row.
//!
//! Keys that sets speak of most come first. Keys whose vocabulary does not fit a word, and those for which a row has no
//! room left, have no field: what is said of them is listed beside the row.

use std::cmp::Reverse;

use super::mask::Mask;
use super::part::{KeyId, Part};
use super::row::{Cell, Meaning, WIDTH};
use super::vocabulary::{Said, Vocabulary};

/// Words of a row at most, so that a question costs no more when thousands of labels are asked for.
const MAX_WORDS: usize = 16;
const WORD_BITS: usize = 64;
/// Absent and unsaid.
const MARKS: usize = 2;

/// The bits of one key.
#[derive(Debug, Clone, Copy)]
struct Field {
    key: KeyId,
    word: usize,
    shift: usize,
    n_bits: usize,
}

/// The fields of all rows of a world.
#[derive(Debug)]
pub(super) struct Fields {
    /// In key order.
    fields: Vec<Field>,
    /// Per key its field.
    of_key: Vec<Option<usize>>,
    meanings: Vec<Meaning>,
}

impl Fields {
    /// Fields for keys with these vocabularies; `n_said` counts per key the sets that speak of it.
    pub(super) fn new(vocabularies: &[Vocabulary], n_said: &[usize]) -> Self {
        let mut keys: Vec<KeyId> = (0..vocabularies.len()).collect();
        keys.sort_by_key(|key| (Reverse(n_said[*key]), *key));
        let mut used: Vec<usize> = vec![];
        let mut fields: Vec<Field> = vec![];
        for key in keys {
            let n_bits = vocabularies[key].n_bits();
            let fits = |used: &usize| used + n_bits + MARKS <= WORD_BITS;
            let room = used.iter().position(fits);
            let Some(word) = room.or((used.len() < MAX_WORDS && fits(&0)).then_some(used.len()))
            else {
                continue;
            };
            used.resize(used.len().max(word + 1), 0);
            fields.push(Field { key, word, shift: used[word], n_bits });
            used[word] += n_bits + MARKS;
        }
        fields.sort_by_key(|field| field.key);
        let mut of_key = vec![None; vocabularies.len()];
        for (at, field) in fields.iter().enumerate() {
            of_key[field.key] = Some(at);
        }
        let mut meanings = vec![Meaning::default(); used.len().div_ceil(WIDTH)];
        for field in &fields {
            field.explain(&vocabularies[field.key], &mut meanings[field.word / WIDTH]);
        }
        Self { fields, of_key, meanings }
    }

    /// What the bits of each cell mean.
    pub(super) fn meanings(&self) -> &[Meaning] {
        &self.meanings
    }

    /// Cells of a row.
    pub(super) fn n_cells(&self) -> usize {
        self.meanings.len()
    }

    /// Whether `key` has a field.
    pub(super) fn contains(&self, key: KeyId) -> bool {
        self.of_key[key].is_some()
    }

    /// The row that says nothing.
    pub(super) fn unsaid(&self) -> Vec<Cell> {
        let mut cells = vec![Cell::default(); self.n_cells()];
        for field in &self.fields {
            let (cell, at) = field.place(&mut cells);
            cell.allowed[at] |= ones(field.n_bits + MARKS) << field.shift;
            cell.residents[at] |= ones(field.n_bits) << field.shift;
        }
        cells
    }

    /// Writes what `part` says into a row that says nothing of its key; a key without a field is left out.
    pub(super) fn write(&self, part: &Part, words: &Vocabulary, cells: &mut [Cell]) {
        let Some(field) = self.of_key[part.key] else { return };
        let field = self.fields[field];
        let (cell, at) = field.place(cells);
        let absent = u64::from(part.said.allows_absence) << field.n_bits;
        let all = ones(field.n_bits + MARKS) << field.shift;
        cell.allowed[at] &= !all | (part.said.mask.word() | absent) << field.shift;
        cell.residents[at] &= !all | words.residents_of(&part.said.mask).word() << field.shift;
    }

    /// What a row says, in key order.
    pub(super) fn read(&self, cells: &[Cell]) -> impl Iterator<Item = (KeyId, Said)> {
        self.fields.iter().filter_map(|field| {
            let cell = &cells[field.word / WIDTH];
            let at = field.word % WIDTH;
            let bits = cell.allowed[at] >> field.shift;
            let is_set = |bit: usize| bits >> bit & 1 == 1;
            if is_set(field.n_bits + 1) {
                return None;
            }
            let mask = bits & ones(field.n_bits);
            let homes = self.meanings[field.word / WIDTH].homes[at] >> field.shift;
            let said = Said {
                mask: Mask::from_word(mask),
                is_open: mask & homes != 0,
                allows_absence: is_set(field.n_bits),
            };
            Some((field.key, said))
        })
    }
}

impl Field {
    fn place<'a>(&self, cells: &'a mut [Cell]) -> (&'a mut Cell, usize) {
        (&mut cells[self.word / WIDTH], self.word % WIDTH)
    }

    fn explain(&self, words: &Vocabulary, meaning: &mut Meaning) {
        let at = self.word % WIDTH;
        let absent = 1 << (self.shift + self.n_bits);
        meaning.words[at] |= ones(self.n_bits) << self.shift;
        meaning.absent[at] |= absent;
        meaning.homes[at] |= words.homes().word() << self.shift;
        meaning.possible[at] |= words.possible().word() << self.shift;
        if !words.is_well_known {
            meaning.undefined[at] |= absent;
        }
    }
}

/// The lowest `n` bits, at most all.
fn ones(n: usize) -> u64 {
    u64::MAX
        .checked_shr(u32::try_from(WORD_BITS - n).expect("invariant: words are short"))
        .unwrap_or(0)
}
