//! Devices: parts of a machine, or reachable from it, that pods get for themselves or share by measure.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use super::ids::NodeName;
use super::pod::NodeSelectorTerm;
use super::quantity::Quantity;
use super::taints::Taint;

/// Identity of a device in the cluster. Prints as `driver/pool/device`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeviceId {
    /// The driver that manages it.
    pub driver: Arc<str>,
    /// The pool of the driver it belongs to.
    pub pool: Arc<str>,
    /// Its name, unique in the pool.
    pub device: Arc<str>,
}

impl DeviceId {
    /// The device called `device` in `pool` of `driver`.
    pub fn new(
        driver: impl Into<Arc<str>>,
        pool: impl Into<Arc<str>>,
        device: impl Into<Arc<str>>,
    ) -> Self {
        Self { driver: driver.into(), pool: pool.into(), device: device.into() }
    }
}

impl fmt::Display for DeviceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.driver, self.pool, self.device)
    }
}

/// One device as its driver describes it.
///
/// Source: Kubernetes API (`resource.k8s.io/v1`, `Device`).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Device {
    /// Name, unique in the pool.
    pub name: Arc<str>,
    /// Attributes by the name the driver wrote: `domain/id`, or an id alone, whose domain is the driver.
    pub attributes: BTreeMap<Arc<str>, AttributeValue>,
    /// Amounts by dimension, named like attributes.
    pub capacity: BTreeMap<Arc<str>, DeviceCapacity>,
    /// What it takes from the counters of its pool while it is in use.
    pub consumes: Vec<CounterUse>,
    /// Several claims may have parts of it at a time, as far as its capacity goes.
    pub is_shareable: bool,
    /// Who may use it, as long as they do not tolerate these.
    pub taints: Vec<Taint>,
    /// Where it can be reached from; `None` when its slice says so for all.
    pub reach: Option<Reach>,
}

/// Where devices can be reached from.
///
/// Source: Kubernetes API (`nodeName`, `allNodes` and `nodeSelector` of a ResourceSlice and of its devices).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    /// One node.
    Node(NodeName),
    /// All nodes.
    Everywhere,
    /// Nodes that one of these terms selects.
    Selected(Vec<NodeSelectorTerm>),
    /// Every device says so itself.
    PerDevice,
    /// The slice does not say: it only declares counters.
    Unsaid,
}

/// The value of an attribute. Values of different types are never equal.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum AttributeValue {
    /// A truth value.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A text.
    Text(Arc<str>),
    /// A semantic version.
    Version(Arc<str>),
}

/// How much a device has of one dimension.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceCapacity {
    /// All of it.
    pub value: Quantity,
    /// How much of it one claim may have; anything when `None`.
    pub policy: Option<RequestPolicy>,
}

/// What amounts of a dimension one claim may have.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RequestPolicy {
    /// What a claim gets that does not say; everything when `None`.
    pub default: Option<Quantity>,
    /// The only amounts there are, ascending; any when empty.
    pub valid_values: Vec<Quantity>,
    /// The range of amounts.
    pub valid_range: Option<CapacityRange>,
}

/// Amounts from a least one, in steps, up to a largest one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CapacityRange {
    /// The least amount.
    pub min: Quantity,
    /// The largest amount.
    pub max: Option<Quantity>,
    /// What amounts differ by.
    pub step: Option<Quantity>,
}

/// Amounts that devices of a pool share between them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CounterSet {
    /// Name, unique in the pool.
    pub name: Arc<str>,
    /// Amounts by counter.
    pub counters: BTreeMap<Arc<str>, Quantity>,
}

/// What a device takes from one set of counters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CounterUse {
    /// The set.
    pub set: Arc<str>,
    /// Amounts by counter.
    pub counters: BTreeMap<Arc<str>, Quantity>,
}
