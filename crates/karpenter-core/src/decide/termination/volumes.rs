//! Volumes that are still attached to a node that goes away.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;

use super::order::is_drainable;
use crate::model::ids::{NodeName, ObjectKey};
use crate::model::pod::Pod;
use crate::model::volume_attachment::VolumeAttachment;
use crate::state::ClusterSnapshot;

/// PersistentVolume each PersistentVolumeClaim is bound to, as far as known.
pub type BoundVolumes = BTreeMap<ObjectKey, Arc<str>>;

/// Attachments of every node, in name order.
#[derive(Debug, Default)]
pub struct Attachments<'a> {
    by_node: BTreeMap<&'a NodeName, Vec<&'a VolumeAttachment>>,
}

impl<'a> Attachments<'a> {
    /// The attachments in `cluster`.
    pub fn of(cluster: &'a ClusterSnapshot) -> Self {
        let mut by_node: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for attachment in cluster.volume_attachments.values() {
            by_node.entry(&attachment.node_name).or_default().push(&**attachment);
        }
        Self { by_node }
    }

    /// Attachments of `node` that have to go before its instance may, in name order.
    ///
    /// Left out are those without a PersistentVolume and those of pods that stay on the node.
    ///
    /// Source: Karpenter behaviour (volume detachment).
    pub fn awaited(
        &self,
        node: &NodeName,
        pods: impl IntoIterator<Item = &'a Arc<Pod>>,
        bound: &BoundVolumes,
        now: Timestamp,
    ) -> Vec<&'a VolumeAttachment> {
        let staying = pods.into_iter().filter(|pod| !is_drainable(pod, now));
        let kept: BTreeSet<&str> = staying
            .flat_map(|pod| claims(pod))
            .filter_map(|key| Some(&**bound.get(&key)?))
            .collect();
        let attached = self.by_node.get(node).into_iter().flatten().copied();
        let is_awaited = |volume: &str| !volume.is_empty() && !kept.contains(volume);
        attached
            .filter(|attachment| attachment.persistent_volume.as_deref().is_some_and(is_awaited))
            .collect()
    }

    /// Claims whose volume decides what is awaited: those of pods that stay on nodes with attachments.
    pub fn claims_of_interest<'n>(
        &self,
        cluster: &ClusterSnapshot,
        nodes: impl IntoIterator<Item = &'n NodeName>,
        now: Timestamp,
    ) -> BTreeSet<ObjectKey> {
        let attached = nodes.into_iter().filter(|name| self.by_node.contains_key(name));
        let pods = attached
            .flat_map(|name| cluster.usage(name).pods.values().cloned().collect::<Vec<_>>());
        let staying = pods.filter(|pod| !is_drainable(pod, now));
        staying.flat_map(|pod| claims(&pod).collect::<Vec<_>>()).collect()
    }
}

fn claims(pod: &Pod) -> impl Iterator<Item = ObjectKey> {
    let namespace = &pod.key.namespace;
    pod.volume_claims.iter().map(|claim| ObjectKey::new(namespace.clone(), claim.name.clone()))
}
