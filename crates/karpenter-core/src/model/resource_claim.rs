//! ResourceClaims: devices that pods ask for, and which ones they were given.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::device::DeviceId;
use super::device_class::DeviceSelector;
use super::ids::{NodeName, ObjectKey, ResourceVersion, Uid};
use super::pod::NodeSelectorTerm;
use super::quantity::Quantity;
use super::taints::Toleration;

/// One ResourceClaim.
///
/// Source: Kubernetes API (`resource.k8s.io/v1`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResourceClaim {
    /// Namespace and name.
    pub key: ObjectKey,
    /// Uid.
    pub uid: Uid,
    /// Version of the object this was decoded from.
    pub resource_version: ResourceVersion,
    /// What is asked for, in the order written.
    pub requests: Vec<DeviceRequest>,
    /// What must hold of devices together.
    pub constraints: Vec<DeviceConstraint>,
    /// What was given; `None` while nothing is.
    pub allocation: Option<DeviceAllocation>,
    /// Who may use it now.
    pub consumers: Vec<Consumer>,
}

/// One entry of `spec.devices.requests`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceRequest {
    /// Name, unique in the claim.
    pub name: Arc<str>,
    /// What is asked for.
    pub ask: RequestKind,
}

/// What a request asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RequestKind {
    /// These devices.
    Exactly(DeviceAsk),
    /// The first of several that can be had, each with its name.
    FirstAvailable(Vec<(Arc<str>, DeviceAsk)>),
    /// Something this version does not know.
    Unknown,
}

/// Devices of one class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceAsk {
    /// Name of the DeviceClass.
    pub class: Arc<str>,
    /// What devices must be besides.
    pub selectors: Vec<DeviceSelector>,
    /// How many.
    pub count: DeviceCount,
    /// Devices may be in use by others: for monitoring and repair.
    pub admin_access: bool,
    /// Taints of devices put up with.
    pub tolerations: Vec<Toleration>,
    /// Least amounts by dimension.
    pub capacity: BTreeMap<Arc<str>, Quantity>,
}

/// How many devices are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeviceCount {
    /// This many; at least one.
    Exact(usize),
    /// All that match, at least one.
    All,
    /// Something this version does not know, as written.
    Unknown(Arc<str>),
}

/// What must hold of the devices given for some requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceConstraint {
    /// Names of requests, or `request/subrequest`; all requests when empty.
    pub requests: Vec<Arc<str>>,
    /// The rule.
    pub rule: ConstraintRule,
}

/// A rule for several devices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConstraintRule {
    /// All have an attribute of this name with one value.
    MatchAttribute(Arc<str>),
    /// All have an attribute of this name with different values.
    DistinctAttribute(Arc<str>),
    /// Something this version does not know.
    Unknown,
}

/// What was given to a claim.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeviceAllocation {
    /// The devices.
    pub devices: Vec<AllocatedDevice>,
    /// Where they can be used: nodes that one of these terms selects; anywhere when empty.
    pub terms: Vec<NodeSelectorTerm>,
    /// The only node where they can be used.
    pub node: Option<NodeName>,
}

/// A device that was given to a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AllocatedDevice {
    /// The device.
    pub id: DeviceId,
    /// How much of it, by dimension; `None` when all of it.
    pub consumed: Option<BTreeMap<Arc<str>, Quantity>>,
}

/// Who may use a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consumer {
    /// The object is a pod.
    pub is_pod: bool,
    /// Uid of the object.
    pub uid: Uid,
}
