//! What a catalogue says, sorted for questions about all of its instance types at once.
//!
//! A provider hands out the same catalogue until stock or prices change, so this is worked out once and shared by all
//! plans until then. It knows nothing of what anybody asks for: types are numbered in catalogue order, requirements
//! are listed by label and resources by name.

use std::collections::BTreeMap;
use std::sync::Arc;

use fixedbitset::FixedBitSet;
use rustc_hash::{FxHashMap, FxHashSet};
use smallvec::SmallVec;

use super::ids::LabelKey;
use super::instance_type::InstanceType;
use super::price::Price;
use super::requirement::Requirement;
use super::requirements::Requirements;
use super::resources::{ResourceName, Resources};
use crate::api::labels;

pub use column::Column;

mod column;
#[cfg(test)]
mod tests;

/// A catalogue by label, by offering and by resource.
#[derive(Debug)]
pub struct CatalogDigest {
    /// Per type its name as a label value.
    pub names: Vec<Arc<str>>,
    /// Per label what types say of it; types in no list say nothing.
    by_label: BTreeMap<LabelKey, Vec<Statement>>,
    /// Distinct requirements of types that exclude values instead of listing them.
    pub open: Vec<Requirement>,
    /// Distinct requirements of offerings, in order of first appearance.
    pub offers: Vec<Offer>,
    /// Per type its available offerings: number of the offer and price.
    pub sold: Vec<SmallVec<[(usize, Price); 6]>>,
    /// Whether any offering is capacity that was reserved.
    pub has_reservations: bool,
    /// The n-th of the allocatable groups of every type that has so many; at least one unless there is no type.
    pub layers: Vec<Layer>,
    /// Per type what pods can have without any override.
    pub allocatable: Vec<Resources>,
    /// Per type the most pods can have of each resource, with whichever offering; `None` when nothing ever fits.
    pub most: Vec<Option<Resources>>,
}

/// A requirement that some types have.
#[derive(Debug)]
pub struct Statement {
    /// The requirement.
    pub requirement: Requirement,
    /// Types that have it, ascending.
    pub members: Vec<usize>,
}

/// A way to buy that some types have in common.
#[derive(Debug)]
pub struct Offer {
    /// What it asks of a claim.
    pub requirements: Requirements,
    /// Its capacity type.
    pub capacity_type: Option<Arc<str>>,
    /// Per layer the types that have it available.
    pub sellers: Vec<FixedBitSet>,
}

/// One allocatable group of every type that has it; nearly always there is one layer.
#[derive(Debug)]
pub struct Layer {
    /// Types with such a group and no negative amount in it.
    pub usable: FixedBitSet,
    columns: BTreeMap<ResourceName, Arc<Column>>,
    /// The column of a resource that nobody has.
    nothing: Arc<Column>,
}

impl CatalogDigest {
    /// The digest of `types`. Linear in everything they say, but for sorting.
    pub fn of(types: &[Arc<InstanceType>]) -> Self {
        let mut digest = Self {
            names: types.iter().map(|it| name_value(it)).collect(),
            by_label: by_label(types),
            open: vec![],
            offers: vec![],
            sold: vec![],
            has_reservations: false,
            layers: vec![],
            allocatable: types.iter().map(|it| it.allocatable()).collect(),
            most: vec![None; types.len()],
        };
        let statements = digest.by_label.values().flatten();
        let open = statements.map(|said| &said.requirement).filter(|r| r.complement());
        digest.open = open.cloned().collect();
        let mut builder =
            Builder { digest, n_types: types.len(), ids: FxHashMap::default(), amounts: vec![] };
        for (at, it) in types.iter().enumerate() {
            builder.add(at, it);
        }
        builder.finish()
    }

    /// How many types there are.
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Whether there is no type.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// What types say of `key`; every type that says anything is in one list.
    pub fn statements(&self, key: &LabelKey) -> &[Statement] {
        self.by_label.get(key).map_or(&[], Vec::as_slice)
    }
}

impl Layer {
    /// Which usable types have how much of a resource.
    pub fn column(&self, name: &ResourceName) -> &Arc<Column> {
        self.columns.get(name).unwrap_or(&self.nothing)
    }
}

/// Collects offerings and amounts, type by type.
struct Builder<'t> {
    digest: CatalogDigest,
    n_types: usize,
    ids: FxHashMap<&'t Requirements, usize>,
    /// Per layer the usable types with what they have.
    amounts: Vec<Vec<(usize, Resources)>>,
}

impl<'t> Builder<'t> {
    fn add(&mut self, at: usize, it: &'t InstanceType) {
        self.digest.sold.push(SmallVec::new());
        self.digest.has_reservations |= it.offerings.iter().any(|o| o.reservation_capacity > 0);
        for (layer, group) in it.allocatable_groups().into_iter().enumerate() {
            if self.amounts.len() <= layer {
                self.amounts.push(vec![]);
            }
            for offering in group.offerings {
                let offering = &it.offerings[offering];
                let offer = self.offer(&offering.requirements);
                self.digest.sold[at].push((offer, offering.price));
                let sellers = &mut self.digest.offers[offer].sellers;
                while sellers.len() <= layer {
                    sellers.push(FixedBitSet::with_capacity(self.n_types));
                }
                sellers[layer].insert(at);
            }
            if !group.allocatable.iter().any(|(_, amount)| amount.is_negative()) {
                let most = &mut self.digest.most[at];
                *most = Some(match most.take() {
                    Some(most) => most.max(&group.allocatable),
                    None => group.allocatable.clone(),
                });
                self.amounts[layer].push((at, group.allocatable));
            }
        }
    }

    fn offer(&mut self, requirements: &'t Requirements) -> usize {
        let offers = &mut self.digest.offers;
        *self.ids.entry(requirements).or_insert_with(|| {
            let kind = requirements.get(labels::CAPACITY_TYPE).and_then(Requirement::any);
            let requirements = requirements.clone();
            offers.push(Offer { requirements, capacity_type: kind, sellers: vec![] });
            offers.len() - 1
        })
    }

    fn finish(self) -> CatalogDigest {
        let n_types = self.n_types;
        let layers = self.amounts.iter().map(|have| layer(have, n_types)).collect();
        CatalogDigest { layers, ..self.digest }
    }
}

fn layer(have: &[(usize, Resources)], n_types: usize) -> Layer {
    let names: FxHashSet<&ResourceName> =
        have.iter().flat_map(|(_, amounts)| amounts.iter().map(|(name, _)| name)).collect();
    let column = |amount: &dyn Fn(&Resources) -> i128| {
        let have = have.iter().map(|(at, amounts)| (amount(amounts), *at)).collect();
        Arc::new(Column::new(have, n_types))
    };
    let of = |name: &ResourceName| {
        column(&|amounts: &Resources| amounts.get_or_zero(name.as_str()).nanos())
    };
    let mut usable = FixedBitSet::with_capacity(n_types);
    usable.extend(have.iter().map(|(at, _)| *at));
    Layer {
        usable,
        columns: names.into_iter().map(|name| (name.clone(), of(name))).collect(),
        nothing: column(&|_| 0),
    }
}

fn by_label(types: &[Arc<InstanceType>]) -> BTreeMap<LabelKey, Vec<Statement>> {
    let mut ids: FxHashMap<&Requirement, usize> = FxHashMap::default();
    let mut by_label: BTreeMap<LabelKey, Vec<Statement>> = BTreeMap::new();
    for (at, it) in types.iter().enumerate() {
        for requirement in it.requirements.iter() {
            let said = match by_label.get_mut(requirement.key()) {
                Some(said) => said,
                None => by_label.entry(requirement.key().clone()).or_default(),
            };
            let id = *ids.entry(requirement).or_insert_with(|| {
                said.push(Statement { requirement: requirement.clone(), members: vec![] });
                said.len() - 1
            });
            said[id].members.push(at);
        }
    }
    by_label
}

/// Name of a type as a label value, the text of its own requirement where that says the same.
fn name_value(it: &InstanceType) -> Arc<str> {
    let listed = it.requirements.get(labels::INSTANCE_TYPE).and_then(Requirement::any);
    listed.filter(|text| **text == *it.name.as_str()).unwrap_or_else(|| it.name.as_str().into())
}
