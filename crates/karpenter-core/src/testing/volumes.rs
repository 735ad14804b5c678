//! What volumes of pods refer to.

use std::sync::Arc;

use crate::model::csi_node::CsiNode;
use crate::model::ids::ObjectKey;
use crate::model::persistent_volume::{PersistentVolume, VolumeSource};
use crate::model::persistent_volume_claim::PersistentVolumeClaim;
use crate::model::pod::{NodeSelectorExpression, NodeSelectorTerm};
use crate::model::storage_class::StorageClass;

/// A claim in namespace `default` without volume and class.
///
/// # Example
/// ```
/// # use karpenter_core::testing::volumes::volume_claim;
/// let claim = volume_claim("data").bound("v").build();
/// assert!(claim.bind_completed);
/// ```
pub fn volume_claim(name: &str) -> VolumeClaimBuilder {
    VolumeClaimBuilder(PersistentVolumeClaim {
        key: ObjectKey::new("default", name),
        uid: name.into(),
        resource_version: "1".into(),
        controller: None,
        is_terminating: false,
        is_lost: false,
        bind_completed: false,
        volume_name: None,
        storage_class: None,
    })
}

/// Makes a [`PersistentVolumeClaim`] step by step.
#[derive(Debug, Clone)]
#[must_use]
pub struct VolumeClaimBuilder(PersistentVolumeClaim);

impl VolumeClaimBuilder {
    /// Of a class.
    pub fn class(mut self, name: &str) -> Self {
        self.0.storage_class = Some(name.into());
        self
    }

    /// Bound to a volume.
    pub fn bound(mut self, volume: &str) -> Self {
        self.0.bind_completed = true;
        self.names(volume)
    }

    /// Names a volume; the binding is not complete.
    pub fn names(mut self, volume: &str) -> Self {
        self.0.volume_name = Some(volume.into());
        self
    }

    /// Controlled by the object with this uid.
    pub fn owned_by(mut self, uid: &str) -> Self {
        self.0.controller = Some(uid.into());
        self
    }

    /// Being deleted.
    pub fn terminating(mut self) -> Self {
        self.0.is_terminating = true;
        self
    }

    /// Its volume is gone.
    pub fn lost(mut self) -> Self {
        self.0.is_lost = true;
        self
    }

    /// The claim.
    pub fn build(self) -> Arc<PersistentVolumeClaim> {
        Arc::new(self.0)
    }
}

/// A volume of the driver `disk.test` that every node can reach.
pub fn volume(name: &str) -> VolumeBuilder {
    VolumeBuilder(PersistentVolume {
        name: name.into(),
        uid: name.into(),
        resource_version: "1".into(),
        is_terminating: false,
        node_affinity: vec![],
        source: VolumeSource::Csi(DRIVER.into()),
    })
}

/// The driver of volumes and classes that say nothing else.
pub const DRIVER: &str = "disk.test";

/// Makes a [`PersistentVolume`] step by step.
#[derive(Debug, Clone)]
#[must_use]
pub struct VolumeBuilder(PersistentVolume);

impl VolumeBuilder {
    /// One more alternative of where it can be reached from.
    pub fn reached(mut self, term: impl IntoIterator<Item = NodeSelectorExpression>) -> Self {
        let expressions = term.into_iter().collect();
        self.0.node_affinity.push(NodeSelectorTerm { expressions, has_match_fields: false });
        self
    }

    /// Reached from one more zone.
    pub fn zone(self, zone: &str) -> Self {
        self.reached([super::pods::expression(crate::api::labels::ZONE, "In", [zone])])
    }

    /// Made of something else than a disk of [`DRIVER`].
    pub fn source(mut self, source: VolumeSource) -> Self {
        self.0.source = source;
        self
    }

    /// Being deleted.
    pub fn terminating(mut self) -> Self {
        self.0.is_terminating = true;
        self
    }

    /// The volume.
    pub fn build(self) -> Arc<PersistentVolume> {
        Arc::new(self.0)
    }
}

/// A class of [`DRIVER`] that waits for a pod and makes volumes anywhere.
pub fn storage_class(name: &str) -> StorageClassBuilder {
    StorageClassBuilder(StorageClass {
        name: name.into(),
        uid: name.into(),
        resource_version: "1".into(),
        provisioner: DRIVER.into(),
        binds_immediately: false,
        allowed_topologies: vec![],
    })
}

/// Makes a [`StorageClass`] step by step.
#[derive(Debug, Clone)]
#[must_use]
pub struct StorageClassBuilder(StorageClass);

impl StorageClassBuilder {
    /// Makes volumes at once.
    pub fn immediate(mut self) -> Self {
        self.0.binds_immediately = true;
        self
    }

    /// Another driver.
    pub fn provisioner(mut self, name: &str) -> Self {
        self.0.provisioner = name.into();
        self
    }

    /// One more alternative of where volumes are made: values by key.
    pub fn topology(mut self, term: &[(&str, &[&str])]) -> Self {
        let one = |(key, values): &(&str, &[&str])| {
            (Arc::from(*key), values.iter().copied().map(Arc::from).collect())
        };
        self.0.allowed_topologies.push(term.iter().map(one).collect());
        self
    }

    /// The class.
    pub fn build(self) -> Arc<StorageClass> {
        Arc::new(self.0)
    }
}

/// The CSINode of a node: limits by driver.
pub fn csi_node(node: &str, limits: &[(&str, usize)]) -> Arc<CsiNode> {
    Arc::new(CsiNode {
        name: node.into(),
        uid: node.into(),
        resource_version: "1".into(),
        limits: limits.iter().map(|(driver, max)| ((*driver).into(), *max)).collect(),
    })
}
