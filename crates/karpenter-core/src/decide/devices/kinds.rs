//! Devices of instance types, which every node of the type will have for itself.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::bindings::Bindings;
use super::counters::{self, Counters};
use crate::model::device::{CounterSet, Device, DeviceId};
use crate::model::device_templates::{DeviceTemplates, SliceTemplate};
use crate::model::quantity::Quantity;

/// Number of a kind.
pub(in crate::decide) type KindId = usize;

/// What nodes of one instance type will have.
#[derive(Debug, Default)]
pub(super) struct Kind<'a> {
    /// Devices, in the order of slices.
    pub(super) devices: Vec<TemplateDevice<'a>>,
    /// Amounts of all counters of a node.
    pub(super) counters: Vec<Quantity>,
    /// Devices that will have attributes in common.
    pub(super) bindings: Bindings,
}

/// A device of a node that does not exist yet.
#[derive(Debug)]
pub(super) struct TemplateDevice<'a> {
    /// Driver, pool and name.
    pub(super) id: DeviceId,
    /// Its description.
    pub(super) device: &'a Device,
    /// What it takes from counters; `None` when it names one that is not there, and so cannot be used.
    pub(super) consumes: Option<Vec<(usize, Quantity)>>,
}

impl<'a> Kind<'a> {
    /// What `templates` promise; of a node whose devices are published only the bindings.
    pub(super) fn new(templates: &'a DeviceTemplates, is_published: bool) -> Self {
        let mut kind = Self { bindings: Bindings::new(&templates.bindings), ..Self::default() };
        if is_published {
            return kind;
        }
        let mut pools: BTreeMap<(&Arc<str>, &Arc<str>), Vec<&CounterSet>> = BTreeMap::new();
        let is_sound =
            |slice: &&SliceTemplate| slice.counter_sets.is_empty() || slice.devices.is_empty();
        for slice in templates.slices.iter().filter(is_sound) {
            pools.entry((&slice.driver, &slice.pool)).or_default().extend(&slice.counter_sets);
        }
        let mut counters: BTreeMap<(&Arc<str>, &Arc<str>), Counters<'_>> = BTreeMap::new();
        for (pool, sets) in pools {
            counters.insert(pool, Counters::of(sets, &mut kind.counters));
        }
        for slice in templates.slices.iter().filter(is_sound) {
            let counters = &counters[&(&slice.driver, &slice.pool)];
            kind.devices.extend(slice.devices.iter().map(|device| TemplateDevice {
                id: DeviceId::new(slice.driver.clone(), slice.pool.clone(), device.name.clone()),
                device,
                consumes: counters::uses(device, counters),
            }));
        }
        kind
    }
}
