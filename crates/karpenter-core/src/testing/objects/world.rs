//! Clusters made of built objects.

use std::sync::Arc;

use super::at;
use crate::model::chunk_source::ChunkSourceKind;
use crate::model::node::Node;
use crate::model::node_claim::NodeClaim;
use crate::model::node_class::NodeClass;
use crate::model::node_pool::NodePool;
use crate::model::pod::Pod;
use crate::model::resource_slice::ResourceSlice;
use crate::model::selector_source::SelectorSourceKind;
use crate::state::{Change, ClusterEvent, ClusterSnapshot, ClusterState};

/// A cluster for one decision. Everything not put in exists in no number.
#[derive(Debug, Clone, Default)]
pub struct World {
    claims: Vec<Arc<NodeClaim>>,
    nodes: Vec<Arc<Node>>,
    pools: Vec<Arc<NodePool>>,
    classes: Vec<Arc<NodeClass>>,
    pods: Vec<Arc<Pod>>,
    slices: Vec<Arc<ResourceSlice>>,
}

impl World {
    /// An empty cluster.
    pub fn new() -> Self {
        Self::default()
    }

    /// With a claim.
    #[must_use]
    pub fn claim(mut self, claim: Arc<NodeClaim>) -> Self {
        self.claims.push(claim);
        self
    }

    /// With a node.
    #[must_use]
    pub fn node(mut self, node: Arc<Node>) -> Self {
        self.nodes.push(node);
        self
    }

    /// With a pool.
    #[must_use]
    pub fn pool(mut self, pool: Arc<NodePool>) -> Self {
        self.pools.push(pool);
        self
    }

    /// With a node class.
    #[must_use]
    pub fn class(mut self, class: NodeClass) -> Self {
        self.classes.push(Arc::new(class));
        self
    }

    /// With a pod.
    #[must_use]
    pub fn pod(mut self, pod: Arc<Pod>) -> Self {
        self.pods.push(pod);
        self
    }

    /// With a slice of devices.
    #[must_use]
    pub fn slice(mut self, slice: Arc<ResourceSlice>) -> Self {
        self.slices.push(slice);
        self
    }

    /// The state of this cluster after its lists have been read at [`at`]`(0)`.
    pub fn state(&self) -> ClusterState {
        let state = ClusterState::default();
        let lists = [
            ClusterEvent::NodePool(Change::Reset(self.pools.clone())),
            ClusterEvent::NodeClass(Change::Reset(self.classes.clone())),
            ClusterEvent::NodeClaim(Change::Reset(self.claims.clone())),
            ClusterEvent::Node(Change::Reset(self.nodes.clone())),
            ClusterEvent::Pod(Change::Reset(self.pods.clone())),
            ClusterEvent::DaemonSet(Change::Reset(vec![])),
            ClusterEvent::PodDisruptionBudget(Change::Reset(vec![])),
            ClusterEvent::NodeOverlay(Change::Reset(vec![])),
            ClusterEvent::VolumeAttachment(Change::Reset(vec![])),
            ClusterEvent::PersistentVolumeClaim(Change::Reset(vec![])),
            ClusterEvent::PersistentVolume(Change::Reset(vec![])),
            ClusterEvent::StorageClass(Change::Reset(vec![])),
            ClusterEvent::CsiNode(Change::Reset(vec![])),
            ClusterEvent::ResourceClaim(Change::Reset(vec![])),
            ClusterEvent::ResourceSlice(Change::Reset(self.slices.clone())),
            ClusterEvent::DeviceClass(Change::Reset(vec![])),
            ClusterEvent::CapacityBuffer(Change::Reset(vec![])),
            ClusterEvent::Namespace(Change::Reset(vec![])),
        ];
        let sources = ChunkSourceKind::ALL;
        let sources = sources.map(|kind| ClusterEvent::ChunkSource(kind, Change::Reset(vec![])));
        let selecting = SelectorSourceKind::ALL;
        let selecting =
            selecting.map(|kind| ClusterEvent::SelectorSource(kind, Change::Reset(vec![])));
        for list in lists.into_iter().chain(sources).chain(selecting) {
            state.apply(list, at(0));
        }
        state
    }

    /// A snapshot of [`World::state`].
    pub fn snapshot(&self) -> ClusterSnapshot {
        self.state().snapshot()
    }
}
