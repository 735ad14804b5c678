//! The rows of all sets of a solve in one slab, every row once; a set is the number of its row.

use hashbrown::HashTable;
use rustc_hash::FxHashMap;

use super::remainder::{Remainder, RemainderId};
use super::row::{Cell, WIDTH};
use super::world::SetId;

/// One set that has no number yet, or not only: a place to write what two sets make of each other.
#[derive(Debug, Clone, Default)]
pub(super) struct Row {
    /// As many as all rows of the world have.
    pub(super) cells: Vec<Cell>,
    /// What the cells have no field for.
    pub(super) remainder: RemainderId,
}

/// Rows by number.
#[derive(Debug)]
pub(super) struct Rows {
    n_cells: usize,
    cells: Vec<Cell>,
    remainder_of: Vec<RemainderId>,
    /// The first of all equal sets.
    ids: HashTable<SetId>,
    /// By number; the first says nothing.
    remainders: Vec<Remainder>,
    remainder_ids: FxHashMap<Remainder, RemainderId>,
}

impl Rows {
    /// No row yet; all will have `n_cells` cells.
    pub(super) fn new(n_cells: usize) -> Self {
        let none = Remainder::default();
        Self {
            n_cells,
            cells: vec![],
            remainder_of: vec![],
            ids: HashTable::new(),
            remainders: vec![none.clone()],
            remainder_ids: [(none, RemainderId::NONE)].into_iter().collect(),
        }
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.remainder_of.len()
    }

    /// The cells of a set.
    #[inline]
    pub(super) fn cells(&self, id: SetId) -> &[Cell] {
        let first = id.index() * self.n_cells;
        &self.cells[first..first + self.n_cells]
    }

    /// The number of what a set says beside its cells.
    #[inline]
    pub(super) fn remainder_id(&self, id: SetId) -> RemainderId {
        self.remainder_of[id.index()]
    }

    /// What a set says beside its cells.
    pub(super) fn remainder(&self, id: SetId) -> &Remainder {
        &self.remainders[self.remainder_id(id).index()]
    }

    /// The number of the first equal set.
    #[inline]
    pub(super) fn find(&self, row: &Row) -> Option<SetId> {
        let is_equal = |id: &SetId| {
            let mut cells = self.cells(*id).iter().zip(&row.cells);
            cells.all(|(own, other)| own.allowed == other.allowed)
                && self.remainder_id(*id) == row.remainder
        };
        self.ids.find(hash(&row.cells, row.remainder), is_equal).copied()
    }

    /// Adds a set under the next number, even when there is an equal one.
    pub(super) fn push(&mut self, row: &Row) -> SetId {
        let id = SetId::new(self.len());
        let is_first = self.find(row).is_none();
        self.cells.extend_from_slice(&row.cells);
        self.remainder_of.push(row.remainder);
        if is_first {
            let Self { n_cells, cells, remainder_of, ids, .. } = self;
            let again = |id: &SetId| {
                let first = id.index() * *n_cells;
                hash(&cells[first..first + *n_cells], remainder_of[id.index()])
            };
            ids.insert_unique(hash(&row.cells, row.remainder), id, again);
        }
        id
    }

    /// The number of `remainder`; equal ones have equal numbers.
    pub(super) fn number(&mut self, remainder: Remainder) -> RemainderId {
        if let Some(id) = self.remainder_ids.get(&remainder) {
            return *id;
        }
        let id = RemainderId::new(self.remainders.len());
        self.remainders.push(remainder.clone());
        self.remainder_ids.insert(remainder, id);
        id
    }
}

/// Allowed words decide the residents. Every word of a cell has its own product, so that they are worked out at once.
#[inline]
fn hash(cells: &[Cell], remainder: RemainderId) -> u64 {
    const ODD: [u64; WIDTH] = [
        0x9e37_79b9_7f4a_7c15,
        0xc2b2_ae3d_27d4_eb4f,
        0x1656_67b1_9e37_79f9,
        0xd6e8_feb8_6659_fd93,
    ];
    let mut products = [remainder.number(); WIDTH];
    for cell in cells {
        for at in 0..WIDTH {
            let mixed = products[at].rotate_left(29) ^ cell.allowed[at];
            products[at] = mixed.wrapping_mul(ODD[at]);
        }
    }
    let sum = products.iter().fold(0, |all: u64, product| all.rotate_left(17) ^ product);
    // The table reads both ends of a hash, and a product is weak at its low end.
    sum ^ sum >> 32
}
