//! Binds claims to volumes and makes volumes on demand.
//!
//! # Flow
//! A claim takes the smallest volume that is good enough, or its class makes one: at once, or,
//! under `WaitForFirstConsumer`, when the scheduler has chosen a node. First the volume refers to
//! the claim, then the claim to the volume, then both become `Bound`. A volume whose claim is
//! gone is `Released`; one with reclaim policy `Delete` goes too.
//!
//! # Guarantees
//! At most one write per object and pass, guarded by the version it was computed from.
//!
//! Source: Kubernetes API (persistent volume controller, external provisioner).

use jiff::Timestamp;
use serde_json::{Value, json};

use super::claim::{self, SELECTED_NODE};
use super::event::fnv;
use super::pods;
use super::runner::{Controller, Plan};
use super::world::{CLAIMS, CLASSES, NODES, VOLUMES, Watched, World};
use super::write::Write;
use crate::object::{Key, is_terminating, label, list, meta_str, str_at};

/// Annotation of a claim whose binding is complete.
const BOUND: &str = "pv.kubernetes.io/bind-completed";

/// Annotation of a volume: who made it.
const MADE_BY: &str = "pv.kubernetes.io/provisioned-by";

/// Label of a node's zone.
const ZONE: &str = "topology.kubernetes.io/zone";

/// The actor.
#[derive(Debug)]
pub(super) struct VolumeBinder;

impl Controller for VolumeBinder {
    const KINDS: &'static [Watched] = &[CLAIMS, VOLUMES, CLASSES, NODES];

    fn plan(&mut self, world: &World, _now: Timestamp) -> Plan {
        let mut plan = Plan::default();
        // A volume is promised to one claim per pass.
        let mut promised = Vec::new();
        for (key, claim) in world.objects(CLAIMS).iter().filter(|(_, c)| !is_terminating(c)) {
            if claim::volume_name(claim).is_none() {
                plan.writes.extend(bind(world, key, claim, &mut promised));
            }
        }
        for (key, volume) in world.objects(VOLUMES) {
            if !promised.contains(&key.name) {
                plan.writes.extend(settle(world, key, volume));
            }
        }
        plan
    }
}

/// The next write on a claim's way to its volume.
fn bind(world: &World, key: &Key, claim: &Value, promised: &mut Vec<String>) -> Option<Write> {
    let volumes = world.objects(VOLUMES);
    let named = str_at(claim, "/spec/volumeName").filter(|name| !name.is_empty());
    if let Some(name) = named {
        let volume = volumes.get(&Key::new("", name))?;
        return match volume.pointer("/spec/claimRef").filter(|r| r.is_object()) {
            Some(reference) if claim::refers(reference, claim) => complete(key, claim, volume),
            Some(_) => None,
            None => promise(&Key::new("", name), volume, key, claim, promised),
        };
    }
    let class = str_at(claim, "/spec/storageClassName").unwrap_or("");
    let class = world.objects(CLASSES).get(&Key::new("", class));
    let waits = class.is_some_and(|class| claim::waits_for_consumer(class));
    let candidates = claim::candidates(volumes, claim);
    let free = |(volume, _): &&(&Key, _)| !promised.contains(&volume.name);
    if let Some((volume_key, volume)) = candidates.iter().find(free) {
        let kept = volume.pointer("/spec/claimRef");
        if kept.is_some_and(|reference| reference["uid"].as_str() == Some(pods::uid(claim))) {
            return Some(Write::Patch {
                kind: CLAIMS,
                key: key.clone(),
                status: false,
                body: json!({
                    "metadata": {
                        "resourceVersion": meta_str(claim, "resourceVersion"),
                        "annotations": {BOUND: "yes"},
                    },
                    "spec": {"volumeName": volume_key.name},
                }),
            });
        }
        if kept.is_some() || !waits {
            return promise(volume_key, volume, key, claim, promised);
        }
    }
    make(world, key, claim, class?)
}

fn promise(
    volume_key: &Key,
    volume: &Value,
    key: &Key,
    claim: &Value,
    promised: &mut Vec<String>,
) -> Option<Write> {
    promised.push(volume_key.name.clone());
    Some(claim::reserve(volume_key, volume, key, claim))
}

/// The status of a claim that has its volume.
fn complete(key: &Key, claim: &Value, volume: &Value) -> Option<Write> {
    let status = json!({
        "phase": "Bound", "accessModes": volume["spec"]["accessModes"],
        "capacity": {"storage": volume["spec"]["capacity"]["storage"]},
    });
    let body = pods::status_patch(claim, &status)?;
    Some(Write::Patch { kind: CLAIMS, key: key.clone(), status: true, body })
}

/// The volume a class makes for a claim; `None` while the node is not known or too early.
fn make(world: &World, key: &Key, claim: &Value, class: &Value) -> Option<Write> {
    if !claim::provisions(class) {
        return None;
    }
    let (topology_key, zone) = topology(world, claim, class)?;
    let driver = class["provisioner"].as_str()?;
    let uid = pods::uid(claim);
    let affinity = zone.map(|zone| {
        let zone = json!({"key": topology_key, "operator": "In", "values": [zone]});
        json!({"required": {"nodeSelectorTerms": [{"matchExpressions": [zone]}]}})
    });
    let mut object = json!({
        "apiVersion": "v1", "kind": "PersistentVolume",
        "metadata": {"name": format!("pvc-{uid}"), "annotations": {MADE_BY: driver}},
        "spec": {
            "capacity": {"storage": claim.pointer("/spec/resources/requests/storage")},
            "accessModes": claim["spec"]["accessModes"],
            "volumeMode": str_at(claim, "/spec/volumeMode").unwrap_or("Filesystem"),
            "storageClassName": class["metadata"]["name"],
            "persistentVolumeReclaimPolicy": class["reclaimPolicy"].as_str().unwrap_or("Delete"),
            "claimRef": claim::reference(key, claim),
            "csi": {"driver": driver, "volumeHandle": format!("d-{:016x}", fnv(uid))},
        },
    });
    if let Some(affinity) = affinity {
        object["spec"]["nodeAffinity"] = affinity;
    }
    Some(Write::Create { kind: VOLUMES, namespace: String::new(), object })
}

/// Topology key and value of a new volume; the outer `None` means that it is too early to say.
fn topology(world: &World, claim: &Value, class: &Value) -> Option<(String, Option<String>)> {
    let allowed = list(class, "/allowedTopologies").first();
    let allowed = allowed.and_then(|term| list(term, "/matchLabelExpressions").first());
    let key = allowed.and_then(|term| term["key"].as_str()).unwrap_or(ZONE).to_owned();
    if claim::waits_for_consumer(class) {
        let node = claim.get("metadata")?.get("annotations")?.get(SELECTED_NODE)?.as_str()?;
        let node = world.objects(NODES).get(&Key::new("", node))?;
        let zone = label(node, &key).map(str::to_owned);
        return Some((key, zone));
    }
    let zones = allowed.map_or(&[][..], |term| list(term, "/values"));
    let choices = u64::try_from(zones.len()).unwrap_or_default().max(1);
    let choice = fnv(meta_str(claim, "name").unwrap_or("")) % choices;
    let zone = usize::try_from(choice).ok().and_then(|at| zones.get(at)?.as_str());
    Some((key, zone.map(str::to_owned)))
}

/// Phase of a volume, or its end.
fn settle(world: &World, key: &Key, volume: &Value) -> Option<Write> {
    let reference = volume.pointer("/spec/claimRef").filter(|reference| reference.is_object());
    let claim = reference.and_then(|reference| {
        let key = Key::new(reference["namespace"].as_str()?, reference["name"].as_str()?);
        world.objects(CLAIMS).get(&key).filter(|claim| claim::refers(reference, claim))
    });
    let held = reference.is_some_and(|r| r["uid"].as_str().is_some_and(|uid| !uid.is_empty()));
    let phase = match claim {
        Some(claim) if str_at(claim, "/spec/volumeName") == Some(&key.name) => "Bound",
        Some(_) => return None,
        None if held => "Released",
        None => "Available",
    };
    let policy = str_at(volume, "/spec/persistentVolumeReclaimPolicy");
    if phase == "Released" && policy == Some("Delete") && !is_terminating(volume) {
        let (uid, key) = (pods::uid(volume).to_owned(), key.clone());
        return Some(Write::Delete { kind: VOLUMES, key, uid, grace_seconds: None });
    }
    let body = pods::status_patch(volume, &json!({"phase": phase}))?;
    Some(Write::Patch { kind: VOLUMES, key: key.clone(), status: true, body })
}
