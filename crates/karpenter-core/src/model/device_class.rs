//! DeviceClasses: kinds of devices that claims can ask for by name.

use std::sync::Arc;

use super::ids::{ResourceVersion, Uid};

/// One DeviceClass.
///
/// Source: Kubernetes API (`resource.k8s.io/v1`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceClass {
    /// Name; unique in the cluster.
    pub name: Arc<str>,
    /// Uid.
    pub uid: Uid,
    /// Version of the object this was decoded from.
    pub resource_version: ResourceVersion,
    /// All of them must select a device.
    pub selectors: Vec<DeviceSelector>,
}

/// What devices must be.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DeviceSelector {
    /// An expression of the Common Expression Language about `device`.
    Cel(Arc<str>),
    /// Something this version does not know.
    Unknown,
}
