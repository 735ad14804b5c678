//! What DaemonSets will run on a node: as their newest pod shows it, for admission and vertical autoscalers change
//! pods, not templates.

use std::sync::Arc;

use crate::model::daemon_set::DaemonSet;
use crate::model::pod::PodShape;
use crate::state::ClusterSnapshot;

#[cfg(test)]
mod tests;

/// The DaemonSets of the cluster in key order, each with constraints and requests of its newest pod, if it has one.
///
/// The required node affinity stays that of the template, if it has any: the controller of DaemonSets narrows that of
/// a pod to one node.
///
/// Source: Karpenter behaviour, daemon overhead.
pub fn observed(snapshot: &ClusterSnapshot) -> Vec<Arc<DaemonSet>> {
    let sets = snapshot.daemon_sets.values();
    sets.map(|set| as_it_runs(set, snapshot).map_or_else(|| set.clone(), Arc::new)).collect()
}

/// `None` for a DaemonSet without pods.
fn as_it_runs(set: &DaemonSet, snapshot: &ClusterSnapshot) -> Option<DaemonSet> {
    let pod = snapshot.pods.get(snapshot.daemon_pods.newest(&set.uid)?)?;
    let of_template = &set.shape.required_node_affinity;
    let shape = if of_template.is_empty() {
        pod.shape.clone()
    } else {
        let required_node_affinity = of_template.clone();
        Arc::new(PodShape { required_node_affinity, ..(*pod.shape).clone() })
    };
    Some(DaemonSet { shape, requests: pod.requests.clone(), ..set.clone() })
}
