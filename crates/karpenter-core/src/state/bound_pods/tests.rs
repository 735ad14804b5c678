//! What is counted of pods that run, and that it is forgotten with them.

use super::BoundPods;
use crate::model::pod::PodPhase;
use crate::testing::pod_topology::near;
use crate::testing::pods::{PodBuilder, pod};

fn running(name: &str) -> PodBuilder {
    pod(name).label("app", "x").bound_to("n")
}

/// Pods in namespace `default`, per labels and node, and pods that repel others.
fn counted(bound: &BoundPods) -> (Vec<(usize, String, u32)>, usize) {
    let namespace = "default".into();
    let of_nodes = bound.of_namespace(&namespace).flat_map(|(labels, nodes)| {
        nodes.iter().map(|(node, n)| (labels.len(), node.to_string(), *n)).collect::<Vec<_>>()
    });
    (of_nodes.collect(), bound.repelling().count())
}

#[test]
fn active_bound_pods_are_counted_by_labels_and_node() {
    let mut bound = BoundPods::default();
    for pod in [
        running("a"),
        running("b"),
        running("c").label("tier", "web"),
        running("elsewhere").namespace("other"),
        running("ending").terminating().apart(near("zone", &[])),
        running("ended").phase(PodPhase::Failed).apart(near("zone", &[])),
        pod("waiting").label("app", "x"),
    ] {
        bound.add(&pod.build());
    }
    let n = || "n".to_owned();
    assert_eq!(counted(&bound), (vec![(1, n(), 2), (2, n(), 1)], 1));
}

#[test]
fn what_was_added_can_be_removed() {
    let mut bound = BoundPods::default();
    let pods = [running("a"), running("b").apart(near("zone", &[])), running("c").terminating()];
    let pods = pods.map(PodBuilder::build);
    pods.iter().for_each(|pod| bound.add(pod));
    pods.iter().for_each(|pod| bound.remove(pod));
    assert_eq!(counted(&bound), (vec![], 0));
    bound.remove(&pods[0]);
    assert_eq!(counted(&bound), (vec![], 0));
}
