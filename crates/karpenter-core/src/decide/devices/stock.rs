//! Everything devices can be taken from, the same for all nodes of a loop; and what is known of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use kube_cel::cel::Value;
use rustc_hash::FxHashMap;

use super::allocated::InUse;
use super::claims::{Criteria, CriteriaId};
use super::description::{describe, split};
use super::inventory::Inventory;
use super::kinds::{Kind, KindId};
use super::ledger::Ref;
use super::selector::Selectors;
use crate::model::device::{AttributeValue, Device, DeviceId};
use crate::model::quantity::Quantity;
use crate::model::taints::{TaintEffect, is_tolerated};

/// What there is.
#[derive(Debug)]
pub(super) struct Stock<'a> {
    /// What drivers publish.
    pub(super) inventory: Inventory<'a>,
    /// How published devices are in use by the cluster.
    in_use: Vec<Option<InUse>>,
    /// What the cluster leaves of counters; negative when it uses more than there is.
    budgets: Vec<Quantity>,
    /// What comes with nodes.
    pub(super) kinds: Vec<Kind<'a>>,
}

/// What was found out about devices; true whatever is promised to whom.
#[derive(Debug, Default)]
pub(super) struct Memory {
    matches: FxHashMap<(KindId, Ref, CriteriaId), bool>,
    descriptions: FxHashMap<(KindId, Ref), Value>,
}

/// A device with what it is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Item<'s> {
    /// Driver, pool and name.
    pub(super) id: &'s DeviceId,
    /// Its description.
    pub(super) device: &'s Device,
    /// What it takes from counters; `None` when that cannot be known.
    pub(super) consumes: Option<&'s [(usize, Quantity)]>,
}

impl<'a> Stock<'a> {
    /// What the cluster leaves of `inventory`.
    pub(super) fn new(inventory: Inventory<'a>, in_use: BTreeMap<DeviceId, InUse>) -> Self {
        let mut of_device = vec![None; inventory.devices.len()];
        let mut budgets = inventory.counters.clone();
        for (id, state) in in_use {
            let Some(device) = inventory.find(&id) else { continue };
            of_device[device] = Some(state);
            for (counter, amount) in inventory.devices[device].consumes.iter().flatten() {
                budgets[*counter] -= *amount;
            }
        }
        Self { inventory, in_use: of_device, budgets, kinds: vec![] }
    }

    /// The device, of the cluster or of the kind of node.
    pub(super) fn item(&self, kind: KindId, device: Ref) -> Item<'_> {
        match device {
            Ref::Published(at) => {
                let one = &self.inventory.devices[at];
                Item { id: &one.id, device: one.device, consumes: one.consumes.as_deref() }
            }
            Ref::Template(at) => {
                let one = &self.kinds[kind].devices[at];
                Item { id: &one.id, device: one.device, consumes: one.consumes.as_deref() }
            }
        }
    }

    /// How the cluster uses the device.
    pub(super) fn in_use(&self, device: Ref) -> Option<&InUse> {
        match device {
            Ref::Published(at) => self.in_use[at].as_ref(),
            Ref::Template(_) => None,
        }
    }

    /// What the cluster leaves of a counter.
    pub(super) fn budget(&self, kind: KindId, counter: Ref) -> Quantity {
        match counter {
            Ref::Published(at) => self.budgets[at],
            Ref::Template(at) => self.kinds[kind].counters[at],
        }
    }

    /// Whether the device is what the criteria ask for.
    pub(super) fn is_match(
        &self,
        (kind, device): (KindId, Ref),
        (at, criteria): (CriteriaId, &[Criteria]),
        (selectors, memory): (&Selectors, &mut Memory),
    ) -> bool {
        let kind = if matches!(device, Ref::Published(_)) { 0 } else { kind };
        let Memory { matches, descriptions } = memory;
        *matches.entry((kind, device, at)).or_insert_with(|| {
            let Item { id, device: own, .. } = self.item(kind, device);
            let Criteria { programs, tolerations } = &criteria[at];
            let is_open = own.taints.iter().all(|taint| {
                !matches!(taint.effect, TaintEffect::NoSchedule | TaintEffect::NoExecute)
                    || is_tolerated(tolerations, taint)
            });
            let described = descriptions
                .entry((kind, device))
                .or_insert_with(|| describe(&id.driver, own, selectors));
            is_open && programs.iter().all(|program| selectors.selects(*program, described))
        })
    }
}

impl<'s> Item<'s> {
    /// The value of the attribute called `name`.
    pub(super) fn attribute(&self, name: &str) -> Option<&'s AttributeValue> {
        let driver = &*self.id.driver;
        let attributes = self.device.attributes.iter();
        let mut own = attributes.filter(|(own, _)| split(driver, own) == split("", name));
        own.next().map(|(_, value)| value)
    }

    /// How much it has of a dimension.
    pub(super) fn capacity(&self, dimension: &Arc<str>) -> Quantity {
        self.device.capacity.get(dimension).map_or(Quantity::ZERO, |own| own.value)
    }
}
