//! How a snapshot follows events.

use std::sync::Arc;

use imbl::{OrdMap, OrdSet};
use jiff::Timestamp;

use super::ClusterSnapshot;
use crate::model::ids::NodeName;
use crate::model::node::Node;
use crate::model::node_claim::NodeClaim;
use crate::model::pod::Pod;
use crate::state::collection::{Change, Tracked};
use crate::state::derived::{NodeUsage, PendingPod};
use crate::state::event::{ClusterEvent, Kind};

impl ClusterSnapshot {
    pub(in crate::state) fn apply(&mut self, event: ClusterEvent, now: Timestamp) {
        self.revision.0 += 1;
        match event {
            ClusterEvent::Pod(change) => self.apply_pods(change, now),
            ClusterEvent::Node(change) => self.apply_nodes(change, now),
            ClusterEvent::NodeClaim(change) => self.apply_claims(change, now),
            ClusterEvent::NodePool(change) => {
                self.note_list(Kind::NodePool, &change);
                self.pools.apply(change, now);
            }
            ClusterEvent::NodeOverlay(change) => {
                self.note_list(Kind::NodeOverlay, &change);
                self.overlays.apply(change, now);
            }
            ClusterEvent::NodeClass(change) => {
                self.note_list(Kind::NodeClass, &change);
                self.node_classes.apply(change, now);
            }
            ClusterEvent::DaemonSet(change) => {
                self.note_list(Kind::DaemonSet, &change);
                self.daemon_sets.apply(change, now);
            }
            ClusterEvent::PodDisruptionBudget(change) => {
                self.note_list(Kind::PodDisruptionBudget, &change);
                self.disruption_budgets.apply(change, now);
            }
            ClusterEvent::VolumeAttachment(change) => {
                self.note_list(Kind::VolumeAttachment, &change);
                self.volume_attachments.apply(change, now);
            }
            ClusterEvent::PersistentVolumeClaim(change) => {
                self.note_list(Kind::PersistentVolumeClaim, &change);
                self.storage.claims.apply(change, now);
            }
            ClusterEvent::PersistentVolume(change) => {
                self.note_list(Kind::PersistentVolume, &change);
                self.storage.volumes.apply(change, now);
            }
            ClusterEvent::StorageClass(change) => {
                self.note_list(Kind::StorageClass, &change);
                self.storage.classes.apply(change, now);
            }
            ClusterEvent::CsiNode(change) => {
                self.note_list(Kind::CsiNode, &change);
                self.storage.csi_nodes.apply(change, now);
            }
            ClusterEvent::ResourceClaim(change) => {
                self.note_list(Kind::ResourceClaim, &change);
                self.devices.claims.apply(change, now);
            }
            ClusterEvent::ResourceSlice(change) => {
                self.note_list(Kind::ResourceSlice, &change);
                self.devices.slices.apply(change, now);
            }
            ClusterEvent::DeviceClass(change) => {
                self.note_list(Kind::DeviceClass, &change);
                self.devices.classes.apply(change, now);
            }
            ClusterEvent::CapacityBuffer(change) => {
                self.note_list(Kind::CapacityBuffer, &change);
                self.buffers.apply(change, now);
            }
            ClusterEvent::ChunkSource(kind, change) => {
                self.note_list(Kind::ChunkSource(kind), &change);
                self.chunk_sources.apply(kind, change, now);
            }
            ClusterEvent::SelectorSource(kind, change) => {
                self.note_list(Kind::SelectorSource(kind), &change);
                self.selector_sources.apply(kind, change, now);
            }
            ClusterEvent::Namespace(change) => {
                self.note_list(Kind::Namespace, &change);
                self.namespaces.apply(change, now);
            }
            ClusterEvent::Intent(intent) => self.intents.apply(intent),
        }
    }

    /// Drops intentions whose time is over.
    pub(in crate::state) fn expire(&mut self, now: Timestamp) {
        self.intents.expire(now);
        self.nodes.expire(now);
        self.claims.expire(now);
        self.pools.expire(now);
        self.overlays.expire(now);
        self.buffers.expire(now);
    }

    /// Claims we created that the watch has not shown in time.
    pub(in crate::state) fn unconfirmed_claims(&self, now: Timestamp) -> Vec<Arc<NodeClaim>> {
        self.claims.unconfirmed(now)
    }

    /// When a claim becomes unconfirmed next.
    pub(in crate::state) fn next_unconfirmed(&self) -> Option<Timestamp> {
        self.claims.next_unconfirmed()
    }

    fn note_list<V: Tracked>(&mut self, kind: Kind, change: &Change<V>) {
        if matches!(change, Change::Reset(_)) {
            self.listed.insert(kind);
        }
    }

    fn apply_pods(&mut self, change: Change<Pod>, now: Timestamp) {
        self.note_list(Kind::Pod, &change);
        for (old, new) in self.pods.apply(change, now) {
            self.reindex_pending(old.as_deref(), new.as_ref(), now);
            self.reindex_usage(old.as_deref(), new.as_ref(), now);
            if let Some(old) = &old {
                self.bound.remove(old);
                self.daemon_pods.remove(old);
            }
            if let Some(new) = &new {
                self.bound.add(new);
                self.daemon_pods.add(new);
            }
        }
    }

    fn reindex_pending(&mut self, old: Option<&Pod>, new: Option<&Arc<Pod>>, now: Timestamp) {
        match new.filter(|pod| pod.is_provisionable()) {
            Some(pod) => {
                let known = self.pending.get(&pod.key).filter(|known| known.pod.uid == pod.uid);
                let since = known.map_or(now, |known| known.since);
                self.pending.insert(pod.key.clone(), PendingPod { pod: pod.clone(), since });
            }
            None => {
                if let Some(key) = old.map(|pod| &pod.key).or(new.map(|pod| &pod.key)) {
                    self.pending.remove(key);
                }
            }
        }
    }

    fn reindex_usage(&mut self, old: Option<&Pod>, new: Option<&Arc<Pod>>, now: Timestamp) {
        let was = old.filter(|pod| !pod.is_terminal()).and_then(|pod| pod.node_name.as_ref());
        let is = new.filter(|pod| !pod.is_terminal()).and_then(|pod| pod.node_name.as_ref());
        if let (Some(node), Some(old)) = (was, old) {
            let mut usage = self.own_usage(node);
            usage.remove(&old.key);
            self.store_usage(node.clone(), usage);
        }
        if let (Some(node), Some(new)) = (is, new) {
            let mut usage = self.own_usage(node);
            usage.add(new);
            self.store_usage(node.clone(), usage);
        }
        if let Some((node, at)) = pod_event(old, new.map(AsRef::as_ref), now) {
            let mut usage = self.own_usage(&node);
            usage.touch(at);
            self.store_usage(node, usage);
        }
    }

    fn own_usage(&self, node: &NodeName) -> NodeUsage {
        self.usage.get(node).map(|usage| (**usage).clone()).unwrap_or_default()
    }

    fn store_usage(&mut self, node: NodeName, usage: NodeUsage) {
        if usage.is_empty() {
            self.usage.remove(&node);
        } else {
            self.usage.insert(node, Arc::new(usage));
        }
    }

    fn apply_nodes(&mut self, change: Change<Node>, now: Timestamp) {
        self.note_list(Kind::Node, &change);
        for (old, new) in self.nodes.apply(change, now) {
            let name = old.as_ref().or(new.as_ref()).map(|node| node.name.clone());
            let Some(name) = name else { continue };
            if let Some(id) = old.as_ref().and_then(|node| node.provider_id.as_ref()) {
                unindex(&mut self.nodes_by_provider_id, id, &name);
            }
            match new {
                Some(node) => {
                    if let Some(id) = &node.provider_id {
                        self.nodes_by_provider_id.entry(id.clone()).or_default().insert(name);
                    }
                }
                None => {
                    if self.usage.contains_key(&name) {
                        let mut usage = self.own_usage(&name);
                        usage.last_pod_event = None;
                        self.store_usage(name, usage);
                    }
                }
            }
        }
    }

    fn apply_claims(&mut self, change: Change<NodeClaim>, now: Timestamp) {
        self.note_list(Kind::NodeClaim, &change);
        for (old, new) in self.claims.apply(change, now) {
            self.reindex_claim(old.as_deref(), new.as_deref());
        }
    }

    fn reindex_claim(&mut self, old: Option<&NodeClaim>, new: Option<&NodeClaim>) {
        if let Some((claim, id)) = old.and_then(|claim| Some((claim, claim.provider_id()?))) {
            unindex(&mut self.claims_by_provider_id, id, &claim.name);
        }
        if let Some((claim, id)) = new.and_then(|claim| Some((claim, claim.provider_id()?))) {
            let names = self.claims_by_provider_id.entry(id.clone()).or_default();
            names.insert(claim.name.clone());
        }
        if let (Some(old), None) = (old, new) {
            self.intents.forget_claim(&old.name);
        }
    }
}

/// The node where something happened that restarts `consolidateAfter`, and when it happened.
///
/// Binding counts with the time the pod was bound, so a restart of this process, which sees every pod anew,
/// changes nothing.
fn pod_event(
    old: Option<&Pod>,
    new: Option<&Pod>,
    now: Timestamp,
) -> Option<(NodeName, Timestamp)> {
    let pod = new.or(old)?;
    if pod.owners.daemonset {
        return None;
    }
    let node = pod.node_name.clone()?;
    match (old, new) {
        (_, None) => Some((node, now)),
        (Some(old), Some(new)) if old.uid == new.uid => {
            let bound = old.node_name.is_none();
            let ended = new.is_terminal() && !old.is_terminal();
            let ending = new.is_terminating() && !old.is_terminating();
            if bound {
                Some((node, new.scheduled_at.unwrap_or(now)))
            } else {
                (ended || ending).then_some((node, now))
            }
        }
        (_, Some(new)) => Some((node, new.scheduled_at.or(new.started_at).unwrap_or(new.created))),
    }
}

fn unindex<K: Ord + Clone, N: Ord + Clone>(map: &mut OrdMap<K, OrdSet<N>>, key: &K, name: &N) {
    let Some(names) = map.get_mut(key) else { return };
    names.remove(name);
    if names.is_empty() {
        map.remove(key);
    }
}
