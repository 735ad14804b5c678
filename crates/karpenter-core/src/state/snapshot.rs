//! The state at one revision.

mod apply;

use std::collections::BTreeSet;
use std::sync::Arc;

use imbl::{OrdMap, OrdSet};

use super::bound_pods::BoundPods;
use super::chunk_sources::ChunkSources;
use super::collection::Collection;
use super::daemon_pods::DaemonPods;
use super::derived::{NodeUsage, PendingPod};
use super::devices::Devices;
use super::event::Kind;
use super::intents::Intents;
use super::revision::Revision;
use super::selector_sources::SelectorSources;
use super::state_node::StateNode;
use super::storage::Storage;
use crate::model::capacity_buffer::CapacityBuffer;
use crate::model::daemon_set::DaemonSet;
use crate::model::disruption_budget::PodDisruptionBudget;
use crate::model::ids::{NodeClaimName, NodeName, NodePoolName, PodKey, ProviderId};
use crate::model::namespace::Namespace;
use crate::model::node::Node;
use crate::model::node_claim::NodeClaim;
use crate::model::node_class::NodeClass;
use crate::model::node_pool::NodePool;
use crate::model::overlay::NodeOverlay;
use crate::model::pod::Pod;
use crate::model::resources::Resources;
use crate::model::volume_attachment::VolumeAttachment;

/// Everything decisions may look at, at one revision. Cloning costs a few reference counts.
#[derive(Debug, Clone, Default)]
pub struct ClusterSnapshot {
    /// Grows with every change.
    pub revision: Revision,
    /// All nodes, ours or not.
    pub nodes: Collection<Node>,
    /// All pods.
    pub pods: Collection<Pod>,
    /// NodeClaims of this provider.
    pub claims: Collection<NodeClaim>,
    /// NodePools of this provider.
    pub pools: Collection<NodePool>,
    /// NodeOverlays; none while their feature gate is closed.
    pub overlays: Collection<NodeOverlay>,
    /// Node classes of this provider.
    pub node_classes: Collection<NodeClass>,
    /// DaemonSets.
    pub daemon_sets: Collection<DaemonSet>,
    /// PodDisruptionBudgets.
    pub disruption_budgets: Collection<PodDisruptionBudget>,
    /// VolumeAttachments.
    pub volume_attachments: Collection<VolumeAttachment>,
    /// What volumes of pods refer to.
    pub storage: Storage,
    /// Devices that pods can claim; none while such claims are ignored.
    pub devices: Devices,
    /// CapacityBuffers; none while their feature gate is closed.
    pub buffers: Collection<CapacityBuffer>,
    /// What CapacityBuffers can refer to.
    pub chunk_sources: ChunkSources,
    /// Objects that select pods; none unless default spread constraints are configured.
    pub selector_sources: SelectorSources,
    /// Namespaces.
    pub namespaces: Collection<Namespace>,
    /// What we have decided ourselves.
    pub intents: Intents,
    /// Provisionable pods, in key order.
    pub pending: OrdMap<PodKey, PendingPod>,
    /// Bound pods by what topology decisions ask of them.
    pub bound: BoundPods,
    /// Pods of DaemonSets.
    pub daemon_pods: DaemonPods,
    usage: OrdMap<NodeName, Arc<NodeUsage>>,
    nodes_by_provider_id: OrdMap<ProviderId, OrdSet<NodeName>>,
    claims_by_provider_id: OrdMap<ProviderId, OrdSet<NodeClaimName>>,
    listed: OrdSet<Kind>,
}

impl ClusterSnapshot {
    /// Kinds whose first list has not been seen; decisions wait until there is none.
    pub fn unsynced(&self) -> Vec<Kind> {
        Kind::ALL.into_iter().filter(|kind| !self.listed.contains(kind)).collect()
    }

    /// Whether every kind has been listed at least once.
    pub fn is_synced(&self) -> bool {
        self.listed.len() == Kind::ALL.len()
    }

    /// Pods bound to `node`; empty when none are known.
    pub fn usage(&self, node: &NodeName) -> Arc<NodeUsage> {
        self.usage.get(node).cloned().unwrap_or_default()
    }

    /// Nodes with this provider id, in name order; one unless something is wrong.
    pub fn nodes_of(&self, id: &ProviderId) -> Vec<&Arc<Node>> {
        let names = self.nodes_by_provider_id.get(id).into_iter().flatten();
        names.filter_map(|name| self.nodes.get(name)).collect()
    }

    /// The only node with this provider id.
    pub fn node_of(&self, id: &ProviderId) -> Option<&Arc<Node>> {
        match self.nodes_of(id).as_slice() {
            [node] => Some(*node),
            _ => None,
        }
    }

    /// Claims with this provider id, in name order; one unless something is wrong.
    pub fn claims_of(&self, id: &ProviderId) -> Vec<&Arc<NodeClaim>> {
        let names = self.claims_by_provider_id.get(id).into_iter().flatten();
        names.filter_map(|name| self.claims.get(name)).collect()
    }

    /// The only claim with the provider id of `node`.
    pub fn claim_of(&self, node: &Node) -> Option<&Arc<NodeClaim>> {
        match self.claims_of(node.provider_id.as_ref()?).as_slice() {
            [claim] => Some(*claim),
            _ => None,
        }
    }

    /// Every node joined with its claim, and every claim without node, ordered by the name shown to users.
    pub fn state_nodes(&self) -> Vec<StateNode> {
        let mut joined: Vec<StateNode> = Vec::with_capacity(self.nodes.len() + self.claims.len());
        let mut seen = BTreeSet::new();
        for node in self.nodes.values() {
            let claim = self.claim_of(node).cloned();
            if let Some(claim) = &claim {
                seen.insert(claim.name.clone());
            }
            joined.push(self.join(Some(node.clone()), claim));
        }
        for claim in self.claims.values().filter(|claim| !seen.contains(&claim.name)) {
            joined.push(self.join(None, Some(claim.clone())));
        }
        joined.sort_by(|a, b| a.name().cmp(b.name()));
        joined
    }

    /// What counts against the limits of `pool`: capacity of its nodes that stay, requests of its claims that
    /// are being launched, and their number as `nodes`.
    ///
    /// Source: Karpenter behaviour (NodePool resources). Differs: claims being launched count.
    pub fn pool_usage(&self, pool: &NodePoolName) -> Resources {
        let mut used = Resources::default();
        for node in self.state_nodes() {
            if node.is_marked_for_deletion() || node.pool().as_ref() != Some(pool) {
                continue;
            }
            used.add_in_place(&node.capacity());
            if let (None, Some(claim)) = (node.provider_id(), &node.claim) {
                used.add_in_place(&claim.requests);
            }
        }
        used
    }

    /// Whether room for some CapacityBuffer that is still there is kept on a node.
    ///
    /// Source: Karpenter behaviour, virtual pods by node.
    pub fn keeps_room(&self, node: &NodeName, claim: &NodeClaimName) -> bool {
        let mut buffers = self.intents.buffers_on(node, claim);
        buffers.any(|buffer| self.buffers.get(buffer).is_some())
    }

    /// The joined view of one claim.
    pub fn state_node_of_claim(&self, claim: &Arc<NodeClaim>) -> StateNode {
        let node = claim.provider_id().and_then(|id| self.node_of(id)).cloned();
        self.join(node, Some(claim.clone()))
    }

    fn join(&self, node: Option<Arc<Node>>, claim: Option<Arc<NodeClaim>>) -> StateNode {
        let usage = node.as_ref().map(|node| self.usage(&node.name)).unwrap_or_default();
        let by_node = node.as_ref().and_then(|n| self.intents.node_nominated_until(&n.name));
        let by_claim = claim.as_ref().and_then(|c| self.intents.claim_nominated_until(&c.name));
        let marked = claim.as_ref().is_some_and(|c| self.intents.is_marked_for_deletion(&c.name));
        StateNode { node, claim, usage, nominated_until: by_node.max(by_claim), marked }
    }
}
