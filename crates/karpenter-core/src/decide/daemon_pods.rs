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
/// With `ignore_dra_requests` a DaemonSet that asks for devices keeps that constraint, and so takes no room; without it
/// the rest of what it asks for counts.
///
/// Source: Karpenter behaviour, daemon overhead.
pub fn observed(snapshot: &ClusterSnapshot, ignore_dra_requests: bool) -> Vec<Arc<DaemonSet>> {
    let sets = snapshot.daemon_sets.values();
    let sets = sets.map(|set| as_it_runs(set, snapshot).map_or_else(|| set.clone(), Arc::new));
    if ignore_dra_requests {
        return sets.collect();
    }
    sets.map(|set| if set.shape.unsupported.is_empty() { set } else { without_devices(&set) })
        .collect()
}

/// The DaemonSet as if it asked for no devices.
fn without_devices(set: &DaemonSet) -> Arc<DaemonSet> {
    let shape = Arc::new(PodShape { unsupported: vec![], ..(*set.shape).clone() });
    Arc::new(DaemonSet { shape, ..set.clone() })
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
