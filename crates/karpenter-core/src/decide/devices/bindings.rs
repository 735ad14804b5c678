//! Devices that will have the same value of an attribute that is known only on their node.
//!
//! Source: Karpenter behaviour, attribute bindings of instance types.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::model::device::DeviceId;
use crate::model::device_templates::AttributeBinding;

/// Attribute, driver, pool and device.
type Bound = (Arc<str>, Arc<str>, Arc<str>, Arc<str>);

/// Groups of devices bound to each other.
#[derive(Debug, Default)]
pub(super) struct Bindings {
    groups: BTreeMap<Bound, usize>,
}

impl Bindings {
    /// The closure of `declared`: whoever is bound to the same device is bound to each other.
    pub(super) fn new(declared: &[AttributeBinding]) -> Self {
        let mut groups: BTreeMap<Bound, usize> = BTreeMap::new();
        for (at, binding) in declared.iter().enumerate().filter(|(_, one)| one.devices.len() > 1) {
            let key = |device: &Arc<str>| {
                let AttributeBinding { attribute, driver, pool, .. } = binding;
                (attribute.clone(), driver.clone(), pool.clone(), device.clone())
            };
            let members: Vec<Bound> = binding.devices.iter().map(key).collect();
            let joined: Vec<usize> =
                members.iter().filter_map(|m| groups.get(m)).copied().collect();
            let group = joined.iter().min().copied().unwrap_or(at);
            for known in groups.values_mut().filter(|known| joined.contains(known)) {
                *known = group;
            }
            groups.extend(members.into_iter().map(|member| (member, group)));
        }
        Self { groups }
    }

    /// Whether both will have the same value; true of a device and itself if it is bound to any.
    pub(super) fn are_bound(&self, attribute: &Arc<str>, a: &DeviceId, b: &DeviceId) -> bool {
        self.group(attribute, a).is_some_and(|group| self.group(attribute, b) == Some(group))
    }

    fn group(&self, attribute: &Arc<str>, id: &DeviceId) -> Option<usize> {
        let DeviceId { driver, pool, device } = id.clone();
        self.groups.get(&(attribute.clone(), driver, pool, device)).copied()
    }
}
