//! Devices for pods, node by node.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::allocated;
use super::claims::{ClaimReader, ClaimState, Planned};
use super::inventory::Inventory;
use super::kinds::{Kind, KindId};
use super::ledger::{BinId, ClaimId, Ledger, Share, Use};
use super::problem::DeviceProblem;
use super::selector::{Selectors, with_enough_stack};
use super::stock::{Memory, Stock};
use crate::model::device_class::DeviceClass;
use crate::model::device_templates::DeviceTemplates;
use crate::model::ids::{NodeName, ObjectKey, Uid};
use crate::model::label_rules::{LabelNormalization, WellKnownLabels};
use crate::model::requirements::{AllowUndefined, Requirements};
use crate::model::resource_claim::ResourceClaim;
use crate::model::resource_slice::ResourceSlice;
use crate::state::Collection;

/// What devices a loop can give out depends on.
#[derive(Debug, Clone)]
pub(in crate::decide) struct DeviceInput<'a> {
    /// ResourceClaims.
    pub(in crate::decide) claims: &'a Collection<ResourceClaim>,
    /// ResourceSlices.
    pub(in crate::decide) slices: &'a Collection<ResourceSlice>,
    /// DeviceClasses.
    pub(in crate::decide) classes: &'a Collection<DeviceClass>,
    /// Initialized nodes that stay: their own slices count.
    pub(in crate::decide) nodes: BTreeSet<&'a NodeName>,
    /// Pods that go away: their devices are free.
    pub(in crate::decide) leaving: BTreeSet<&'a Uid>,
    /// Spellings of labels.
    pub(in crate::decide) normalization: &'a LabelNormalization,
    /// Labels that instance types define.
    pub(in crate::decide) well_known: &'a WellKnownLabels,
}

/// A node as devices see it.
#[derive(Debug, Clone, Copy)]
pub(in crate::decide) struct View<'v> {
    /// Which node.
    pub(in crate::decide) bin: BinId,
    /// Its name; `None` while it is planned.
    pub(in crate::decide) node: Option<&'v NodeName>,
    /// What it is.
    pub(in crate::decide) requirements: &'v Requirements,
    /// What it may become: numbers of instance types with their kinds of devices, ascending.
    pub(in crate::decide) types: &'v [(usize, KindId)],
}

/// Devices for the claims of a pod on one node.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::decide) struct Allocation {
    /// What the node is bound to.
    pub(in crate::decide) requirements: Requirements,
    /// Numbers of the instance types it may still become, ascending.
    pub(in crate::decide) types: Vec<usize>,
    /// Claims that get devices.
    pub(super) open: Vec<ClaimId>,
    /// Per instance type, what they use and what of it is whose, in the order of `open`.
    pub(super) found: BTreeMap<usize, (Use, Vec<Share>)>,
}

/// Gives out devices.
#[derive(Debug)]
pub(in crate::decide) struct Allocator<'a> {
    /// What claims ask for.
    pub(super) reader: ClaimReader<'a>,
    well_known: &'a WellKnownLabels,
    /// Expressions.
    pub(super) selectors: Selectors,
    /// What there is.
    pub(super) stock: Stock<'a>,
    kinds: FxHashMap<(*const DeviceTemplates, bool), KindId>,
    /// Claims named so far.
    pub(super) claims: Vec<Planned>,
    claim_ids: BTreeMap<ObjectKey, Result<ClaimId, DeviceProblem>>,
    /// Who was promised what.
    pub(super) ledger: Ledger,
    /// What was found out about devices.
    pub(super) memory: RefCell<Memory>,
}

/// What the claims of a pod ask of one node.
struct Demand {
    /// What the node is bound to by claims that have devices.
    requirements: Requirements,
    /// Claims that need some.
    open: Vec<ClaimId>,
}

impl<'a> Allocator<'a> {
    /// Nothing is promised yet.
    pub(in crate::decide) fn new(input: DeviceInput<'a>) -> Self {
        let DeviceInput { claims, slices, classes, nodes, leaving, .. } = input;
        let inventory = Inventory::new(slices.values(), &nodes, input.normalization);
        let in_use = allocated::in_use(claims.values(), &leaving);
        let mut stock = Stock::new(inventory, in_use);
        stock.kinds.push(Kind::default());
        let normalization = input.normalization;
        Self {
            reader: ClaimReader { claims, classes, normalization, leaving, criteria: vec![] },
            well_known: input.well_known,
            selectors: Selectors::default(),
            stock,
            kinds: FxHashMap::default(),
            claims: vec![],
            claim_ids: BTreeMap::new(),
            ledger: Ledger::default(),
            memory: RefCell::default(),
        }
    }

    /// Numbers of claims of a pod.
    ///
    /// # Errors
    /// The first that cannot be planned for, whatever nodes there are.
    pub(in crate::decide) fn claims(
        &mut self,
        keys: impl IntoIterator<Item = ObjectKey>,
    ) -> Result<Vec<ClaimId>, DeviceProblem> {
        keys.into_iter().map(|key| self.claim(key)).collect()
    }

    fn claim(&mut self, key: ObjectKey) -> Result<ClaimId, DeviceProblem> {
        if let Some(known) = self.claim_ids.get(&key) {
            return known.clone();
        }
        let read = self.reader.read(&key, &self.selectors).map(|planned| {
            self.claims.push(planned);
            self.claims.len() - 1
        });
        self.claim_ids.insert(key, read.clone());
        read
    }

    /// Every requirement set that devices may ask of a node, as far as claims have been named.
    pub(in crate::decide) fn asked(&self) -> Vec<Requirements> {
        let given = self.claims.iter().filter_map(|claim| match &claim.state {
            ClaimState::Given { requirements, .. } => Some(requirements),
            ClaimState::Open { .. } => None,
        });
        let asked: BTreeSet<&Requirements> = self.stock.inventory.asked().chain(given).collect();
        asked.into_iter().cloned().collect()
    }

    /// The kind of nodes with these devices; `is_published` when drivers publish them already.
    pub(in crate::decide) fn kind(
        &mut self,
        templates: Option<&'a Arc<DeviceTemplates>>,
        is_published: bool,
    ) -> KindId {
        let Some(templates) = templates else { return 0 };
        let kinds = &mut self.stock.kinds;
        *self.kinds.entry((Arc::as_ptr(templates), is_published)).or_insert_with(|| {
            kinds.push(Kind::new(templates, is_published));
            kinds.len() - 1
        })
    }

    /// Devices for `claims` on a node; nothing is promised yet.
    ///
    /// # Errors
    /// Why there are none.
    pub(in crate::decide) fn allocate(
        &self,
        view: View<'_>,
        claims: &[ClaimId],
    ) -> Result<Allocation, DeviceProblem> {
        let Demand { requirements, open } = self.demand(view, claims)?;
        let types: Vec<usize> = view.types.iter().map(|(at, _)| *at).collect();
        if open.is_empty() {
            return Ok(Allocation { requirements, types, ..Allocation::default() });
        }
        with_enough_stack(|| self.find(view, requirements, open))
    }

    /// Promises the devices to the claims, for the instance types that are kept; types that are not are given up.
    pub(in crate::decide) fn commit(
        &mut self,
        bin: BinId,
        allocation: &Allocation,
        is_kept: impl Fn(usize) -> bool,
    ) {
        self.retain(bin, &is_kept);
        let mut uses = self.ledger.uses(bin).cloned().unwrap_or_default();
        let mut shares: Vec<BTreeMap<usize, Share>> = vec![BTreeMap::new(); allocation.open.len()];
        for (at, (found, own)) in allocation.found.iter().filter(|(at, _)| is_kept(**at)) {
            uses.entry(*at).or_default().absorb(found);
            for (of_claim, share) in shares.iter_mut().zip(own) {
                of_claim.insert(*at, share.clone());
            }
        }
        self.ledger.set_uses(bin, uses);
        for (claim, shares) in allocation.open.iter().zip(shares) {
            self.ledger.promise_to(*claim, bin, shares);
        }
    }

    /// Gives up instance types of a node: what only they would have used is free again.
    pub(in crate::decide) fn retain(&mut self, bin: BinId, is_kept: impl Fn(usize) -> bool) {
        self.ledger.retain(bin, is_kept);
    }

    /// Drivers whose devices the node comes with and its pods were promised, whatever instance type it becomes.
    pub(in crate::decide) fn drivers(&self, bin: BinId) -> BTreeSet<Arc<str>> {
        let uses = self.ledger.uses(bin).into_iter().flat_map(BTreeMap::values);
        let mut drivers = uses.map(|one| one.drivers.clone());
        let first = drivers.next().unwrap_or_default();
        drivers.fold(first, |common, own| &common & &own)
    }

    /// All promises; cheap to keep.
    pub(in crate::decide) fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// Goes back to the promises of `ledger`.
    pub(in crate::decide) fn restore(&mut self, ledger: Ledger) {
        self.ledger = ledger;
    }

    /// Labels that a node may leave undefined.
    pub(super) fn allowed(&self) -> AllowUndefined<'a> {
        AllowUndefined::WellKnown(self.well_known)
    }

    /// What claims that have devices ask of the node, and which ones need some.
    fn demand(&self, view: View<'_>, claims: &[ClaimId]) -> Result<Demand, DeviceProblem> {
        let mut demand = Demand { requirements: Requirements::new(), open: vec![] };
        for id in claims {
            let Planned { key, state } = &self.claims[*id];
            let asked = match (self.ledger.promise(*id), state) {
                (Some(promise), _) if promise.is_local() && promise.bin != view.bin => {
                    return Err(DeviceProblem::BoundElsewhere(key.clone()));
                }
                (Some(promise), _) => promise.requirements(),
                (None, ClaimState::Given { node: Some(node), .. }) if view.node != Some(node) => {
                    return Err(DeviceProblem::LocalElsewhere(key.clone()));
                }
                (None, ClaimState::Given { requirements, .. }) => requirements.clone(),
                (None, ClaimState::Open { .. }) => {
                    if !demand.open.contains(id) {
                        demand.open.push(*id);
                    }
                    continue;
                }
            };
            let base = view.requirements.intersect(&demand.requirements);
            if let Err(why) = base.compatible(&asked, self.allowed()) {
                return Err(DeviceProblem::Unreachable { claim: key.clone(), why });
            }
            demand.requirements = demand.requirements.intersect(&asked);
        }
        Ok(demand)
    }
}
