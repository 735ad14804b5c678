//! PersistentVolumeClaims: what pods ask of storage, and whether they have it.

use std::sync::Arc;

use super::ids::{ObjectKey, ResourceVersion, Uid};

/// One PersistentVolumeClaim.
///
/// Source: Kubernetes API (`v1`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersistentVolumeClaim {
    /// Namespace and name.
    pub key: ObjectKey,
    /// Uid.
    pub uid: Uid,
    /// Version of the object this was decoded from.
    pub resource_version: ResourceVersion,
    /// Uid of the controlling owner: the pod, for the claim of an ephemeral volume.
    pub controller: Option<Uid>,
    /// It is being deleted.
    pub is_terminating: bool,
    /// Phase `Lost`: its PersistentVolume is gone.
    pub is_lost: bool,
    /// Annotated with [`BIND_COMPLETED`]: the binding to `volume_name` is complete.
    pub bind_completed: bool,
    /// `spec.volumeName`: the PersistentVolume it is, or is to be, bound to.
    pub volume_name: Option<Arc<str>>,
    /// `spec.storageClassName`; `None` when absent or empty.
    pub storage_class: Option<Arc<str>>,
}

/// Annotation of a claim whose binding is complete.
pub const BIND_COMPLETED: &str = "pv.kubernetes.io/bind-completed";
