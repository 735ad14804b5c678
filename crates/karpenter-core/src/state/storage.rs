//! What volumes of pods refer to.

use super::collection::Collection;
use crate::model::csi_node::CsiNode;
use crate::model::persistent_volume::PersistentVolume;
use crate::model::persistent_volume_claim::PersistentVolumeClaim;
use crate::model::storage_class::StorageClass;

/// Storage of the cluster. Cloning costs a few reference counts.
#[derive(Debug, Clone, Default)]
pub struct Storage {
    /// PersistentVolumeClaims.
    pub claims: Collection<PersistentVolumeClaim>,
    /// PersistentVolumes.
    pub volumes: Collection<PersistentVolume>,
    /// StorageClasses.
    pub classes: Collection<StorageClass>,
    /// CSINodes.
    pub csi_nodes: Collection<CsiNode>,
}
