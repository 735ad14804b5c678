//! Devices, who publishes them and who claims them.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::quantity;
use crate::model::device::{
    AttributeValue, CounterSet, CounterUse, Device, DeviceCapacity, DeviceId, Reach, RequestPolicy,
};
use crate::model::device_class::{DeviceClass, DeviceSelector};
use crate::model::device_templates::{DeviceTemplates, SliceTemplate};
use crate::model::ids::{NodeName, ObjectKey};
use crate::model::pod::{NodeSelectorExpression, NodeSelectorTerm};
use crate::model::quantity::Quantity;
use crate::model::resource_claim::{
    AllocatedDevice, ConstraintRule, Consumer, DeviceAsk, DeviceConstraint, DeviceCount,
    DeviceRequest, RequestKind, ResourceClaim,
};
use crate::model::resource_slice::ResourceSlice;
use crate::model::taints::{Taint, TaintEffect};

/// The driver of all devices that do not say.
pub const DRIVER: &str = "gpu.example.com";

/// A device without attributes that one claim can have.
///
/// # Example
/// ```
/// # use karpenter_core::testing::devices::device;
/// let gpu = device("gpu-0").text("model", "a100").capacity("memory", "80Gi").build();
/// assert_eq!(&*gpu.name, "gpu-0");
/// ```
pub fn device(name: &str) -> DeviceBuilder {
    DeviceBuilder(Device { name: name.into(), ..Device::default() })
}

/// Makes a [`Device`] step by step.
#[derive(Debug, Clone)]
#[must_use]
pub struct DeviceBuilder(Device);

impl DeviceBuilder {
    /// An attribute that is a text.
    pub fn text(self, name: &str, value: &str) -> Self {
        self.attribute(name, AttributeValue::Text(value.into()))
    }

    /// An attribute.
    pub fn attribute(mut self, name: &str, value: AttributeValue) -> Self {
        self.0.attributes.insert(name.into(), value);
        self
    }

    /// An amount of one dimension.
    pub fn capacity(mut self, name: &str, amount: &str) -> Self {
        let capacity = DeviceCapacity { value: quantity(amount), policy: None };
        self.0.capacity.insert(name.into(), capacity);
        self
    }

    /// What amounts of all dimensions so far one claim may have.
    pub fn policy(mut self, policy: &RequestPolicy) -> Self {
        for capacity in self.0.capacity.values_mut() {
            capacity.policy = Some(policy.clone());
        }
        self
    }

    /// Several claims may have parts of it.
    pub fn shareable(mut self) -> Self {
        self.0.is_shareable = true;
        self
    }

    /// Takes something from a counter of its pool.
    pub fn consumes(mut self, set: &str, counter: &str, amount: &str) -> Self {
        let counters = BTreeMap::from([(counter.into(), quantity(amount))]);
        self.0.consumes.push(CounterUse { set: set.into(), counters });
        self
    }

    /// Nobody may use it who does not tolerate this.
    pub fn tainted(mut self, key: &str) -> Self {
        self.0.taints.push(Taint::new(key, "", TaintEffect::NoSchedule));
        self
    }

    /// The device.
    pub fn build(self) -> Device {
        self.0
    }
}

/// A set of counters.
pub fn counter_set(name: &str, counters: &[(&str, &str)]) -> CounterSet {
    let counters = counters.iter().map(|(name, amount)| ((*name).into(), quantity(amount)));
    CounterSet { name: name.into(), counters: counters.collect() }
}

/// The devices of an instance type, in a pool called `node`.
pub fn device_templates(devices: impl IntoIterator<Item = DeviceBuilder>) -> DeviceTemplates {
    let slice = SliceTemplate {
        driver: DRIVER.into(),
        pool: "node".into(),
        devices: devices.into_iter().map(DeviceBuilder::build).collect(),
        counter_sets: vec![],
    };
    DeviceTemplates { slices: vec![slice], bindings: vec![] }
}

/// The only slice of the pool of the same name, which all nodes can reach.
pub fn slice(name: &str) -> SliceBuilder {
    SliceBuilder(ResourceSlice {
        name: name.into(),
        uid: name.into(),
        resource_version: "1".into(),
        owner_nodes: vec![],
        driver: DRIVER.into(),
        pool: name.into(),
        generation: 1,
        n_slices: 1,
        reach: Reach::Everywhere,
        devices: vec![],
        counter_sets: vec![],
    })
}

/// Makes a [`ResourceSlice`] step by step.
#[derive(Debug, Clone)]
#[must_use]
pub struct SliceBuilder(ResourceSlice);

impl SliceBuilder {
    /// Of another pool, which has this many slices.
    pub fn pool(mut self, name: &str, n_slices: i64) -> Self {
        self.0.pool = name.into();
        self.0.n_slices = n_slices;
        self
    }

    /// Of another driver.
    pub fn driver(mut self, name: &str) -> Self {
        self.0.driver = name.into();
        self
    }

    /// Owned by a node, whoever can reach it.
    pub fn owned_by(mut self, node: &str) -> Self {
        self.0.owner_nodes = vec![node.into()];
        self
    }

    /// Of another generation.
    pub fn generation(mut self, generation: i64) -> Self {
        self.0.generation = generation;
        self
    }

    /// Of a node, which owns it.
    pub fn of_node(mut self, node: &str) -> Self {
        self.0.owner_nodes = vec![node.into()];
        self.0.reach = Reach::Node(NodeName::from(node));
        self
    }

    /// Within reach of nodes with one of these values of a label.
    pub fn reachable(mut self, key: &str, values: &[&str]) -> Self {
        self.0.reach = Reach::Selected(vec![term(key, values)]);
        self
    }

    /// More devices.
    pub fn devices(mut self, devices: impl IntoIterator<Item = DeviceBuilder>) -> Self {
        self.0.devices.extend(devices.into_iter().map(DeviceBuilder::build));
        self
    }

    /// Counters for all devices of the pool.
    pub fn counters(mut self, name: &str, counters: &[(&str, &str)]) -> Self {
        self.0.counter_sets.push(counter_set(name, counters));
        self
    }

    /// The slice.
    pub fn build(self) -> Arc<ResourceSlice> {
        Arc::new(self.0)
    }
}

/// A class of devices that the expression selects.
pub fn device_class(name: &str, expression: &str) -> Arc<DeviceClass> {
    Arc::new(DeviceClass {
        name: name.into(),
        uid: name.into(),
        resource_version: "1".into(),
        selectors: vec![DeviceSelector::Cel(expression.into())],
    })
}

/// This many devices of a class.
pub fn ask(class: &str, count: usize) -> DeviceAsk {
    DeviceAsk {
        class: class.into(),
        selectors: vec![],
        count: DeviceCount::Exact(count),
        admin_access: false,
        tolerations: vec![],
        capacity: BTreeMap::new(),
    }
}

/// All devices of a class.
pub fn ask_all(class: &str) -> DeviceAsk {
    DeviceAsk { count: DeviceCount::All, ..ask(class, 1) }
}

/// This much of a dimension of one device of a class.
pub fn ask_capacity(class: &str, dimension: &str, amount: &str) -> DeviceAsk {
    let capacity: BTreeMap<Arc<str>, Quantity> = [(dimension.into(), quantity(amount))].into();
    DeviceAsk { capacity, ..ask(class, 1) }
}

/// A claim in namespace `default` that asks for nothing yet.
///
/// # Example
/// ```
/// # use karpenter_core::testing::devices::{ask, resource_claim};
/// let claim = resource_claim("training").request("gpus", ask("gpu", 2)).build();
/// assert_eq!(claim.requests.len(), 1);
/// ```
pub fn resource_claim(name: &str) -> ResourceClaimBuilder {
    ResourceClaimBuilder(ResourceClaim {
        key: ObjectKey::new("default", name),
        uid: name.into(),
        resource_version: "1".into(),
        requests: vec![],
        constraints: vec![],
        allocation: None,
        consumers: vec![],
    })
}

/// Makes a [`ResourceClaim`] step by step.
#[derive(Debug, Clone)]
#[must_use]
pub struct ResourceClaimBuilder(ResourceClaim);

impl ResourceClaimBuilder {
    /// Asks for these devices too.
    pub fn request(mut self, name: &str, ask: DeviceAsk) -> Self {
        let ask = RequestKind::Exactly(ask);
        self.0.requests.push(DeviceRequest { name: name.into(), ask });
        self
    }

    /// Asks for the first of these that can be had too.
    pub fn first_available(mut self, name: &str, asks: Vec<(&str, DeviceAsk)>) -> Self {
        let asks = asks.into_iter().map(|(name, ask)| (name.into(), ask)).collect();
        let ask = RequestKind::FirstAvailable(asks);
        self.0.requests.push(DeviceRequest { name: name.into(), ask });
        self
    }

    /// Devices of these requests, or of all, must agree on an attribute.
    pub fn matching(self, requests: &[&str], attribute: &str) -> Self {
        self.constraint(requests, ConstraintRule::MatchAttribute(attribute.into()))
    }

    /// A rule for devices of these requests, or of all.
    pub fn constraint(mut self, requests: &[&str], rule: ConstraintRule) -> Self {
        let requests = requests.iter().map(|name| Arc::from(*name)).collect();
        self.0.constraints.push(DeviceConstraint { requests, rule });
        self
    }

    /// Has a device of a pool; where it can be used is not limited.
    pub fn has(mut self, pool: &str, device: &str) -> Self {
        let given = AllocatedDevice { id: DeviceId::new(DRIVER, pool, device), consumed: None };
        self.0.allocation.get_or_insert_default().devices.push(given);
        self
    }

    /// What it has can be used on nodes with one of these values of a label.
    pub fn usable(mut self, key: &str, values: &[&str]) -> Self {
        self.0.allocation.get_or_insert_default().terms.push(term(key, values));
        self
    }

    /// What it has can be used on this node only.
    pub fn usable_on(mut self, node: &str) -> Self {
        self.0.allocation.get_or_insert_default().node = Some(NodeName::from(node));
        self
    }

    /// This pod may use it.
    pub fn used_by(mut self, uid: &str) -> Self {
        self.0.consumers.push(Consumer { is_pod: true, uid: uid.into() });
        self
    }

    /// Something else than a pod may use it.
    pub fn used_otherwise(mut self) -> Self {
        self.0.consumers.push(Consumer { is_pod: false, uid: "other".into() });
        self
    }

    /// The claim.
    pub fn build(self) -> Arc<ResourceClaim> {
        Arc::new(self.0)
    }
}

fn term(key: &str, values: &[&str]) -> NodeSelectorTerm {
    let expression = NodeSelectorExpression {
        key: key.into(),
        operator: "In".into(),
        values: values.iter().map(|value| Arc::from(*value)).collect(),
    };
    NodeSelectorTerm { expressions: vec![expression], has_match_fields: false }
}
