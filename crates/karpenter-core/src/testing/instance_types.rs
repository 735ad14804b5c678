//! Instance types and catalogues.

use std::sync::Arc;

use super::quantity;
use crate::api::labels;
use crate::model::device_templates::DeviceTemplates;
use crate::model::instance_type::{Catalog, InstanceType, Offering, Overhead, Overlaid};
use crate::model::price::Price;
use crate::model::quantity::Quantity;
use crate::model::requirement::Requirement;
use crate::model::requirements::Requirements;
use crate::model::resources::{ResourceName, Resources};

/// A linux amd64 instance type without overhead and offerings, with 110 pods.
///
/// # Example
/// ```
/// # use karpenter_core::testing::instance_types::instance_type;
/// let it = instance_type("small").cpu("2").memory("4Gi").offering("z1", "on-demand", 0.5).build();
/// assert_eq!(it.requirements.get("topology.kubernetes.io/zone").map(ToString::to_string).as_deref(),
///            Some("topology.kubernetes.io/zone In [z1]"));
/// ```
pub fn instance_type(name: &str) -> InstanceTypeBuilder {
    let requirements = Requirements::from_iter([
        Requirement::in_values(labels::INSTANCE_TYPE, [name]),
        Requirement::in_values(labels::ARCH, ["amd64"]),
        Requirement::in_values(labels::OS, ["linux"]),
        Requirement::does_not_exist(labels::ZONE),
        Requirement::does_not_exist(labels::CAPACITY_TYPE),
    ]);
    InstanceTypeBuilder {
        it: InstanceType {
            name: name.into(),
            requirements,
            offerings: vec![],
            capacity: Resources::from_iter([(ResourceName::pods(), Quantity::from_units(110))]),
            overhead: Overhead::default(),
            overlaid: Overlaid::default(),
            devices: None,
        },
    }
}

/// A catalogue of `types`, sorted by name.
pub fn catalog(types: impl IntoIterator<Item = Arc<InstanceType>>) -> Catalog {
    let mut types: Vec<_> = types.into_iter().collect();
    types.sort_by(|a, b| a.name.cmp(&b.name));
    Catalog { generation: 1, types: types.into() }
}

/// Makes an [`InstanceType`] step by step.
#[derive(Debug, Clone)]
#[must_use]
pub struct InstanceTypeBuilder {
    it: InstanceType,
}

impl InstanceTypeBuilder {
    /// Devices that its nodes will have.
    pub fn devices(mut self, templates: DeviceTemplates) -> Self {
        self.it.devices = Some(Arc::new(templates));
        self
    }

    /// Processors.
    pub fn cpu(self, amount: &str) -> Self {
        self.capacity("cpu", amount)
    }

    /// Memory.
    pub fn memory(self, amount: &str) -> Self {
        self.capacity("memory", amount)
    }

    /// Number of pods.
    pub fn pods(self, amount: &str) -> Self {
        self.capacity("pods", amount)
    }

    /// Capacity of any resource.
    pub fn capacity(mut self, name: &str, amount: &str) -> Self {
        self.it.capacity.insert(ResourceName::from(name), quantity(amount));
        self
    }

    /// What the system keeps of a resource.
    pub fn reserved(mut self, name: &str, amount: &str) -> Self {
        self.it.overhead.kube_reserved.insert(ResourceName::from(name), quantity(amount));
        self
    }

    /// Architecture.
    pub fn arch(self, arch: &str) -> Self {
        self.label(labels::ARCH, [arch])
    }

    /// Values of a label; none means that nodes do not have it.
    pub fn label<'v>(mut self, key: &str, values: impl IntoIterator<Item = &'v str>) -> Self {
        self.it.requirements.replace(Requirement::in_values(key, values));
        self
    }

    /// An offering in stock.
    pub fn offering(self, zone: &str, capacity_type: &str, price: f64) -> Self {
        self.sell(zone, capacity_type, price, |_| {})
    }

    /// An offering out of stock.
    pub fn sold_out(self, zone: &str, capacity_type: &str, price: f64) -> Self {
        self.sell(zone, capacity_type, price, |offering| offering.available = false)
    }

    /// An offering in stock with more of some resource.
    pub fn offering_with(
        self,
        zone: &str,
        capacity_type: &str,
        price: f64,
        (name, amount): (&str, &str),
    ) -> Self {
        self.sell(zone, capacity_type, price, |offering| {
            let more = Resources::from_iter([(ResourceName::from(name), quantity(amount))]);
            offering.capacity_override = Some(more);
        })
    }

    /// An offering of a reservation that has this many instances left; out of stock when there is none.
    pub fn in_reservation(mut self, zone: &str, (key, id): (&str, &str), left: u32) -> Self {
        self.widen(key, id);
        self.sell(zone, labels::CAPACITY_TYPE_RESERVED, 0.001, |offering| {
            offering.requirements.add(Requirement::in_values(key, [id]));
            offering.reservation_capacity = left;
            offering.available = left > 0;
        })
    }

    /// The instance type.
    pub fn build(self) -> Arc<InstanceType> {
        Arc::new(self.it)
    }

    fn sell(
        mut self,
        zone: &str,
        capacity_type: &str,
        price: f64,
        change: impl FnOnce(&mut Offering),
    ) -> Self {
        let mut offering = Offering {
            requirements: Requirements::from_iter([
                Requirement::in_values(labels::ZONE, [zone]),
                Requirement::in_values(labels::CAPACITY_TYPE, [capacity_type]),
            ]),
            price: Price::per_hour(price),
            available: true,
            reservation_capacity: 0,
            capacity_override: None,
            overhead_override: None,
        };
        change(&mut offering);
        self.it.offerings.push(offering);
        self.widen(labels::ZONE, zone);
        self.widen(labels::CAPACITY_TYPE, capacity_type);
        self
    }

    fn widen(&mut self, key: &str, value: &str) {
        let known = self.it.requirements.get(key).map(|known| known.values().to_vec());
        let values = known.unwrap_or_default().into_iter().chain([Arc::from(value)]);
        self.it.requirements.replace(Requirement::in_values(key, values));
    }
}
