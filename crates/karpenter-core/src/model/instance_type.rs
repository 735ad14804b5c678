//! Supply: instance types, their offerings, and the catalogue a provider publishes for a NodePool.

use std::sync::Arc;

use super::device_templates::DeviceTemplates;
use super::ids::InstanceTypeName;
use super::instance_type_list::InstanceTypeList;
use super::price::Price;
use super::requirements::Requirements;
use super::resources::{ResourceName, Resources};

#[cfg(test)]
mod tests;

/// What a NodePool can launch, at one point in time.
///
/// All types are listed, also those without an available offering. Immutable: a change of stock or price
/// makes a new catalogue with a higher generation.
#[derive(Debug, Clone, Default)]
pub struct Catalog {
    /// Grows with every change of content; equal generations of one pool mean equal content.
    pub generation: u64,
    /// Types in name order, names unique.
    pub types: InstanceTypeList,
}

impl Catalog {
    /// The type called `name`.
    pub fn get(&self, name: &str) -> Option<&Arc<InstanceType>> {
        self.types.iter().find(|it| it.name.as_str() == name)
    }
}

/// A machine shape a cloud sells.
#[derive(Debug, Clone, PartialEq)]
pub struct InstanceType {
    /// Equals the value of `node.kubernetes.io/instance-type`.
    pub name: InstanceTypeName,
    /// One entry for every well-known label of the provider; zone and capacity type list what is
    /// supported, whether available now or not.
    pub requirements: Requirements,
    /// Distinct ways to buy it.
    pub offerings: Vec<Offering>,
    /// Full capacity, `pods` included.
    pub capacity: Resources,
    /// What the system keeps for itself.
    pub overhead: Overhead,
    /// What NodeOverlays changed about it.
    pub overlaid: Overlaid,
    /// Devices that its nodes will have, for pods that claim some; `None` without any.
    pub devices: Option<Arc<DeviceTemplates>>,
}

/// Which parts of an instance type are not what the cloud says, because of NodeOverlays.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Overlaid {
    /// The price of some offering.
    pub price: bool,
    /// The capacity.
    pub capacity: bool,
}

impl Overlaid {
    /// What is changed on either side.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self { price: self.price || other.price, capacity: self.capacity || other.capacity }
    }
}

/// One way to buy an instance type.
#[derive(Debug, Clone, PartialEq)]
pub struct Offering {
    /// Contains capacity type and zone.
    pub requirements: Requirements,
    /// Price per hour.
    pub price: Price,
    /// Whether a launch has a chance now.
    pub available: bool,
    /// Instances left in the reservation; zero for offerings that are not reserved.
    pub reservation_capacity: u32,
    /// Replaces entries of the type's capacity for this offering.
    pub capacity_override: Option<Resources>,
    /// Replaces entries of the type's total overhead for this offering.
    pub overhead_override: Option<Overhead>,
}

/// Resources of a node that pods cannot have.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Overhead {
    /// Kubelet and container runtime.
    pub kube_reserved: Resources,
    /// Operating system daemons.
    pub system_reserved: Resources,
    /// Hard eviction threshold.
    pub eviction_threshold: Resources,
}

impl Overhead {
    /// Sum of the three parts, per resource.
    pub fn total(&self) -> Resources {
        self.kube_reserved.add(&self.system_reserved).add(&self.eviction_threshold)
    }
}

/// Allocatable resources shared by some available offerings of a type.
#[derive(Debug, Clone, PartialEq)]
pub struct AllocatableGroup {
    /// What pods can have; entries may be negative.
    pub allocatable: Resources,
    /// Indices into [`InstanceType::offerings`], ascending; may be empty in the first group only.
    pub offerings: Vec<usize>,
}

impl InstanceType {
    /// Groups of available offerings by what pods can have on them.
    ///
    /// The first group is always the one without overrides; the others follow in order of first appearance.
    pub fn allocatable_groups(&self) -> Vec<AllocatableGroup> {
        let mut keys: Vec<(&Option<Resources>, &Option<Overhead>)> = vec![(&None, &None)];
        let mut groups =
            vec![AllocatableGroup { allocatable: self.allocatable(), offerings: vec![] }];
        for (index, offering) in self.offerings.iter().enumerate().filter(|(_, o)| o.available) {
            let key = (&offering.capacity_override, &offering.overhead_override);
            let at = keys.iter().position(|known| *known == key).unwrap_or_else(|| {
                keys.push(key);
                let allocatable = self.allocatable_with(key.0.as_ref(), key.1.as_ref());
                groups.push(AllocatableGroup { allocatable, offerings: vec![] });
                groups.len() - 1
            });
            groups[at].offerings.push(index);
        }
        groups
    }

    /// Capacity less overhead, without any override.
    pub fn allocatable(&self) -> Resources {
        self.allocatable_with(None, None)
    }

    fn allocatable_with(
        &self,
        capacity: Option<&Resources>,
        overhead: Option<&Overhead>,
    ) -> Resources {
        let capacity =
            capacity.map_or_else(|| self.capacity.clone(), |c| self.capacity.override_with(c));
        let base = self.overhead.total();
        let overhead = overhead.map_or_else(|| base.clone(), |o| base.override_with(&o.total()));
        let mut left = capacity.subtract(&overhead);
        let huge: Vec<_> = capacity.iter().filter(|(name, _)| name.is_huge_pages()).collect();
        for (_, pages) in huge {
            left.reduce(&ResourceName::memory(), pages);
        }
        left
    }
}
