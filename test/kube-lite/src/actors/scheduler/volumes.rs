//! What the volumes of a pod ask of its node.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};

use super::node::Bin;
use super::obstacle::Obstacle;
use super::pod::PodInfo;
use crate::actors::claim::{self, SELECTED_NODE};
use crate::actors::fit::{matches_any, matches_topologies};
use crate::actors::world::{CLAIMS, CLASSES, VOLUMES, World};
use crate::actors::write::Write;
use crate::object::{Key, list, meta_str, str_at};

/// One claim of a pod that is being scheduled.
#[derive(Debug)]
pub(super) struct Wanted {
    key: Key,
    driver: Option<String>,
    state: State,
}

#[derive(Debug)]
enum State {
    /// Bound; the volume says where it can be reached.
    Bound(Arc<Value>),
    /// Waits for the choice of a node: volumes it could take, or a class that makes one.
    Waits { claim: Arc<Value>, free: Vec<(Key, Arc<Value>)>, class: Arc<Value> },
}

/// Claims of a pod.
///
/// # Errors
/// Why the pod cannot go anywhere yet.
pub(super) fn wanted(world: &World, pod: &PodInfo) -> Result<Vec<Wanted>, String> {
    pod.claims.iter().map(|key| want(world, key)).collect()
}

fn want(world: &World, key: &Key) -> Result<Wanted, String> {
    let claim = world.objects(CLAIMS).get(key);
    let claim = claim.filter(|claim| !crate::object::is_terminating(claim));
    let Some(claim) = claim else {
        return Err(format!("persistentvolumeclaim {:?} not found", key.name));
    };
    let driver = driver(world, claim);
    let key = key.clone();
    if let Some(volume) = claim::volume_name(claim) {
        let found = world.objects(VOLUMES).get(&Key::new("", volume));
        let volume = found.ok_or_else(|| format!("persistentvolume {volume:?} not found"))?;
        return Ok(Wanted { key, driver, state: State::Bound(volume.clone()) });
    }
    let class = str_at(claim, "/spec/storageClassName").unwrap_or("");
    let class = world.objects(CLASSES).get(&Key::new("", class));
    let class = class.filter(|class| claim::waits_for_consumer(class));
    let class = class.ok_or("pod has unbound immediate PersistentVolumeClaims")?;
    let free = claim::candidates(world.objects(VOLUMES), claim);
    let free = free.into_iter().map(|(key, volume)| (key.clone(), volume.clone())).collect();
    let state = State::Waits { claim: claim.clone(), free, class: class.clone() };
    Ok(Wanted { key, driver, state })
}

/// Driver of a claim's volume, known or to be made.
fn driver(world: &World, claim: &Value) -> Option<String> {
    if let Some(volume) = claim::volume_name(claim) {
        let volume = world.objects(VOLUMES).get(&Key::new("", volume))?;
        return str_at(volume, "/spec/csi/driver").map(str::to_owned);
    }
    let class = Key::new("", str_at(claim, "/spec/storageClassName")?);
    world.objects(CLASSES).get(&class)?.get("provisioner")?.as_str().map(str::to_owned)
}

/// Notes the volumes of a pod that is on a node.
pub(super) fn place(world: &World, pod: &PodInfo, bin: &mut Bin) {
    for key in &pod.claims {
        let driver = world.objects(CLAIMS).get(key).and_then(|claim| driver(world, claim));
        if let Some(driver) = driver {
            bin.volumes.entry(driver).or_default().insert(key.clone());
        }
    }
}

/// Why a node does not take these volumes.
pub(super) fn obstacle(wanted: &[Wanted], bin: &Bin) -> Option<Obstacle> {
    let mut more: BTreeMap<&str, usize> = BTreeMap::new();
    for claim in wanted {
        let Some(driver) = claim.driver.as_deref() else { continue };
        let here = bin.volumes.get(driver).is_some_and(|claims| claims.contains(&claim.key));
        *more.entry(driver).or_default() += usize::from(!here);
    }
    let full = |(driver, more): (&&str, &usize)| {
        let used = bin.volumes.get(*driver).map_or(0, |claims| claims.len());
        *more > 0 && bin.limits.get(*driver).is_some_and(|limit| used + more > *limit)
    };
    if more.iter().any(full) {
        return Some(Obstacle::VolumeLimit);
    }
    wanted.iter().find_map(|claim| match &claim.state {
        State::Bound(volume) => (!reaches(volume, &bin.object)).then_some(Obstacle::VolumeAffinity),
        State::Waits { free, class, .. } => {
            let made = claim::provisions(class)
                && matches_topologies(list(class, "/allowedTopologies"), &bin.object);
            let found = free.iter().any(|(_, volume)| reaches(volume, &bin.object));
            (!made && !found).then_some(Obstacle::NoVolume)
        }
    })
}

/// Whether a node is one from which the volume can be reached.
fn reaches(volume: &Value, node: &Value) -> bool {
    let required = volume.pointer("/spec/nodeAffinity/required").filter(|r| r.is_object());
    required.is_none_or(|required| matches_any(list(required, "/nodeSelectorTerms"), node))
}

/// Node that was chosen for the waiting claims before.
pub(super) fn selected_node(wanted: &[Wanted]) -> Option<&str> {
    wanted.iter().find_map(|claim| match &claim.state {
        State::Bound(_) => None,
        State::Waits { claim, .. } => annotation(claim),
    })
}

fn annotation(claim: &Value) -> Option<&str> {
    claim.get("metadata")?.get("annotations")?.get(SELECTED_NODE)?.as_str()
}

/// Whether every claim has its volume.
pub(super) fn all_bound(wanted: &[Wanted]) -> bool {
    wanted.iter().all(|claim| matches!(claim.state, State::Bound(_)))
}

/// Writes that get the waiting claims their volumes on the chosen node.
pub(super) fn provision(wanted: &[Wanted], bin: &Bin) -> Vec<Write> {
    let write = |claim: &Wanted| match &claim.state {
        State::Bound(_) => None,
        State::Waits { claim: object, free, .. } => {
            match free.iter().find(|(_, volume)| reaches(volume, &bin.object)) {
                Some((_, volume)) if volume.pointer("/spec/claimRef").is_some() => None,
                Some((key, volume)) => Some(claim::reserve(key, volume, &claim.key, object)),
                None => select(&claim.key, object, &bin.name),
            }
        }
    };
    wanted.iter().filter_map(write).collect()
}

fn select(key: &Key, claim: &Value, node: &str) -> Option<Write> {
    (annotation(claim) != Some(node)).then(|| Write::Patch {
        kind: CLAIMS,
        key: key.clone(),
        status: false,
        body: json!({"metadata": {
            "resourceVersion": meta_str(claim, "resourceVersion"),
            "annotations": {SELECTED_NODE: node},
        }}),
    })
}
