//! StorageClasses: how storage is made that does not exist yet.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::ids::{ResourceVersion, Uid};

/// One StorageClass.
///
/// Source: Kubernetes API (`storage.k8s.io/v1`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StorageClass {
    /// Name; unique in the cluster.
    pub name: Arc<str>,
    /// Uid.
    pub uid: Uid,
    /// Version of the object this was decoded from.
    pub resource_version: ResourceVersion,
    /// Who makes the volumes.
    pub provisioner: Arc<str>,
    /// `volumeBindingMode` says `Immediate`; an absent mode does not count, the API server fills it in.
    pub binds_immediately: bool,
    /// Where volumes may be made: one of these must hold; empty means anywhere.
    pub allowed_topologies: Vec<TopologyTerm>,
}

/// Storage that nodes of a provider can never reach; pods that ask for it are not planned for.
///
/// Source: Karpenter behaviour, volumes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UnsupportedStorage {
    /// Names of CSI drivers.
    pub provisioners: BTreeSet<Arc<str>>,
    /// Label keys in `allowedTopologies`, as written there.
    pub topology_keys: BTreeSet<Arc<str>>,
}

/// One alternative of `allowedTopologies`: per label key, in the order written, the values it may have.
pub type TopologyTerm = Vec<(Arc<str>, Vec<Arc<str>>)>;
