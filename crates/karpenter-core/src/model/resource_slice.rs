//! ResourceSlices: the devices that drivers publish.

use std::sync::Arc;

use super::device::{CounterSet, Device, Reach};
use super::ids::{ResourceVersion, Uid};

/// One ResourceSlice: some devices of a pool, or counters they share.
///
/// Source: Kubernetes API (`resource.k8s.io/v1`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResourceSlice {
    /// Name; unique in the cluster.
    pub name: Arc<str>,
    /// Uid.
    pub uid: Uid,
    /// Version of the object this was decoded from.
    pub resource_version: ResourceVersion,
    /// Names of the Nodes that own the slice.
    pub owner_nodes: Vec<Arc<str>>,
    /// The driver that publishes it.
    pub driver: Arc<str>,
    /// The pool it is a part of.
    pub pool: Arc<str>,
    /// Grows when the driver changes the pool; slices of lower generations are out of date.
    pub generation: i64,
    /// How many slices the pool has in this generation.
    pub n_slices: i64,
    /// From where its devices can be reached.
    pub reach: Reach,
    /// Its devices, in the order of the driver.
    pub devices: Vec<Device>,
    /// Counters for all devices of the pool.
    pub counter_sets: Vec<CounterSet>,
}
