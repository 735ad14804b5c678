//! Volumes: every pod with a place has its claims, reaches its volumes, and its node can attach them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{Finding, Violation};
use crate::api::labels;
use crate::decide::scheduling::input::SchedulingInput;
use crate::decide::scheduling::plan::{SchedulingPlan, Target};
use crate::model::ids::{ObjectKey, PodKey};
use crate::model::persistent_volume::{PersistentVolume, VolumeSource};
use crate::model::persistent_volume_claim::PersistentVolumeClaim;
use crate::model::pod::{Pod, PodVolumeClaim};
use crate::model::requirement::{Operator, Requirement};
use crate::model::requirements::Requirements;
use crate::state::StateNode;

pub(super) fn check(
    input: &SchedulingInput,
    pods: &BTreeMap<&PodKey, &Pod>,
    plan: &SchedulingPlan,
    findings: &mut Vec<Finding>,
) {
    let own = |keys: &[PodKey]| -> Vec<&Pod> {
        keys.iter().filter_map(|key| pods.get(key).copied()).collect()
    };
    for claim in &plan.claims {
        let about = format!("nodeclaim/{}", claim.name);
        let guarantees = |wanted: &Requirement| match claim.requirements.get(wanted.key().as_str())
        {
            Some(have) => have.intersection(wanted) == *have,
            None if wanted.key().as_str() == labels::HOSTNAME => wanted.complement(),
            None => wanted.allows_absence(),
        };
        let lost = own(&claim.pods).into_iter().filter(|pod| !reaches(input, pod, guarantees));
        let violations = lost.map(|pod| Violation::Volumes(pod.key.clone()));
        findings.extend(violations.map(|violation| Finding { about: about.clone(), violation }));
    }
    for placement in &plan.placements {
        let about = placement.target.to_string();
        let name = match &placement.target {
            Target::Node(name) => name.as_str(),
            Target::Claim(name) => name.as_str(),
        };
        let Some(node) = input.nodes.iter().find(|node| node.name() == name) else { continue };
        let labels = node.labels().iter().map(|(key, value)| (&**key, &**value));
        let mut labels = Requirements::from_labels(labels, &input.normalization);
        labels.add(Requirement::in_values(labels::HOSTNAME, [node.hostname()]));
        // A label the node lacks counts as known once a pod has spoken of it: that is not judged.
        let has = |wanted: &Requirement| match labels.get(wanted.key().as_str()) {
            Some(have) => have.has_intersection(wanted),
            None => wanted.allows_absence() || !input.well_known.contains(wanted.key().as_str()),
        };
        let pods = own(&placement.pods);
        let lost = pods.iter().filter(|pod| !reaches(input, pod, has));
        let lost = lost.map(|pod| Violation::Volumes(pod.key.clone()));
        let limits = exceeded(input, node, &pods).map(Violation::VolumeLimit);
        let violations = lost.chain(limits);
        findings.extend(violations.map(|violation| Finding { about: about.clone(), violation }));
    }
}

fn key_of(pod: &Pod, claim: &PodVolumeClaim) -> ObjectKey {
    ObjectKey::new(pod.key.namespace.clone(), claim.name.clone())
}

/// Whether some volume of the pod asks for the label `key`.
pub(super) fn speak_of(input: &SchedulingInput, pod: &Pod, key: &str) -> bool {
    let terms = pod.volume_claims.iter().filter_map(|of_pod| terms(input, pod, of_pod));
    terms.flatten().flatten().any(|asked| asked.key().as_str() == key)
}

/// Whether every claim of the pod can be had and its volume reached from a bin for which `holds` tells what is sure.
fn reaches(input: &SchedulingInput, pod: &Pod, holds: impl Fn(&Requirement) -> bool) -> bool {
    pod.volume_claims.iter().all(|of_pod| {
        let terms = terms(input, pod, of_pod);
        terms.is_some_and(|terms| {
            terms.is_empty() || terms.iter().any(|term| term.iter().all(&holds))
        })
    })
}

/// From where the volume of a claim can be reached, none meaning anywhere; `None` when it cannot be had.
fn terms(
    input: &SchedulingInput,
    pod: &Pod,
    of_pod: &PodVolumeClaim,
) -> Option<Vec<Vec<Requirement>>> {
    let claim = input.storage.claims.get(&key_of(pod, of_pod))?;
    let moves = pod.node_name.is_some();
    let is_own = !of_pod.is_ephemeral || claim.controller.as_ref() == Some(&pod.uid);
    let volume_name = claim.volume_name.as_ref().filter(|_| !(of_pod.is_ephemeral && moves));
    let volume = match volume_name {
        Some(name) => Some(input.storage.volumes.get(name)?),
        None => None,
    };
    let is_ready = moves || is_ready(input, claim, volume.map(|volume| &**volume));
    (is_own && is_ready).then(|| match volume {
        Some(volume) => terms_of_volume(input, volume),
        None => terms_of_class(input, claim),
    })
}

/// Whether a new node is all the claim waits for.
fn is_ready(
    input: &SchedulingInput,
    claim: &PersistentVolumeClaim,
    volume: Option<&PersistentVolume>,
) -> bool {
    let bound = volume.map(|volume| claim.bind_completed && !volume.is_terminating);
    let class = claim.storage_class.as_ref().and_then(|name| input.storage.classes.get(name));
    let waits = class.is_some_and(|class| !class.binds_immediately);
    !claim.is_terminating && !claim.is_lost && bound.unwrap_or(waits)
}

fn terms_of_volume(input: &SchedulingInput, volume: &PersistentVolume) -> Vec<Vec<Requirement>> {
    let stays = |key: &str| volume.source != VolumeSource::OfOneNode || key != labels::HOSTNAME;
    let terms = volume.node_affinity.iter().filter(|term| !term.expressions.is_empty());
    terms
        .map(|term| {
            let expressions = term.expressions.iter().filter(|one| stays(&one.key));
            let read = expressions.filter_map(|one| {
                let operator = Operator::parse(&one.operator)?;
                Some(Requirement::new(&one.key, operator, &one.values, &input.normalization))
            });
            read.collect()
        })
        .collect()
}

fn terms_of_class(input: &SchedulingInput, claim: &PersistentVolumeClaim) -> Vec<Vec<Requirement>> {
    let class = claim.storage_class.as_ref().and_then(|name| input.storage.classes.get(name));
    let terms = class.into_iter().flat_map(|class| &class.allowed_topologies);
    let read = |(key, values): &(Arc<str>, Vec<Arc<str>>)| {
        Requirement::new(key, Operator::In, values, &input.normalization)
    };
    terms.filter(|term| !term.is_empty()).map(|term| term.iter().map(read).collect()).collect()
}

/// The first driver that would have more volumes on the node than it may.
fn exceeded(input: &SchedulingInput, node: &StateNode, pods: &[&Pod]) -> Option<String> {
    let limits = &input.storage.csi_nodes.get(&node.node.as_ref()?.name)?.limits;
    let bound = node.usage.pods.values().map(|pod| &**pod);
    let mut used: BTreeMap<String, BTreeSet<ObjectKey>> = BTreeMap::new();
    for pod in bound.chain(pods.iter().copied()) {
        for claim in &pod.volume_claims {
            let key = key_of(pod, claim);
            if let Some(driver) = driver(input, &key) {
                used.entry(driver).or_default().insert(key);
            }
        }
    }
    let is_over = |(driver, claims): &(&String, &BTreeSet<ObjectKey>)| {
        limits.get(driver.as_str()).is_some_and(|limit| claims.len() > *limit)
    };
    used.iter().find(is_over).map(|(driver, _)| driver.clone())
}

fn driver(input: &SchedulingInput, key: &ObjectKey) -> Option<String> {
    let claim = input.storage.claims.get(key)?;
    if let Some(name) = &claim.volume_name {
        return match &input.storage.volumes.get(name)?.source {
            VolumeSource::Csi(driver) => Some(driver.to_string()),
            VolumeSource::AwsElasticBlockStore => Some("ebs.csi.aws.com".to_owned()),
            VolumeSource::OfOneNode | VolumeSource::Other => None,
        };
    }
    let class = input.storage.classes.get(claim.storage_class.as_ref()?)?;
    Some(match &*class.provisioner {
        "kubernetes.io/aws-ebs" => "ebs.csi.aws.com".to_owned(),
        other => other.to_owned(),
    })
}
