//! One index over the instance types of a catalogue: bit sets by requirement, by offering and by amount of resources.
//!
//! Types are numbered in catalogue order. Rows are made when they are first asked for; a filter is then a conjunction
//! of rows, a few words per 64 types.

use std::collections::BTreeSet;
use std::rc::Rc;
use std::sync::Arc;

use fixedbitset::FixedBitSet;
use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use super::label_rows::{LabelRows, Members};
use super::offerings::Offerings;
use super::rooms::Layer;
use super::universe::{Amounts, Universe};
use super::world::{SetId, World};
use crate::model::instance_type_list::InstanceTypeList;
use crate::model::price::Price;

/// The index of one catalogue.
#[derive(Debug)]
pub(super) struct TypeIndex {
    types: InstanceTypeList,
    universe: Universe,
    layers: Vec<Layer>,
    offerings: Offerings,
    labels: LabelRows,
    rows: FxHashMap<SetId, Rc<SetRow>>,
    by_price: FxHashMap<SetId, Rc<PriceOrder>>,
}

/// Types that pass each of the three tests of a filter on its own.
#[derive(Debug)]
pub(super) struct Passed {
    /// Meet the requirements.
    pub(super) met: FixedBitSet,
    /// Have room and a suitable offering to go with it.
    pub(super) fit: FixedBitSet,
    /// Have a suitable offering.
    pub(super) offered: FixedBitSet,
}

impl Passed {
    /// Nobody, out of `n_types`.
    pub(super) fn none(n_types: usize) -> Self {
        let none = || FixedBitSet::with_capacity(n_types);
        Self { met: none(), fit: none(), offered: none() }
    }

    /// Adds the types of `other`.
    pub(super) fn absorb(&mut self, other: &Self) {
        self.met.union_with(&other.met);
        self.fit.union_with(&other.fit);
        self.offered.union_with(&other.offered);
    }
}

/// What a requirement set leaves of a catalogue, resources apart.
#[derive(Debug)]
pub(super) struct SetRow {
    /// Per layer: types that meet the set and have an available offering there that does.
    layers: Vec<FixedBitSet>,
}

/// Types with their cheapest available offering that meets a set, cheapest first, then by name.
pub(super) type PriceOrder = Vec<(Price, usize)>;

impl TypeIndex {
    /// Indexes `types` over the resources of `universe`.
    pub(super) fn new(types: InstanceTypeList, universe: &Universe, world: &mut World<'_>) -> Self {
        let digest = types.digest();
        Self {
            universe: universe.clone(),
            layers: digest.layers.iter().map(|layer| Layer::of(layer, universe)).collect(),
            offerings: Offerings::new(digest, world),
            labels: LabelRows::new(Members::Types(types.clone())),
            rows: FxHashMap::default(),
            by_price: FxHashMap::default(),
            types,
        }
    }

    /// The types, in catalogue order.
    pub(super) fn types(&self) -> &InstanceTypeList {
        &self.types
    }

    /// Name of a type as a label value.
    pub(super) fn name(&self, at: usize) -> &Arc<str> {
        &self.types.digest().names[at]
    }

    /// All types.
    pub(super) fn all(&self) -> FixedBitSet {
        let mut all = FixedBitSet::with_capacity(self.types.len());
        all.insert_range(..);
        all
    }

    /// Types none of whose keys excludes `set`; keys only one side knows are fine.
    pub(super) fn matching(&mut self, set: SetId, world: &World<'_>) -> FixedBitSet {
        self.labels.matching(set, world)
    }

    /// What the set leaves, resources apart.
    pub(super) fn row(&mut self, set: SetId, world: &World<'_>) -> Rc<SetRow> {
        if let Some(row) = self.rows.get(&set) {
            return row.clone();
        }
        let matching = self.matching(set, world);
        let digest = self.types.digest();
        let layers = digest.layers.iter().enumerate();
        let layers = layers
            .map(|(number, layer)| {
                let mut types = self.offerings.selling(number, (set, world), digest);
                types.intersect_with(&matching);
                types.intersect_with(&layer.usable);
                types
            })
            .collect();
        let row = Rc::new(SetRow { layers });
        self.rows.insert(set, row.clone());
        row
    }

    /// Adds to `kept` the members of `among` and `group` that meet `row` and have room for `total`.
    pub(super) fn keep(
        &self,
        row: &SetRow,
        total: &[i128],
        [among, group]: [&FixedBitSet; 2],
        kept: &mut FixedBitSet,
    ) {
        for (layer, row) in self.layers.iter().zip(&row.layers) {
            let Some(rooms) = layer.rooms(total) else { continue };
            let sets = [among, group, row].map(FixedBitSet::as_slice);
            for (word, kept) in kept.as_mut_slice().iter_mut().enumerate() {
                let start = sets[0][word] & sets[1][word] & sets[2][word];
                *kept |= rooms.iter().fold(start, |all, room| all & room[word]);
            }
        }
    }

    /// The most pods can have of each resource of a type, with whichever offering; `None` when nothing ever fits.
    pub(super) fn most(&self, at: usize) -> Option<Amounts> {
        self.types.digest().most[at].as_ref().map(|most| self.universe.amounts(most))
    }

    /// Whether some member of `among` has room for `total`, requirements and offerings apart.
    pub(super) fn has_room(&self, total: &[i128], among: &FixedBitSet) -> bool {
        self.layers.iter().any(|layer| {
            let Some(rooms) = layer.rooms(total) else { return false };
            let among = among.as_slice().iter().zip(&layer.usable).enumerate();
            among.into_iter().any(|(word, (among, usable))| {
                rooms.iter().fold(among & usable, |all, room| all & room[word]) != 0
            })
        })
    }

    /// Adds to each of `passed` the members of `among` that pass one test on their own: the requirements of `set`,
    /// room for `total` with a suitable offering, a suitable offering.
    pub(super) fn test(
        &mut self,
        (set, world): (SetId, &World<'_>),
        total: &[i128],
        among: &FixedBitSet,
        passed: &mut Passed,
    ) {
        let mut met = self.matching(set, world);
        met.intersect_with(among);
        passed.met.union_with(&met);
        for (number, layer) in self.layers.iter().enumerate() {
            let mut sold = self.offerings.selling(number, (set, world), self.types.digest());
            sold.intersect_with(among);
            passed.offered.union_with(&sold);
            let Some(rooms) = layer.rooms(total) else { continue };
            for (word, fit) in passed.fit.as_mut_slice().iter_mut().enumerate() {
                let start = sold.as_slice()[word] & layer.usable[word];
                *fit |= rooms.iter().fold(start, |all, room| all & room[word]);
            }
        }
    }

    /// The member of `among` that lacks fewest resources, then least of the first it lacks, then comes first.
    pub(super) fn nearest(&self, total: &[i128], among: &FixedBitSet) -> Option<usize> {
        let rank = |at: &usize| {
            let have = self.universe.amounts(&self.types.digest().allocatable[*at]);
            let lacking = total.iter().zip(have).map(|(want, have)| want - have);
            let lacking: SmallVec<[i128; 4]> = lacking.filter(|lack| *lack > 0).collect();
            (lacking.len(), lacking.first().copied(), *at)
        };
        among.ones().min_by_key(rank)
    }

    /// Capacity types of the available offerings of `types` that meet `set`, sorted.
    pub(super) fn capacity_types(
        &self,
        (set, world): (SetId, &World<'_>),
        types: &FixedBitSet,
    ) -> BTreeSet<Arc<str>> {
        let offers = &self.types.digest().offers;
        let compatible = self.offerings.compatible(set, world);
        let sold = compatible.ones().filter(|offer| self.sells(*offer, types));
        sold.filter_map(|offer| offers[offer].capacity_type.clone()).collect()
    }

    /// What distinct offerings ask of claims, by their numbers.
    pub(super) fn offering_sets(&self) -> impl Iterator<Item = SetId> {
        self.offerings.sets.iter().copied()
    }

    /// Whether some of `types` have the offering of this number in stock.
    pub(super) fn sells(&self, offering: usize, types: &FixedBitSet) -> bool {
        let sellers = &self.types.digest().offers[offering].sellers;
        sellers.iter().any(|sold| !sold.is_disjoint(types))
    }

    /// All types by price under `set`.
    pub(super) fn by_price(&mut self, set: SetId, world: &World<'_>) -> Rc<PriceOrder> {
        if let Some(order) = self.by_price.get(&set) {
            return order.clone();
        }
        let compatible = self.offerings.compatible(set, world);
        let cheapest = |at: usize| {
            let sold = self.types.digest().sold[at].iter();
            let prices =
                sold.filter(|(cell, _)| compatible.contains(*cell)).map(|(_, price)| *price);
            prices.min().unwrap_or(Price::UNKNOWN)
        };
        let mut order: PriceOrder = (0..self.types.len()).map(|at| (cheapest(at), at)).collect();
        order.sort_by(|a, b| {
            a.0.cmp(&b.0).then_with(|| self.types[a.1].name.cmp(&self.types[b.1].name))
        });
        let order = Rc::new(order);
        self.by_price.insert(set, order.clone());
        order
    }
}
