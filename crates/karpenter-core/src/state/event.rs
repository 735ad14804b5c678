//! Everything that can change the cluster state.

use std::sync::Arc;

use jiff::Timestamp;

use super::collection::Change;
use crate::model::capacity_buffer::{CapacityBuffer, Room};
use crate::model::chunk_source::{ChunkSource, ChunkSourceKind};
use crate::model::csi_node::CsiNode;
use crate::model::daemon_set::DaemonSet;
use crate::model::device_class::DeviceClass;
use crate::model::disruption_budget::PodDisruptionBudget;
use crate::model::ids::{NodeClaimName, NodeName};
use crate::model::namespace::Namespace;
use crate::model::node::Node;
use crate::model::node_claim::NodeClaim;
use crate::model::node_class::NodeClass;
use crate::model::node_pool::NodePool;
use crate::model::overlay::NodeOverlay;
use crate::model::persistent_volume::PersistentVolume;
use crate::model::persistent_volume_claim::PersistentVolumeClaim;
use crate::model::pod::Pod;
use crate::model::resource_claim::ResourceClaim;
use crate::model::resource_slice::ResourceSlice;
use crate::model::selector_source::{SelectorSource, SelectorSourceKind};
use crate::model::storage_class::StorageClass;
use crate::model::volume_attachment::VolumeAttachment;

/// One change of what we know.
#[derive(Debug, Clone)]
pub enum ClusterEvent {
    /// Pods.
    Pod(Change<Pod>),
    /// Nodes.
    Node(Change<Node>),
    /// NodeClaims of this provider.
    NodeClaim(Change<NodeClaim>),
    /// NodePools of this provider.
    NodePool(Change<NodePool>),
    /// NodeOverlays.
    NodeOverlay(Change<NodeOverlay>),
    /// Node classes of this provider.
    NodeClass(Change<NodeClass>),
    /// DaemonSets.
    DaemonSet(Change<DaemonSet>),
    /// PodDisruptionBudgets.
    PodDisruptionBudget(Change<PodDisruptionBudget>),
    /// VolumeAttachments.
    VolumeAttachment(Change<VolumeAttachment>),
    /// PersistentVolumeClaims.
    PersistentVolumeClaim(Change<PersistentVolumeClaim>),
    /// PersistentVolumes.
    PersistentVolume(Change<PersistentVolume>),
    /// StorageClasses.
    StorageClass(Change<StorageClass>),
    /// CSINodes.
    CsiNode(Change<CsiNode>),
    /// ResourceClaims.
    ResourceClaim(Change<ResourceClaim>),
    /// ResourceSlices.
    ResourceSlice(Change<ResourceSlice>),
    /// DeviceClasses.
    DeviceClass(Change<DeviceClass>),
    /// CapacityBuffers.
    CapacityBuffer(Change<CapacityBuffer>),
    /// Objects of one kind whose pods a CapacityBuffer can keep room for.
    ChunkSource(ChunkSourceKind, Change<ChunkSource>),
    /// Objects of one kind that select pods.
    SelectorSource(SelectorSourceKind, Change<SelectorSource>),
    /// Namespaces.
    Namespace(Change<Namespace>),
    /// Something we intend ourselves.
    Intent(Intent),
}

/// A watched kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// `v1` Pod.
    Pod,
    /// `v1` Node.
    Node,
    /// `karpenter.sh/v1` NodeClaim.
    NodeClaim,
    /// `karpenter.sh/v1` NodePool.
    NodePool,
    /// `karpenter.sh/v1alpha1` NodeOverlay.
    NodeOverlay,
    /// The provider's node class.
    NodeClass,
    /// `apps/v1` DaemonSet.
    DaemonSet,
    /// `policy/v1` PodDisruptionBudget.
    PodDisruptionBudget,
    /// `storage.k8s.io/v1` VolumeAttachment.
    VolumeAttachment,
    /// `v1` PersistentVolumeClaim.
    PersistentVolumeClaim,
    /// `v1` PersistentVolume.
    PersistentVolume,
    /// `storage.k8s.io/v1` StorageClass.
    StorageClass,
    /// `storage.k8s.io/v1` CSINode.
    CsiNode,
    /// `resource.k8s.io/v1` ResourceClaim.
    ResourceClaim,
    /// `resource.k8s.io/v1` ResourceSlice.
    ResourceSlice,
    /// `resource.k8s.io/v1` DeviceClass.
    DeviceClass,
    /// `autoscaling.x-k8s.io/v1beta1` CapacityBuffer.
    CapacityBuffer,
    /// What a CapacityBuffer can refer to.
    ChunkSource(ChunkSourceKind),
    /// What selects pods.
    SelectorSource(SelectorSourceKind),
    /// `v1` Namespace.
    Namespace,
}

impl Kind {
    /// Every kind, in declaration order.
    pub const ALL: [Self; 26] = [
        Self::Pod,
        Self::Node,
        Self::NodeClaim,
        Self::NodePool,
        Self::NodeOverlay,
        Self::NodeClass,
        Self::DaemonSet,
        Self::PodDisruptionBudget,
        Self::VolumeAttachment,
        Self::PersistentVolumeClaim,
        Self::PersistentVolume,
        Self::StorageClass,
        Self::CsiNode,
        Self::ResourceClaim,
        Self::ResourceSlice,
        Self::DeviceClass,
        Self::CapacityBuffer,
        Self::ChunkSource(ChunkSourceKind::PodTemplate),
        Self::ChunkSource(ChunkSourceKind::Deployment),
        Self::ChunkSource(ChunkSourceKind::StatefulSet),
        Self::ChunkSource(ChunkSourceKind::ReplicaSet),
        Self::SelectorSource(SelectorSourceKind::Service),
        Self::SelectorSource(SelectorSourceKind::ReplicationController),
        Self::SelectorSource(SelectorSourceKind::ReplicaSet),
        Self::SelectorSource(SelectorSourceKind::StatefulSet),
        Self::Namespace,
    ];

    /// The name users know.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pod => "Pod",
            Self::Node => "Node",
            Self::NodeClaim => "NodeClaim",
            Self::NodePool => "NodePool",
            Self::NodeOverlay => "NodeOverlay",
            Self::NodeClass => "NodeClass",
            Self::DaemonSet => "DaemonSet",
            Self::PodDisruptionBudget => "PodDisruptionBudget",
            Self::VolumeAttachment => "VolumeAttachment",
            Self::PersistentVolumeClaim => "PersistentVolumeClaim",
            Self::PersistentVolume => "PersistentVolume",
            Self::StorageClass => "StorageClass",
            Self::CsiNode => "CSINode",
            Self::ResourceClaim => "ResourceClaim",
            Self::ResourceSlice => "ResourceSlice",
            Self::DeviceClass => "DeviceClass",
            Self::CapacityBuffer => "CapacityBuffer",
            Self::ChunkSource(kind) => kind.as_str(),
            Self::SelectorSource(kind) => kind.as_str(),
            Self::Namespace => "Namespace",
        }
    }
}

/// Something we have decided and other decisions must respect until the cluster shows it.
#[derive(Debug, Clone, PartialEq)]
pub enum Intent {
    /// Pods will be bound to this node; it must not be disrupted before `until`. Extends, never shortens.
    NominateNode {
        /// The node.
        node: NodeName,
        /// End of the nomination.
        until: Timestamp,
    },
    /// Pods will be bound to the node of this claim, which does not exist yet.
    NominateClaim {
        /// The claim.
        claim: NodeClaimName,
        /// End of the nomination.
        until: Timestamp,
    },
    /// A claim has been created for these pods; they are not planned again while it is being launched.
    PlanPods {
        /// The claim.
        claim: NodeClaimName,
        /// Its pods, as they were planned.
        pods: Vec<Arc<Pod>>,
    },
    /// What the last round of planning made of all CapacityBuffers; replaces what the one before it made.
    KeepRoom(Arc<Room>),
    /// The claim was not created after all.
    ForgetClaim(NodeClaimName),
    /// A disruption command is about to delete this claim: plan its pods elsewhere.
    MarkForDeletion(NodeClaimName),
    /// The command was given up.
    UnmarkForDeletion(NodeClaimName),
}
