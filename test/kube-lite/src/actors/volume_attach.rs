//! Attaches the volumes of pods to their nodes, and detaches them afterwards.
//!
//! # Flow
//! Every node and volume that a pod on the node needs get a VolumeAttachment, which becomes
//! attached, and an entry in the node's `status.volumesAttached`. Some time after the last such
//! pod is gone the attachment is deleted.
//!
//! # Caveats
//! Volumes of a vanished node are detached after the same delay: nobody unmounts them.
//!
//! Source: Kubernetes API (attach detach controller, external attacher).

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::claim;
use super::event::fnv;
use super::pods;
use super::runner::{Controller, Plan};
use super::scheduler::claims;
use super::world::{ATTACHMENTS, CLAIMS, NODES, PODS, VOLUMES, Watched, World};
use super::write::Write;
use crate::object::{Key, is_terminating, str_at};

/// A volume on a node: node, then volume.
type Place = (String, String);

/// The actor.
#[derive(Debug)]
pub(super) struct VolumeAttach {
    /// From the end of the last pod to the detachment.
    delay: SignedDuration,
    /// Since when nobody has needed an attachment.
    idle: BTreeMap<Place, Timestamp>,
}

impl VolumeAttach {
    pub(super) fn new(delay: Duration) -> Self {
        let delay = SignedDuration::try_from(delay).unwrap_or(SignedDuration::MAX);
        Self { delay, idle: BTreeMap::new() }
    }
}

impl Controller for VolumeAttach {
    const KINDS: &'static [Watched] = &[ATTACHMENTS, PODS, CLAIMS, VOLUMES, NODES];

    fn plan(&mut self, world: &World, now: Timestamp) -> Plan {
        let mut plan = Plan::default();
        let needed = needed(world);
        let mut there = BTreeSet::new();
        let mut idle = BTreeMap::new();
        for (key, attachment) in world.objects(ATTACHMENTS) {
            let Some(place) = place(attachment) else { continue };
            there.insert(place.clone());
            if needed.contains(&place) {
                plan.writes.extend(attached(key, attachment));
                continue;
            }
            let since = self.idle.get(&place).copied().unwrap_or(now);
            idle.insert(place, since);
            let due = since.checked_add(self.delay).unwrap_or(Timestamp::MAX);
            if due > now {
                plan.wake(due);
            } else if !is_terminating(attachment) {
                let (uid, key) = (pods::uid(attachment).to_owned(), key.clone());
                let kind = ATTACHMENTS;
                plan.writes.push(Write::Delete { kind, key, uid, grace_seconds: None });
            }
        }
        self.idle = idle;
        plan.writes.extend(needed.difference(&there).filter_map(|place| attach(world, place)));
        plan.writes.extend(node_status(world));
        plan
    }
}

/// Volumes that pods need on their nodes; a pod needs them until it is gone or over.
fn needed(world: &World) -> BTreeSet<Place> {
    let mut needed = BTreeSet::new();
    for (key, pod) in world.objects(PODS).iter().filter(|(_, pod)| !pods::is_over(pod)) {
        let Some(node) = pods::node(pod) else { continue };
        if !world.objects(NODES).contains_key(&Key::new("", node)) {
            continue;
        }
        let bound = claims(pod, key).into_iter().filter_map(|key| {
            let claim = world.objects(CLAIMS).get(&key)?;
            claim::volume_name(claim).map(str::to_owned)
        });
        needed.extend(bound.map(|volume| (node.to_owned(), volume)));
    }
    needed
}

fn place(attachment: &Value) -> Option<Place> {
    let node = str_at(attachment, "/spec/nodeName")?;
    let volume = str_at(attachment, "/spec/source/persistentVolumeName")?;
    Some((node.to_owned(), volume.to_owned()))
}

fn attach(world: &World, (node, volume): &Place) -> Option<Write> {
    let object = world.objects(VOLUMES).get(&Key::new("", volume))?;
    let driver = str_at(object, "/spec/csi/driver")?;
    let handle = str_at(object, "/spec/csi/volumeHandle")?;
    let name = format!("csi-{:016x}", fnv(&format!("{handle} {driver} {node}")));
    let object = json!({
        "apiVersion": "storage.k8s.io/v1", "kind": "VolumeAttachment", "metadata": {"name": name},
        "spec": {
            "attacher": driver, "nodeName": node, "source": {"persistentVolumeName": volume}},
    });
    Some(Write::Create { kind: ATTACHMENTS, namespace: String::new(), object })
}

fn attached(key: &Key, attachment: &Value) -> Option<Write> {
    let body = pods::status_patch(attachment, &json!({"attached": true}))?;
    Some(Write::Patch { kind: ATTACHMENTS, key: key.clone(), status: true, body })
}

/// `status.volumesAttached` of every node.
fn node_status(world: &World) -> Vec<Write> {
    let mut volumes: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for attachment in world.objects(ATTACHMENTS).values() {
        let Some((node, volume)) = place(attachment) else { continue };
        let volume = world.objects(VOLUMES).get(&Key::new("", &volume));
        let csi = volume.and_then(|volume| volume.pointer("/spec/csi"));
        let Some(csi) = csi.filter(|_| attachment["status"]["attached"] == true) else { continue };
        let text = |member: &str| csi[member].as_str().unwrap_or("").to_owned();
        let name = format!("kubernetes.io/csi/{}^{}", text("driver"), text("volumeHandle"));
        volumes.entry(node).or_default().push(json!({"name": name, "devicePath": ""}));
    }
    let nodes = world.objects(NODES).iter();
    nodes
        .filter_map(|(key, node)| {
            let here = volumes.remove(&key.name);
            let status = json!({"volumesAttached": here});
            let body = pods::status_patch(node, &status)?;
            Some(Write::Patch { kind: NODES, key: key.clone(), status: true, body })
        })
        .collect()
}
