//! The rows of all sets of a solve in one slab, every row once; a set is the number of its row.

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

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
    /// By hash, in the order of numbers.
    ids: FxHashMap<u64, SmallVec<[SetId; 1]>>,
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
            ids: FxHashMap::default(),
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

    /// The number of an equal set.
    pub(super) fn find(&self, row: &Row) -> Option<SetId> {
        let alike = self.ids.get(&hash(row))?;
        alike
            .iter()
            .copied()
            .find(|id| self.cells(*id) == row.cells && self.remainder_id(*id) == row.remainder)
    }

    /// Adds a set under the next number, even when there is an equal one; that one is still found first.
    pub(super) fn push(&mut self, row: &Row) -> SetId {
        let id = SetId::new(self.len());
        self.cells.extend_from_slice(&row.cells);
        self.remainder_of.push(row.remainder);
        self.ids.entry(hash(row)).or_default().push(id);
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
fn hash(row: &Row) -> u64 {
    const ODD: [u64; WIDTH] = [
        0x9e37_79b9_7f4a_7c15,
        0xc2b2_ae3d_27d4_eb4f,
        0x1656_67b1_9e37_79f9,
        0xd6e8_feb8_6659_fd93,
    ];
    let mut products = [row.remainder.number(); WIDTH];
    for cell in &row.cells {
        for at in 0..WIDTH {
            let mixed = products[at].rotate_left(29) ^ cell.allowed[at];
            products[at] = mixed.wrapping_mul(ODD[at]);
        }
    }
    products.iter().fold(0, |all, product| all.rotate_left(17) ^ product)
}
