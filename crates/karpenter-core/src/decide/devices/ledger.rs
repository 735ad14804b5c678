//! Who was promised which devices in this loop.
//!
//! A node that is planned may still become one of several instance types, and for every one of them other devices were
//! found. What the cluster has is charged with the most that any of them would use; what comes with the node is kept per
//! instance type. Types that are given up give back what only they would have used.
//!
//! Cloning costs a few reference counts, so that a simulation can go back.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;

use imbl::OrdMap;

use super::inventory::PublishedId;
use crate::model::quantity::Quantity;
use crate::model::requirements::Requirements;

/// A node of the loop: one that is there, or one that is planned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in crate::decide) enum BinId {
    /// A node that is there, by its number.
    Node(usize),
    /// A node that is planned, by its number.
    Claim(usize),
}

/// Number of a claim.
pub(in crate::decide) type ClaimId = usize;

/// Something published, or something of the instance type at hand; by number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Ref {
    /// Of the cluster.
    Published(usize),
    /// Of the node to come.
    Template(usize),
}

/// What one instance type of a bin uses.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Use {
    /// Devices, and whether nobody else may have them.
    pub(super) devices: BTreeMap<Ref, bool>,
    /// Amounts of counters.
    pub(super) counters: BTreeMap<Ref, Quantity>,
    /// Amounts of shareable devices by dimension.
    pub(super) capacity: BTreeMap<(Ref, Arc<str>), Quantity>,
    /// Drivers of devices that come with the node.
    pub(super) drivers: BTreeSet<Arc<str>>,
}

/// What a claim was promised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Promise {
    /// On which bin it was found.
    pub(super) bin: BinId,
    /// Per instance type of the bin.
    shares: BTreeMap<usize, Share>,
}

/// What a claim was promised for one instance type.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Share {
    /// Where the devices can be reached from.
    pub(super) requirements: Requirements,
    /// Some device is of that node alone.
    pub(super) is_local: bool,
}

/// All promises.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::decide) struct Ledger {
    bins: OrdMap<BinId, Rc<BTreeMap<usize, Use>>>,
    promises: OrdMap<ClaimId, Rc<Promise>>,
    /// Whom published devices are kept for that cannot be shared.
    holders: OrdMap<PublishedId, BinId>,
    /// What all bins are charged.
    counters: OrdMap<usize, Quantity>,
    capacity: OrdMap<(PublishedId, Arc<str>), Quantity>,
}

/// What a bin is charged: of published things the most that any of its instance types uses.
#[derive(Debug, Clone, Default)]
pub(super) struct Charge {
    exclusive: BTreeSet<PublishedId>,
    counters: BTreeMap<usize, Quantity>,
    capacity: BTreeMap<(PublishedId, Arc<str>), Quantity>,
}

impl Use {
    /// Adds what `other` uses.
    pub(super) fn absorb(&mut self, other: &Self) {
        self.devices.extend(other.devices.iter().map(|(device, alone)| (*device, *alone)));
        self.drivers.extend(other.drivers.iter().cloned());
        for (counter, amount) in &other.counters {
            *self.counters.entry(*counter).or_default() += *amount;
        }
        for (dimension, amount) in &other.capacity {
            *self.capacity.entry(dimension.clone()).or_default() += *amount;
        }
    }

    fn is_empty(&self) -> bool {
        self.devices.is_empty()
    }
}

impl Promise {
    /// Whether no other node can use the devices.
    pub(super) fn is_local(&self) -> bool {
        self.shares.values().any(|share| share.is_local)
    }

    /// Where its devices can be reached from, whatever the node becomes.
    pub(super) fn requirements(&self) -> Requirements {
        self.shares.values().flat_map(|share| share.requirements.iter().cloned()).collect()
    }
}

impl Charge {
    fn of(uses: &BTreeMap<usize, Use>) -> Self {
        let mut charge = Self::default();
        for one in uses.values() {
            for (device, is_exclusive) in &one.devices {
                if let (Ref::Published(device), true) = (device, is_exclusive) {
                    charge.exclusive.insert(*device);
                }
            }
            for (counter, amount) in &one.counters {
                if let Ref::Published(counter) = counter {
                    raise(&mut charge.counters, *counter, *amount);
                }
            }
            for ((device, dimension), amount) in &one.capacity {
                if let Ref::Published(device) = device {
                    raise(&mut charge.capacity, (*device, dimension.clone()), *amount);
                }
            }
        }
        charge
    }
}

impl Ledger {
    /// What the claim was promised.
    pub(super) fn promise(&self, claim: ClaimId) -> Option<&Promise> {
        self.promises.get(&claim).map(|promise| &**promise)
    }

    /// What instance types of `bin` use so far.
    pub(super) fn uses(&self, bin: BinId) -> Option<&BTreeMap<usize, Use>> {
        self.bins.get(&bin).map(|uses| &**uses)
    }

    /// What `bin` is charged.
    pub(super) fn charge(&self, bin: BinId) -> Charge {
        self.uses(bin).map(Charge::of).unwrap_or_default()
    }

    /// Whether a published device is kept for another bin.
    pub(super) fn is_kept_from(&self, bin: BinId, device: PublishedId) -> bool {
        self.holders.get(&device).is_some_and(|holder| *holder != bin)
    }

    /// What bins other than the one charged with `own` use of a counter.
    pub(super) fn counted_elsewhere(&self, counter: usize, own: &Charge) -> Quantity {
        let all = self.counters.get(&counter).copied().unwrap_or_default();
        all - own.counters.get(&counter).copied().unwrap_or_default()
    }

    /// What bins other than the one charged with `own` use of a shareable device.
    pub(super) fn shared_elsewhere(
        &self,
        device: PublishedId,
        dimension: &Arc<str>,
        own: &Charge,
    ) -> Quantity {
        let key = (device, dimension.clone());
        let all = self.capacity.get(&key).copied().unwrap_or_default();
        all - own.capacity.get(&key).copied().unwrap_or_default()
    }

    /// Notes that a claim has its devices on `bin`, per instance type.
    ///
    /// # Panics
    /// When it has some already.
    pub(super) fn promise_to(
        &mut self,
        claim: ClaimId,
        bin: BinId,
        shares: BTreeMap<usize, Share>,
    ) {
        let former = self.promises.insert(claim, Rc::new(Promise { bin, shares }));
        assert!(former.is_none(), "invariant: a claim is allocated once");
    }

    /// Notes what instance types of `bin` use from now on.
    pub(super) fn set_uses(&mut self, bin: BinId, mut uses: BTreeMap<usize, Use>) {
        uses.retain(|_, one| !one.is_empty());
        let (before, after) = (self.charge(bin), Charge::of(&uses));
        for device in &before.exclusive {
            self.holders.remove(device);
        }
        self.holders.extend(after.exclusive.iter().map(|device| (*device, bin)));
        exchange(&mut self.counters, &before.counters, &after.counters);
        exchange(&mut self.capacity, &before.capacity, &after.capacity);
        if uses.is_empty() {
            self.bins.remove(&bin);
        } else {
            self.bins.insert(bin, Rc::new(uses));
        }
    }

    /// The same after planned nodes got new numbers: the one that comes first is that called `kept[0]` so far. Others
    /// must not have devices.
    pub(in crate::decide) fn renumbered(&self, kept: &[usize]) -> Self {
        let new = |bin: BinId| match bin {
            BinId::Node(_) => bin,
            BinId::Claim(at) => kept.binary_search(&at).map_or(bin, BinId::Claim),
        };
        let promises = self.promises.iter().map(|(claim, promise)| {
            let promise = Promise { bin: new(promise.bin), shares: promise.shares.clone() };
            (*claim, Rc::new(promise))
        });
        Self {
            bins: self.bins.iter().map(|(bin, uses)| (new(*bin), uses.clone())).collect(),
            promises: promises.collect(),
            holders: self.holders.iter().map(|(device, bin)| (*device, new(*bin))).collect(),
            counters: self.counters.clone(),
            capacity: self.capacity.clone(),
        }
    }

    /// Forgets instance types that `bin` cannot become any more.
    pub(super) fn retain(&mut self, bin: BinId, is_kept: impl Fn(usize) -> bool) {
        let Some(uses) = self.uses(bin) else { return };
        if uses.keys().all(|at| is_kept(*at)) {
            return;
        }
        let mut uses = uses.clone();
        uses.retain(|at, _| is_kept(*at));
        self.set_uses(bin, uses);
        let narrowed = self.promises.iter().filter(|(_, promise)| promise.bin == bin);
        let narrowed: Vec<_> = narrowed
            .map(|(claim, promise)| {
                let mut promise = (**promise).clone();
                promise.shares.retain(|at, _| is_kept(*at));
                (*claim, Rc::new(promise))
            })
            .collect();
        self.promises.extend(narrowed);
    }
}

/// Raises the amount of `key` to `amount` at least.
fn raise<K: Ord>(amounts: &mut BTreeMap<K, Quantity>, key: K, amount: Quantity) {
    let known = amounts.entry(key).or_insert(amount);
    *known = amount.max(*known);
}

/// Takes `before` from the sums and adds `after`.
fn exchange<K: Ord + Clone>(
    sums: &mut OrdMap<K, Quantity>,
    before: &BTreeMap<K, Quantity>,
    after: &BTreeMap<K, Quantity>,
) {
    for (key, amount) in before {
        let left = sums.get(key).copied().unwrap_or_default() - *amount;
        if left.is_zero() {
            sums.remove(key)
        } else {
            sums.insert(key.clone(), left)
        };
    }
    for (key, amount) in after {
        let sum = sums.get(key).copied().unwrap_or_default() + *amount;
        sums.insert(key.clone(), sum);
    }
}
