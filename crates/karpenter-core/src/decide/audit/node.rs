//! Placements on nodes that are there or under way.

use std::collections::BTreeMap;

use super::pod_view::{alternatives, clash, tolerates};
use super::{Finding, Violation, volumes};
use crate::api::labels;
use crate::decide::scheduling::input::SchedulingInput;
use crate::decide::scheduling::plan::{Placement, SchedulingPlan, Target};
use crate::model::ids::PodKey;
use crate::model::pod::{Pod, UnsupportedConstraint};
use crate::model::quantity::Quantity;
use crate::model::requirement::Requirement;
use crate::model::requirements::{AllowUndefined, Requirements};
use crate::model::resources::Resources;
use crate::state::StateNode;

pub(super) fn check(
    input: &SchedulingInput,
    pods: &BTreeMap<&PodKey, &Pod>,
    plan: &SchedulingPlan,
    findings: &mut Vec<Finding>,
) {
    for placement in &plan.placements {
        let mut found = |violation| {
            findings.push(Finding { about: placement.target.to_string(), violation });
        };
        let Some(node) = input.nodes.iter().find(|node| is_target(node, placement)) else {
            found(Violation::Unknown(placement.target.to_string()));
            continue;
        };
        let own: Vec<&Pod> = placement.pods.iter().filter_map(|p| pods.get(p).copied()).collect();
        admitted(input, node, &own, &mut found);
        has_room(input, node, &own, &mut found);
    }
}

fn is_target(node: &StateNode, placement: &Placement) -> bool {
    match &placement.target {
        Target::Node(name) => node.node.as_ref().is_some_and(|node| node.name == *name),
        Target::Claim(name) => node.claim.as_ref().is_some_and(|claim| claim.name == *name),
    }
}

fn admitted(
    input: &SchedulingInput,
    node: &StateNode,
    pods: &[&Pod],
    found: &mut impl FnMut(Violation),
) {
    let taints = node.taints();
    let labels = labels_of(input, node);
    for (at, pod) in pods.iter().enumerate() {
        if !tolerates(&pod.shape, &taints) {
            found(Violation::Taints(pod.key.clone()));
        }
        // A label the node lacks counts as known from the moment an earlier pod has spoken of it.
        let spoken = |key: &str| {
            pods[..at].iter().any(|earlier| {
                if volumes::speak_of(input, earlier, key) {
                    return true;
                }
                let terms = &earlier.shape.required_node_affinity;
                let preferred = earlier.shape.preferred_node_affinity.iter().map(|p| &p.term);
                let mut terms = terms.iter().chain(preferred);
                terms.any(|term| term.expressions.iter().any(|e| &*e.key == key))
            })
        };
        let holds = |wanted: &Requirement| match labels.get(wanted.key().as_str()) {
            Some(have) => have.has_intersection(wanted),
            None => wanted.allows_absence() || spoken(wanted.key().as_str()),
        };
        if !alternatives(&pod.shape, input).iter().any(|set| set.iter().all(holds)) {
            found(Violation::Requirements(pod.key.clone()));
        }
        let bound = node.usage.pods.values().map(|pod| &pod.shape);
        let mut others = bound.chain(pods[..at].iter().map(|pod| &pod.shape));
        if others.any(|other| clash(&pod.shape.host_ports, &other.host_ports)) {
            found(Violation::HostPorts(pod.key.clone()));
        }
    }
}

fn labels_of(input: &SchedulingInput, node: &StateNode) -> Requirements {
    let own = node.labels().iter().map(|(key, value)| (&**key, &**value));
    let mut labels = Requirements::from_labels(own, &input.normalization);
    labels.add(Requirement::in_values(labels::HOSTNAME, [node.hostname()]));
    labels
}

fn has_room(
    input: &SchedulingInput,
    node: &StateNode,
    pods: &[&Pod],
    found: &mut impl FnMut(Violation),
) {
    let (taints, labels) = (node.taints(), labels_of(input, node));
    let daemons = input.daemon_sets.iter().filter(|daemon| {
        !daemon.shape.unsupported.contains(&UnsupportedConstraint::ResourceClaim)
            && tolerates(&daemon.shape, &taints)
            && alternatives(&daemon.shape, input)
                .iter()
                .any(|set| labels.is_compatible(set, AllowUndefined::Nothing))
    });
    let available = node.available();
    // What the node does not have at all, its DaemonSets do not wait for.
    let expected = daemons.fold(Resources::new(), |sum, d| sum.add(&d.requests.with_pods(1)));
    let to_come: Resources = expected
        .subtract(&node.usage.daemon_requested)
        .iter()
        .filter(|(name, _)| available.contains(name.as_str()))
        .map(|(name, quantity)| (name.clone(), quantity.max(Quantity::ZERO)))
        .collect();
    let total = pods.iter().fold(to_come, |sum, pod| sum.add(&pod.requests.with_pods(1)));
    if !total.fits(&available) {
        found(Violation::Resources(node.name().to_owned()));
    }
}
