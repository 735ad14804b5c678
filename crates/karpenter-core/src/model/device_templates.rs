//! Devices that the nodes of an instance type will have, as far as a cloud knows before there is a node.

use std::sync::Arc;

use super::device::{CounterSet, Device};

/// What drivers will publish on a node of an instance type.
///
/// Source: Karpenter behaviour, dynamic resources of an instance type.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeviceTemplates {
    /// Slices, in the order devices are tried.
    pub slices: Vec<SliceTemplate>,
    /// Attributes whose values are known only on the node, with devices that will have them in common.
    pub bindings: Vec<AttributeBinding>,
}

/// A ResourceSlice of a node that does not exist yet.
///
/// A slice with counters must not have devices; one that has both is ignored.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SliceTemplate {
    /// The driver that will publish it.
    pub driver: Arc<str>,
    /// Stands for the name of the pool, which is that of the node mostly.
    pub pool: Arc<str>,
    /// Devices.
    pub devices: Vec<Device>,
    /// Counters for all devices of the pool.
    pub counter_sets: Vec<CounterSet>,
}

/// Devices of one pool that will have the same value of an attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttributeBinding {
    /// Full name of the attribute.
    pub attribute: Arc<str>,
    /// Driver of the devices.
    pub driver: Arc<str>,
    /// Pool of the devices.
    pub pool: Arc<str>,
    /// Names of the devices, at least two.
    pub devices: Vec<Arc<str>>,
}
