//! Which instance types have room for the resources of a solve.

use std::sync::Arc;

use fixedbitset::Block;
use smallvec::SmallVec;

use super::universe::Universe;
use crate::model::catalog_digest::{self, Column};

/// One layer of a catalogue over the resources of a solve.
#[derive(Debug)]
pub(super) struct Layer {
    /// Types that are in the layer, 64 a word.
    pub(super) usable: Box<[Block]>,
    columns: Vec<Arc<Column>>,
}

impl Layer {
    /// What the solve needs of `layer`.
    pub(super) fn of(layer: &catalog_digest::Layer, universe: &Universe) -> Self {
        let columns = universe.names().iter().map(|name| layer.column(name).clone());
        Self { usable: layer.usable.as_slice().into(), columns: columns.collect() }
    }

    /// Per resource the words of the types that have `total`; `None` when there is no such type for one of them.
    pub(super) fn rooms(&self, total: &[i128]) -> Option<SmallVec<[&[Block]; 4]>> {
        self.columns.iter().zip(total).map(|(column, amount)| column.at_least(*amount)).collect()
    }
}
