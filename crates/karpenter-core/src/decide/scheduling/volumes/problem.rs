//! Why a volume of a pod cannot be had, as data.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use crate::model::ids::ObjectKey;
use crate::model::persistent_volume_claim::BIND_COMPLETED;
use crate::model::requirements::UnsupportedOperator;

/// A claim of a pod that stands in the way of planning for it.
///
/// Source: Karpenter behaviour, volumes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VolumeProblem {
    /// The claim.
    pub claim: ObjectKey,
    /// The PersistentVolume it names.
    pub volume: Option<Arc<str>>,
    /// The StorageClass it names.
    pub class: Option<Arc<str>>,
    /// What is wrong.
    pub fault: VolumeFault,
}

/// What is wrong with a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VolumeFault {
    /// There is no such claim.
    ClaimNotFound,
    /// An ephemeral volume finds a claim of its name that belongs to somebody else.
    ForeignClaim,
    /// The claim is being deleted.
    ClaimTerminating,
    /// The claim has lost its volume.
    ClaimLost,
    /// There is no such volume.
    VolumeNotFound,
    /// The volume is being deleted.
    VolumeTerminating,
    /// The claim names a volume, but the binding is not complete.
    NotBound,
    /// The claim is not bound and has no class that could make a volume.
    NoStorageClass,
    /// There is no such class.
    StorageClassNotFound,
    /// The claim should be bound, its class does not wait for a pod.
    ImmediateBinding,
    /// The class makes volumes only where no node will be.
    TopologyKey(Arc<str>),
    /// Nodes cannot attach volumes of this driver.
    Provisioner(Arc<str>),
    /// The node affinity of the volume has an operator nobody knows.
    Operator(UnsupportedOperator),
}

impl fmt::Display for VolumeProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.head(f)?;
        let mut facts = BTreeMap::from([("PersistentVolumeClaim", self.claim.to_string())]);
        facts.extend(self.volume.as_ref().map(|name| ("PersistentVolume", name.to_string())));
        facts.extend(self.class.as_ref().map(|name| ("StorageClass", name.to_string())));
        facts.extend(self.fault.fact());
        let facts: Vec<String> =
            facts.iter().map(|(key, value)| format!("{key}={value}")).collect();
        write!(f, " ({})", facts.join(", "))
    }
}

impl VolumeFault {
    /// What has to be known besides the objects.
    fn fact(&self) -> Option<(&'static str, String)> {
        match self {
            Self::NotBound => Some(("annotation", BIND_COMPLETED.to_owned())),
            Self::TopologyKey(key) => Some(("TopologyKey", key.to_string())),
            Self::Provisioner(name) => Some(("Provisioner", name.to_string())),
            Self::ClaimNotFound
            | Self::ForeignClaim
            | Self::ClaimTerminating
            | Self::ClaimLost
            | Self::VolumeNotFound
            | Self::VolumeTerminating
            | Self::NoStorageClass
            | Self::StorageClassNotFound
            | Self::ImmediateBinding
            | Self::Operator(_) => None,
        }
    }
}

impl VolumeProblem {
    /// The sentence upstream says, without its facts.
    fn head(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let named = |name: &Option<Arc<str>>| name.clone().unwrap_or_default();
        match &self.fault {
            VolumeFault::ClaimNotFound => write!(
                f,
                "getting persistent volume claim, persistentvolumeclaims {:?} not found",
                self.claim.name
            ),
            VolumeFault::ForeignClaim => {
                f.write_str("persistentvolumeclaim was not created for the pod")
            }
            VolumeFault::ClaimTerminating => f.write_str("persistentvolumeclaim is being deleted"),
            VolumeFault::ClaimLost => {
                f.write_str("persistentvolumeclaim bound to non-existent persistentvolume")
            }
            VolumeFault::VolumeNotFound => write!(
                f,
                "failed to validate pvc, persistentvolumes {:?} not found",
                named(&self.volume)
            ),
            VolumeFault::VolumeTerminating => {
                f.write_str("failed to validate pvc, persistentvolume is being deleted")
            }
            VolumeFault::NotBound => {
                f.write_str("pvc is considered unbound because it does not contain annotation")
            }
            VolumeFault::NoStorageClass => f.write_str("unbound pvc must define a storage class"),
            VolumeFault::StorageClassNotFound => write!(
                f,
                "failed to validate pvc, failed to get storage class, storageclasses.storage.k8s.io {:?} not found",
                named(&self.class)
            ),
            VolumeFault::ImmediateBinding => f.write_str(
                "failed to validate pvc, pvc with immediate volume binding mode must be bound",
            ),
            VolumeFault::TopologyKey(_) => {
                f.write_str("failed to validate pvc, storage class uses unsupported topology key")
            }
            VolumeFault::Provisioner(_) => {
                f.write_str("failed to validate pvc, provisioner is not supported")
            }
            VolumeFault::Operator(why) => write!(f, "failed to validate pvc, {why}"),
        }
    }
}
