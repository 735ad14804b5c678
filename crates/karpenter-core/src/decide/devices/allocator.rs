//! Devices for pods, node by node.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::allocated;
use super::claims::{Alternative, ClaimReader, ClaimState, Planned, Request};
use super::inventory::{Inventory, Within};
use super::kinds::{Kind, KindId};
use super::ledger::{BinId, ClaimId, Ledger, Ref, Share, Use};
use super::pools::{self, NearPool};
use super::problem::{ClaimFault, DeviceProblem, PoolState};
use super::search::{Field, OutOfSteps, Search, Task};
use super::selector::{Selectors, with_enough_stack};
use super::stock::{Memory, Stock};
use super::{MAX_DEVICES, MAX_STEPS};
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
    open: Vec<ClaimId>,
    /// Per instance type, what they use and what of it is whose, in the order of `open`.
    found: BTreeMap<usize, (Use, Vec<Share>)>,
}

/// Gives out devices.
#[derive(Debug)]
pub(in crate::decide) struct Allocator<'a> {
    reader: ClaimReader<'a>,
    well_known: &'a WellKnownLabels,
    selectors: Selectors,
    stock: Stock<'a>,
    kinds: FxHashMap<(*const DeviceTemplates, bool), KindId>,
    claims: Vec<Planned>,
    claim_ids: BTreeMap<ObjectKey, Result<ClaimId, DeviceProblem>>,
    ledger: Ledger,
    memory: RefCell<Memory>,
}

/// What the claims of a pod ask of one node.
struct Demand {
    /// What the node is bound to by claims that have devices.
    requirements: Requirements,
    /// Claims that need some.
    open: Vec<ClaimId>,
}

/// All published devices of a task, per request and alternative, where all are asked for.
type AllPublished = Vec<Vec<Option<Vec<Ref>>>>;

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

    fn find(
        &self,
        view: View<'_>,
        requirements: Requirements,
        open: Vec<ClaimId>,
    ) -> Result<Allocation, DeviceProblem> {
        let base = view.requirements.intersect(&requirements);
        let pools = pools::near(&self.stock.inventory, view.node, &base, self.allowed());
        let all = self.all_published(&pools, &open)?;
        let mut answer = Allocation { requirements, open, ..Allocation::default() };
        let mut requirements = base;
        for (at, kind) in view.types {
            let tables = (&pools[..], &all[..]);
            let found = self.search((*at, *kind), view, tables, (&requirements, &answer.open))?;
            if let Some((used, shares, narrowed)) = found {
                let asked = shares.iter().flat_map(|share| share.requirements.iter().cloned());
                answer.requirements.extend(asked);
                answer.found.insert(*at, (used, shares));
                answer.types.push(*at);
                requirements = narrowed;
            }
        }
        match (answer.types.is_empty(), view.bin) {
            (false, _) => Ok(answer),
            (true, BinId::Claim(_)) => Err(DeviceProblem::NoInstanceType),
            (true, BinId::Node(_)) => Err(DeviceProblem::NotOnNode),
        }
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

    fn allowed(&self) -> AllowUndefined<'a> {
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

    fn parts(&self, claim: ClaimId) -> (&[Request], &[super::claims::Rule]) {
        match &self.claims[claim].state {
            ClaimState::Open { requests, rules } => (requests, rules),
            ClaimState::Given { .. } => (&[], &[]),
        }
    }

    /// Published devices of every request for all there are.
    fn all_published(
        &self,
        pools: &[NearPool],
        open: &[ClaimId],
    ) -> Result<Vec<AllPublished>, DeviceProblem> {
        let mut tasks = vec![];
        for claim in open {
            let problem =
                |fault| DeviceProblem::Claim { claim: self.claims[*claim].key.clone(), fault };
            let (requests, _) = self.parts(*claim);
            let mut all: AllPublished = vec![];
            for request in requests {
                let alternatives = request.alternatives.iter();
                let own = alternatives.map(|one| self.all_of(one, pools)).collect::<Result<_, _>>();
                all.push(own.map_err(problem)?);
            }
            if least(requests, &all) > MAX_DEVICES {
                return Err(problem(ClaimFault::TooMany));
            }
            tasks.push(all);
        }
        Ok(tasks)
    }

    fn all_of(
        &self,
        alternative: &Alternative,
        pools: &[NearPool],
    ) -> Result<Option<Vec<Ref>>, ClaimFault> {
        if alternative.count.is_some() {
            return Ok(None);
        }
        if let Some((pool, state)) = pools.iter().find_map(|pool| Some((pool.pool, pool.flaw?))) {
            let pool = &self.stock.inventory.pools[pool];
            let (driver, pool) = (pool.driver.clone(), pool.name.clone());
            let request = alternative.request.clone();
            return Err(ClaimFault::Pool { request, driver, pool, state });
        }
        let devices = pools.iter().flat_map(|pool| &pool.devices).map(|id| Ref::Published(*id));
        Ok(Some(devices.filter(|device| self.is_match(0, *device, alternative)).collect()))
    }

    fn is_match(&self, kind: KindId, device: Ref, alternative: &Alternative) -> bool {
        let criteria = (alternative.criteria, &self.reader.criteria[..]);
        let mut memory = self.memory.borrow_mut();
        self.stock.is_match((kind, device), criteria, (&self.selectors, &mut memory))
    }

    /// Devices for the claims if the node becomes one instance type.
    fn search(
        &self,
        (at, kind): (usize, KindId),
        view: View<'_>,
        (pools, all): (&[NearPool], &[AllPublished]),
        (requirements, open): (&Requirements, &[ClaimId]),
    ) -> Result<Option<(Use, Vec<Share>, Requirements)>, DeviceProblem> {
        let templates = (0..self.stock.kinds[kind].devices.len()).map(Ref::Template);
        let templates: Vec<Ref> = templates.collect();
        let tasks: Vec<Task<'_>> = open
            .iter()
            .zip(all)
            .map(|(claim, all)| {
                let (requests, rules) = self.parts(*claim);
                let all = self.with_templates((kind, &templates), requests, all);
                Task { requests, rules, all }
            })
            .collect();
        if tasks.iter().any(|task| least(task.requests, &task.all) > MAX_DEVICES) {
            return Ok(None);
        }
        let sound = pools.iter().filter(|pool| pool.flaw != Some(PoolState::Incomplete));
        let published = sound.flat_map(|pool| &pool.devices).map(|id| Ref::Published(*id));
        let devices: Vec<Ref> = published.chain(templates).collect();
        let (nothing, charge) = (Use::default(), self.ledger.charge(view.bin));
        let own = self.ledger.uses(view.bin).and_then(|uses| uses.get(&at)).unwrap_or(&nothing);
        let field = Field {
            stock: &self.stock,
            ledger: &self.ledger,
            selectors: &self.selectors,
            criteria: &self.reader.criteria,
            allowed: self.allowed(),
            bin: view.bin,
            charge: &charge,
            devices: &devices,
            tasks: &tasks,
        };
        let (mut memory, mut steps) = (self.memory.borrow_mut(), MAX_STEPS);
        let tables = (&mut *memory, &mut steps);
        let mut search = Search::new(field, (kind, own), requirements.clone(), tables);
        if !search.run().map_err(|OutOfSteps| DeviceProblem::GaveUp(MAX_STEPS))? {
            return Ok(None);
        }
        let (used, taken, narrowed) = search.into_found();
        let mut shares = vec![Share::default(); open.len()];
        for one in taken {
            self.share(&mut shares[one.task], one.device);
        }
        Ok(Some((used, shares, narrowed)))
    }

    /// All devices of every request for all there are, with those that come with the node.
    fn with_templates(
        &self,
        (kind, templates): (KindId, &[Ref]),
        requests: &[Request],
        all: &AllPublished,
    ) -> AllPublished {
        let of_alternative = |(alternative, all): (&Alternative, &Option<Vec<Ref>>)| {
            let mut all = all.clone()?;
            let own = templates.iter().filter(|device| self.is_match(kind, **device, alternative));
            all.extend(own);
            Some(all)
        };
        let of_request = |(request, all): (&Request, &Vec<Option<Vec<Ref>>>)| {
            request.alternatives.iter().zip(all).map(of_alternative).collect()
        };
        requests.iter().zip(all).map(of_request).collect()
    }

    /// Adds a device to what a claim gets.
    fn share(&self, share: &mut Share, device: Ref) {
        match device {
            Ref::Template(_) => share.is_local = true,
            Ref::Published(id) => match &*self.stock.inventory.devices[id].reach {
                Within::Node(_) => share.is_local = true,
                Within::Selected { all, .. } => share.requirements.extend(all.iter().cloned()),
                Within::Everywhere | Within::Nowhere => {}
            },
        }
    }
}

/// The fewest devices that the requests come to.
fn least(requests: &[Request], all: &AllPublished) -> usize {
    let n = |(alternative, all): (&Alternative, &Option<Vec<Ref>>)| {
        all.as_ref().map_or_else(|| alternative.count.unwrap_or(0), Vec::len)
    };
    let of_request = |(request, all): (&Request, &Vec<Option<Vec<Ref>>>)| {
        request.alternatives.iter().zip(all).map(n).min().unwrap_or(0)
    };
    requests.iter().zip(all).map(of_request).sum()
}
