//! Which labels the pods that run have, and where: what topology decisions count.

use std::sync::Arc;

use imbl::OrdMap;

use crate::model::ids::{Namespace, NodeName, PodKey};
use crate::model::label_selector::Labels;
use crate::model::pod::Pod;

/// Bound pods by namespace, labels and node, kept up to date change by change.
///
/// Cost: a selector is evaluated once per distinct set of labels, not once per pod.
#[derive(Debug, Clone, Default)]
pub struct BoundPods {
    counts: OrdMap<Namespace, OrdMap<Labels, OrdMap<NodeName, u32>>>,
    repelling: OrdMap<PodKey, Arc<Pod>>,
}

impl BoundPods {
    /// Active pods of `namespace`: labels, and how many pods with them each node has; in label and node order.
    pub fn of_namespace(
        &self,
        namespace: &Namespace,
    ) -> impl Iterator<Item = (&Labels, &OrdMap<NodeName, u32>)> {
        self.counts.get(namespace).into_iter().flatten()
    }

    /// Pods with required anti-affinity that have not ended, those being deleted included; in key order.
    pub fn repelling(&self) -> impl Iterator<Item = &Arc<Pod>> {
        self.repelling.values()
    }

    /// Counts `pod`, if it is bound and has not ended.
    pub fn add(&mut self, pod: &Arc<Pod>) {
        let Some(node) = pod.node_name.as_ref().filter(|_| !pod.is_terminal()) else { return };
        if !pod.shape.topology.anti_affinity.is_empty() {
            self.repelling.insert(pod.key.clone(), pod.clone());
        }
        if pod.is_active() {
            let labels = self.counts.entry(pod.key.namespace.clone()).or_default();
            let nodes = labels.entry(pod.shape.labels.clone()).or_default();
            *nodes.entry(node.clone()).or_default() += 1;
        }
    }

    /// Takes back what [`add`](Self::add) did with the same pod.
    pub fn remove(&mut self, pod: &Pod) {
        let Some(node) = pod.node_name.as_ref().filter(|_| !pod.is_terminal()) else { return };
        self.repelling.remove(&pod.key);
        if !pod.is_active() {
            return;
        }
        let Some(labels) = self.counts.get_mut(&pod.key.namespace) else { return };
        let Some(nodes) = labels.get_mut(&pod.shape.labels) else { return };
        match nodes.get_mut(node) {
            Some(count) if *count > 1 => *count -= 1,
            Some(_) | None => drop(nodes.remove(node)),
        }
        if nodes.is_empty() {
            labels.remove(&pod.shape.labels);
        }
        if labels.is_empty() {
            self.counts.remove(&pod.key.namespace);
        }
    }
}

#[cfg(test)]
mod tests;
