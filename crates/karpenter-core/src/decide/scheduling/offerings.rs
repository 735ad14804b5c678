//! What can be bought: the distinct offerings of a catalogue and who sells them.

use fixedbitset::FixedBitSet;

use super::world::{Reading, SetId, World};
use crate::model::catalog_digest::CatalogDigest;

/// What the distinct offerings of a catalogue ask of claims, by their numbers.
#[derive(Debug)]
pub(super) struct Offerings {
    pub(super) sets: Vec<SetId>,
}

impl Offerings {
    /// The offerings of a catalogue.
    pub(super) fn new(digest: &CatalogDigest, world: &mut World<'_>) -> Self {
        Self { sets: digest.offers.iter().map(|offer| world.read(&offer.requirements)).collect() }
    }

    /// Offerings that meet `set`.
    pub(super) fn compatible(&self, set: SetId, world: &World<'_>) -> FixedBitSet {
        let offers = self.sets.iter().enumerate();
        let mut result = FixedBitSet::with_capacity(self.sets.len());
        let suits = |offer: SetId| world.is_compatible(set, offer, Reading::Claim);
        result.extend(offers.filter(|(_, offer)| suits(**offer)).map(|(at, _)| at));
        result
    }

    /// Types with an available offering in `layer` that meets `set`.
    pub(super) fn selling(
        &self,
        layer: usize,
        (set, world): (SetId, &World<'_>),
        digest: &CatalogDigest,
    ) -> FixedBitSet {
        let mut result = FixedBitSet::with_capacity(digest.len());
        for offer in self.compatible(set, world).ones() {
            if let Some(types) = digest.offers[offer].sellers.get(layer) {
                result.union_with(types);
            }
        }
        result
    }
}
