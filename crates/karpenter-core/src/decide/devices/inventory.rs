//! What drivers publish: pools of devices, with the slices of their newest generation.
//!
//! Source: Karpenter behaviour, dynamic resource allocation (pools).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::counters::{self, Counters};
use crate::model::device::{Device, DeviceId, Reach};
use crate::model::ids::NodeName;
use crate::model::label_rules::LabelNormalization;
use crate::model::pod::NodeSelectorTerm;
use crate::model::quantity::Quantity;
use crate::model::requirement::{Operator, Requirement};
use crate::model::requirements::Requirements;
use crate::model::resource_slice::ResourceSlice;

/// Number of a published device.
pub(super) type PublishedId = usize;

/// All pools, by driver and name.
#[derive(Debug, Default)]
pub(super) struct Inventory<'a> {
    /// Sorted by driver and name.
    pub(super) pools: Vec<Pool<'a>>,
    /// Pool by pool; within one in the order of slices by name, and of the slice.
    pub(super) devices: Vec<Published<'a>>,
    /// Amounts of all counters of all pools, before anything is in use.
    pub(super) counters: Vec<Quantity>,
    by_id: FxHashMap<DeviceId, PublishedId>,
    /// Devices that one node alone can reach.
    of_node: FxHashMap<NodeName, Vec<PublishedId>>,
    /// The other ones that can be reached.
    of_many: Vec<PublishedId>,
}

/// Devices of one driver that are managed together.
#[derive(Debug)]
pub(super) struct Pool<'a> {
    /// The driver.
    pub(super) driver: &'a Arc<str>,
    /// Its name.
    pub(super) name: &'a Arc<str>,
    /// Slices are missing, or too many.
    pub(super) is_incomplete: bool,
    /// Two sets of counters have one name.
    pub(super) is_ambiguous: bool,
    /// Its devices.
    pub(super) devices: std::ops::Range<PublishedId>,
}

/// One published device.
#[derive(Debug)]
pub(super) struct Published<'a> {
    /// Driver, pool and name.
    pub(super) id: DeviceId,
    /// Its description.
    pub(super) device: &'a Device,
    /// From where it can be reached.
    pub(super) reach: Arc<Within>,
    /// What it takes from counters; `None` when it names one that is not there.
    pub(super) consumes: Option<Vec<(usize, Quantity)>>,
}

/// Where a device can be reached from, read.
#[derive(Debug)]
pub(super) enum Within {
    /// One node.
    Node(NodeName),
    /// All nodes.
    Everywhere,
    /// Nodes that agree with one of `terms`; whoever uses the device is bound to `all` of them.
    Selected { terms: Vec<Requirements>, all: Requirements },
    /// No node, as far as we can read.
    Nowhere,
}

impl<'a> Inventory<'a> {
    /// What `slices` add up to. A slice that belongs to a Node counts only if `nodes` has it.
    pub(super) fn new(
        slices: impl IntoIterator<Item = &'a Arc<ResourceSlice>>,
        nodes: &BTreeSet<&NodeName>,
        normalization: &LabelNormalization,
    ) -> Self {
        let mut pools: BTreeMap<(&Arc<str>, &Arc<str>), Vec<&ResourceSlice>> = BTreeMap::new();
        for slice in slices {
            let is_known = |name: &Arc<str>| nodes.contains(&NodeName::from(&**name));
            if !slice.owner_nodes.iter().all(is_known) {
                continue;
            }
            let pool = pools.entry((&slice.driver, &slice.pool)).or_default();
            match pool.first().map(|first| first.generation.cmp(&slice.generation)) {
                Some(std::cmp::Ordering::Greater) => {}
                Some(std::cmp::Ordering::Less) => *pool = vec![&**slice],
                Some(std::cmp::Ordering::Equal) | None => pool.push(slice),
            }
        }
        let mut inventory = Self::default();
        for ((driver, name), mut slices) in pools {
            slices.sort_by(|a, b| a.name.cmp(&b.name));
            inventory.add(driver, name, &slices, normalization);
        }
        inventory
    }

    /// The device with this identity.
    pub(super) fn find(&self, id: &DeviceId) -> Option<PublishedId> {
        self.by_id.get(id).copied()
    }

    /// Devices that `node`, or a node that has no name yet, can reach if its labels allow it; in order.
    pub(super) fn near(&self, node: Option<&NodeName>) -> Vec<PublishedId> {
        let local = node.and_then(|node| self.of_node.get(node)).into_iter().flatten();
        let mut near: Vec<PublishedId> = local.chain(&self.of_many).copied().collect();
        near.sort_unstable();
        near
    }

    fn add(
        &mut self,
        driver: &'a Arc<str>,
        name: &'a Arc<str>,
        slices: &[&'a ResourceSlice],
        normalization: &LabelNormalization,
    ) {
        let first = self.devices.len();
        let sets = slices.iter().flat_map(|slice| &slice.counter_sets);
        let counters = Counters::of(sets, &mut self.counters);
        for slice in slices {
            let of_slice = Arc::new(Within::of(&slice.reach, normalization));
            for device in &slice.devices {
                let own = device.reach.as_ref().filter(|_| slice.reach == Reach::PerDevice);
                let reach = own.map(|own| Arc::new(Within::of(own, normalization)));
                let id = DeviceId::new(driver.clone(), name.clone(), device.name.clone());
                self.by_id.entry(id.clone()).or_insert(self.devices.len());
                let reach = reach.unwrap_or_else(|| of_slice.clone());
                match &*reach {
                    Within::Node(node) => {
                        self.of_node.entry(node.clone()).or_default().push(self.devices.len());
                    }
                    Within::Everywhere | Within::Selected { .. } => {
                        self.of_many.push(self.devices.len());
                    }
                    Within::Nowhere => {}
                }
                let consumes = counters::uses(device, &counters);
                self.devices.push(Published { id, device, reach, consumes });
            }
        }
        let n_slices = i64::try_from(slices.len()).unwrap_or(i64::MAX);
        self.pools.push(Pool {
            driver,
            name,
            is_incomplete: slices.first().is_some_and(|slice| slice.n_slices != n_slices),
            is_ambiguous: counters.is_ambiguous,
            devices: first..self.devices.len(),
        });
    }

    /// Every requirement set that a device may ask of a node.
    pub(super) fn asked(&self) -> impl Iterator<Item = &Requirements> {
        self.devices.iter().flat_map(|device| match &*device.reach {
            Within::Selected { terms, all } => terms.iter().chain(Some(all)),
            Within::Node(_) | Within::Everywhere | Within::Nowhere => [].iter().chain(None),
        })
    }
}

impl Within {
    fn of(reach: &Reach, normalization: &LabelNormalization) -> Self {
        match reach {
            Reach::Node(name) => Self::Node(name.clone()),
            Reach::Everywhere => Self::Everywhere,
            Reach::Selected(terms) => {
                read_terms(terms, normalization).map_or(Self::Nowhere, |terms| {
                    let all = terms.iter().flat_map(|term| term.iter().cloned()).collect();
                    Self::Selected { terms, all }
                })
            }
            Reach::PerDevice | Reach::Unsaid => Self::Nowhere,
        }
    }
}

/// The terms of a node selector that say something; `None` when one cannot be read.
pub(super) fn read_terms(
    terms: &[NodeSelectorTerm],
    normalization: &LabelNormalization,
) -> Option<Vec<Requirements>> {
    let mut read = vec![];
    for term in terms.iter().filter(|term| !term.expressions.is_empty()) {
        let requirements = term.expressions.iter().map(|one| {
            let operator = Operator::parse(&one.operator)?;
            Some(Requirement::new(&one.key, operator, &one.values, normalization))
        });
        read.push(requirements.collect::<Option<Requirements>>()?);
    }
    Some(read)
}
