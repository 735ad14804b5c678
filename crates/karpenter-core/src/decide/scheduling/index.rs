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

use super::label_rows::{LabelRows, Silence};
use super::offerings::Offerings;
use super::rooms::{Column, Layer};
use super::universe::{Amounts, Universe, has_negative};
use super::world::{SetId, World};
use crate::api::labels;
use crate::model::instance_type::InstanceType;
use crate::model::price::Price;
use crate::model::requirement::Requirement;
use crate::model::requirements::Requirements;
use crate::model::resources::Resources;

/// The index of one catalogue.
#[derive(Debug)]
pub(super) struct TypeIndex {
    types: Arc<[Arc<InstanceType>]>,
    /// Per type its name as a label value.
    names: Vec<Arc<str>>,
    layers: Vec<Layer>,
    /// Per type what pods can have without any override.
    base: Vec<Amounts>,
    /// Per type the most pods can have of each resource, with whichever offering; empty when nothing ever fits.
    most: Vec<Amounts>,
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
    pub(super) fn new(
        types: Arc<[Arc<InstanceType>]>,
        universe: &Universe,
        world: &mut World<'_>,
    ) -> Self {
        let mut builder = Builder::new(types.len(), universe);
        for (at, it) in types.iter().enumerate() {
            builder.add(at, it, world);
        }
        let sets = types.iter().map(|it| world.read(&it.requirements)).collect();
        let most = std::mem::take(&mut builder.most);
        let (layers, base, offerings) = builder.finish();
        Self {
            names: types.iter().map(|it| name_value(it)).collect(),
            types,
            layers,
            base,
            most,
            offerings,
            labels: LabelRows::new(sets, Silence::MeetsAll),
            rows: FxHashMap::default(),
            by_price: FxHashMap::default(),
        }
    }

    /// The types, in catalogue order.
    pub(super) fn types(&self) -> &Arc<[Arc<InstanceType>]> {
        &self.types
    }

    /// Name of a type as a label value.
    pub(super) fn name(&self, at: usize) -> &Arc<str> {
        &self.names[at]
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
        let layers = (0..self.layers.len())
            .map(|layer| {
                let mut types = self.offerings.selling(layer, (set, world), matching.len());
                types.intersect_with(&matching);
                types.intersect_with(&self.layers[layer].usable);
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

    /// The most pods can have of each resource of a type, with whichever offering; empty when nothing ever fits.
    pub(super) fn most(&self, at: usize) -> &[i128] {
        &self.most[at]
    }

    /// Whether some member of `among` has room for `total`, requirements and offerings apart.
    pub(super) fn has_room(&self, total: &[i128], among: &FixedBitSet) -> bool {
        self.layers.iter().any(|layer| {
            let Some(rooms) = layer.rooms(total) else { return false };
            let among = among.as_slice().iter().zip(layer.usable.as_slice()).enumerate();
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
            let mut sold = self.offerings.selling(number, (set, world), among.len());
            sold.intersect_with(among);
            passed.offered.union_with(&sold);
            let Some(rooms) = layer.rooms(total) else { continue };
            for (word, fit) in passed.fit.as_mut_slice().iter_mut().enumerate() {
                let start = sold.as_slice()[word] & layer.usable.as_slice()[word];
                *fit |= rooms.iter().fold(start, |all, room| all & room[word]);
            }
        }
    }

    /// The member of `among` that lacks fewest resources, then least of the first it lacks, then comes first.
    pub(super) fn nearest(&self, total: &[i128], among: &FixedBitSet) -> Option<usize> {
        let rank = |at: &usize| {
            let lacking = total.iter().zip(&self.base[*at]).map(|(want, have)| want - have);
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
        let compatible = self.offerings.compatible(set, world);
        let cells = compatible.ones().map(|cell| (cell, &self.offerings.cells[cell].1));
        let sold = cells.filter(|(_, layers)| layers.iter().any(|sold| !sold.is_disjoint(types)));
        sold.filter_map(|(cell, _)| self.offerings.capacity_types[cell].clone()).collect()
    }

    /// What distinct offerings ask of claims, by their numbers.
    pub(super) fn offering_sets(&self) -> impl Iterator<Item = SetId> {
        self.offerings.cells.iter().map(|(set, _)| *set)
    }

    /// Whether some of `types` have the offering of this number in stock.
    pub(super) fn sells(&self, offering: usize, types: &FixedBitSet) -> bool {
        self.offerings.cells[offering].1.iter().any(|sold| !sold.is_disjoint(types))
    }

    /// All types by price under `set`.
    pub(super) fn by_price(&mut self, set: SetId, world: &World<'_>) -> Rc<PriceOrder> {
        if let Some(order) = self.by_price.get(&set) {
            return order.clone();
        }
        let compatible = self.offerings.compatible(set, world);
        let cheapest = |at: usize| {
            let sold = self.offerings.sold[at].iter();
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

/// Collects the layers and offerings of a catalogue, type by type.
struct Builder<'u> {
    universe: &'u Universe,
    n_types: usize,
    layers: Vec<(FixedBitSet, Vec<(usize, Amounts)>)>,
    base: Vec<Amounts>,
    most: Vec<Amounts>,
    offerings: Offerings,
    cells: FxHashMap<Requirements, usize>,
}

impl<'u> Builder<'u> {
    fn new(n_types: usize, universe: &'u Universe) -> Self {
        Self {
            universe,
            n_types,
            layers: vec![],
            base: vec![],
            most: vec![vec![]; n_types],
            offerings: Offerings::default(),
            cells: FxHashMap::default(),
        }
    }

    fn add(&mut self, at: usize, it: &InstanceType, world: &mut World<'_>) {
        self.offerings.sold.push(SmallVec::new());
        for (layer, group) in it.allocatable_groups().into_iter().enumerate() {
            self.add_amounts(layer, at, &group.allocatable);
            for offering in group.offerings {
                let offering = &it.offerings[offering];
                let cell = self.cell(&offering.requirements, world);
                self.offerings.sold[at].push((cell, offering.price));
                let by_layer = &mut self.offerings.cells[cell].1;
                while by_layer.len() <= layer {
                    by_layer.push(FixedBitSet::with_capacity(self.n_types));
                }
                by_layer[layer].insert(at);
            }
        }
    }

    fn add_amounts(&mut self, layer: usize, at: usize, allocatable: &Resources) {
        if self.layers.len() <= layer {
            self.layers.push((FixedBitSet::with_capacity(self.n_types), vec![]));
        }
        let amounts = self.universe.amounts(allocatable);
        if layer == 0 {
            self.base.push(amounts.clone());
        }
        if !has_negative(allocatable) {
            self.layers[layer].0.insert(at);
            match &mut self.most[at] {
                most if most.is_empty() => most.clone_from(&amounts),
                most => most.iter_mut().zip(&amounts).for_each(|(most, a)| *most = *a.max(most)),
            }
            self.layers[layer].1.push((at, amounts));
        }
    }

    fn cell(&mut self, requirements: &Requirements, world: &mut World<'_>) -> usize {
        if let Some(cell) = self.cells.get(requirements) {
            return *cell;
        }
        let cell = self.offerings.cells.len();
        self.offerings.cells.push((world.read(requirements), vec![]));
        let kind = requirements.get(labels::CAPACITY_TYPE).and_then(Requirement::any);
        self.offerings.capacity_types.push(kind);
        self.cells.insert(requirements.clone(), cell);
        cell
    }

    fn finish(self) -> (Vec<Layer>, Vec<Amounts>, Offerings) {
        let column = |have: &[(usize, Amounts)], resource: usize| {
            let have = have.iter().map(|(at, amounts)| (amounts[resource], *at)).collect();
            Column::new(have, self.n_types)
        };
        let layers = self
            .layers
            .into_iter()
            .map(|(usable, have)| Layer {
                usable,
                columns: (0..self.universe.len()).map(|resource| column(&have, resource)).collect(),
            })
            .collect();
        (layers, self.base, self.offerings)
    }
}

/// Name of a type as a label value, the text of its own requirement where that says the same.
fn name_value(it: &InstanceType) -> Arc<str> {
    let listed = it.requirements.get(labels::INSTANCE_TYPE).and_then(Requirement::any);
    listed.filter(|text| **text == *it.name.as_str()).unwrap_or_else(|| it.name.as_str().into())
}
