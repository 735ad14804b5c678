//! What can be bought: the distinct offerings of a catalogue and who sells them.

use std::sync::Arc;

use fixedbitset::FixedBitSet;
use smallvec::SmallVec;

use super::world::{Reading, SetId, World};
use crate::model::price::Price;

/// Distinct requirement sets of offerings, and who sells what.
#[derive(Debug, Default)]
pub(super) struct Offerings {
    /// Requirement sets in order of first appearance, each with the types that have it available, by layer.
    pub(super) cells: Vec<(SetId, Vec<FixedBitSet>)>,
    /// Per cell its capacity type, as a label value.
    pub(super) capacity_types: Vec<Option<Arc<str>>>,
    /// Per type its available offerings: cell and price.
    pub(super) sold: Vec<SmallVec<[(usize, Price); 6]>>,
}

impl Offerings {
    /// Cells that meet `set`.
    pub(super) fn compatible(&self, set: SetId, world: &World<'_>) -> FixedBitSet {
        let cells = self.cells.iter().enumerate();
        let mut result = FixedBitSet::with_capacity(self.cells.len());
        let suits = |cell: SetId| world.is_compatible(set, cell, Reading::Claim);
        result.extend(cells.filter(|(_, cell)| suits(cell.0)).map(|(at, _)| at));
        result
    }

    /// Types with an available offering in `layer` that meets `set`.
    pub(super) fn selling(
        &self,
        layer: usize,
        (set, world): (SetId, &World<'_>),
        n_types: usize,
    ) -> FixedBitSet {
        let mut result = FixedBitSet::with_capacity(n_types);
        for cell in self.compatible(set, world).ones() {
            if let Some(types) = self.cells[cell].1.get(layer) {
                result.union_with(types);
            }
        }
        result
    }
}
