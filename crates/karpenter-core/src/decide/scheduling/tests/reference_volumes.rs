//! Volumes written down naively: everything is looked up each time it is asked.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::reference::contradicts;
use crate::api::labels;
use crate::decide::scheduling::input::SchedulingInput;
use crate::model::ids::ObjectKey;
use crate::model::persistent_volume::VolumeSource;
use crate::model::pod::Pod;
use crate::model::requirement::{Operator, Requirement};
use crate::model::requirements::Requirements;
use crate::state::StateNode;

/// Where all volumes of a pod can be reached from: sets of which one has to hold, in the order of trying; `None` for a
/// pod that is not planned for.
pub(super) fn places(input: &SchedulingInput, pod: &Pod) -> Option<Vec<Requirements>> {
    let mut places = vec![Requirements::new()];
    for at in 0..pod.volume_claims.len() {
        let terms = terms(input, pod, at)?;
        if terms.is_empty() {
            continue;
        }
        let possible = terms.iter().filter(|term| !contradicts(term));
        let sets: Vec<Requirements> = possible.map(|term| term.iter().cloned().collect()).collect();
        let pairs = places.iter().flat_map(|place| sets.iter().map(move |set| (place, set)));
        let agree = pairs.filter(|(place, set)| place.intersects(set).is_ok());
        places = agree.map(|(place, set)| place.intersect(set)).collect();
    }
    Some(places)
}

/// Terms of one volume; none when it can be reached from anywhere.
fn terms(input: &SchedulingInput, pod: &Pod, at: usize) -> Option<Vec<Vec<Requirement>>> {
    let storage = &input.storage;
    let moves = pod.node_name.is_some();
    let of_pod = &pod.volume_claims[at];
    let key = ObjectKey::new(pod.key.namespace.clone(), of_pod.name.clone());
    let claim = storage.claims.get(&key)?;
    if of_pod.is_ephemeral && claim.controller.as_ref() != Some(&pod.uid) {
        return None;
    }
    if !moves && (claim.is_terminating || claim.is_lost) {
        return None;
    }
    if let (Some(name), false) = (&claim.volume_name, of_pod.is_ephemeral && moves) {
        let volume = storage.volumes.get(name)?;
        if !moves && (volume.is_terminating || !claim.bind_completed) {
            return None;
        }
        let mut terms = vec![];
        for term in volume.node_affinity.iter().filter(|term| !term.expressions.is_empty()) {
            let mut asked = vec![];
            for one in &term.expressions {
                if volume.source == VolumeSource::OfOneNode && &*one.key == labels::HOSTNAME {
                    continue;
                }
                let operator = Operator::parse(&one.operator).unwrap();
                let values = &one.values;
                asked.push(Requirement::new(&one.key, operator, values, &input.normalization));
            }
            terms.push(asked);
        }
        return Some(terms);
    }
    let Some(name) = &claim.storage_class else { return moves.then(Vec::new) };
    let class = storage.classes.get(name)?;
    if !moves && class.binds_immediately {
        return None;
    }
    let one = |(key, values): &(Arc<str>, Vec<Arc<str>>)| {
        Requirement::new(key, Operator::In, values, &input.normalization)
    };
    let terms = class.allowed_topologies.iter().filter(|term| !term.is_empty());
    Some(terms.map(|term| term.iter().map(one).collect()).collect())
}

/// Whether some driver would have more volumes on `node` than it may, with those of `pods` besides the bound ones.
pub(super) fn exceeds(input: &SchedulingInput, node: &StateNode, pods: &[&Pod]) -> bool {
    let Some(limits) = node.node.as_ref().and_then(|own| input.storage.csi_nodes.get(&own.name))
    else {
        return false;
    };
    let mut used: BTreeMap<String, BTreeSet<ObjectKey>> = BTreeMap::new();
    for pod in node.usage.pods.values().map(|pod| &**pod).chain(pods.iter().copied()) {
        for of_pod in &pod.volume_claims {
            let key = ObjectKey::new(pod.key.namespace.clone(), of_pod.name.clone());
            if let Some(driver) = driver(input, &key) {
                used.entry(driver).or_default().insert(key);
            }
        }
    }
    used.iter().any(|(driver, claims)| {
        limits.limits.get(driver.as_str()).is_some_and(|limit| claims.len() > *limit)
    })
}

fn driver(input: &SchedulingInput, key: &ObjectKey) -> Option<String> {
    let claim = input.storage.claims.get(key)?;
    match &claim.volume_name {
        Some(name) => match &input.storage.volumes.get(name)?.source {
            VolumeSource::Csi(driver) => Some(driver.to_string()),
            _ => None,
        },
        None => {
            let class = input.storage.classes.get(claim.storage_class.as_ref()?)?;
            Some(class.provisioner.to_string())
        }
    }
}
