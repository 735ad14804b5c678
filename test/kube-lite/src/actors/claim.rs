//! Questions about claims and volumes that several actors ask.
//!
//! Source: Kubernetes API (PersistentVolumeClaim, PersistentVolume, StorageClass).

use std::sync::Arc;

use serde_json::{Value, json};

use super::pods;
use super::quantity::parse;
use super::world::{Objects, VOLUMES};
use super::write::Write;
use crate::object::{Key, is_terminating, list, meta_str, str_at};

/// Annotation by which the scheduler tells the provisioner its choice.
pub(super) const SELECTED_NODE: &str = "volume.kubernetes.io/selected-node";

/// Name of the volume of a bound claim.
pub(super) fn volume_name(claim: &Value) -> Option<&str> {
    let bound = str_at(claim, "/status/phase") == Some("Bound");
    str_at(claim, "/spec/volumeName").filter(|name| bound && !name.is_empty())
}

/// Whether claims of a class wait until a pod that uses them has a node.
pub(super) fn waits_for_consumer(class: &Value) -> bool {
    class["volumeBindingMode"] == "WaitForFirstConsumer"
}

/// Whether the class makes volumes on demand.
pub(super) fn provisions(class: &Value) -> bool {
    class["provisioner"] != "kubernetes.io/no-provisioner"
}

/// Volumes that are good enough for a claim, the smallest first; one that is kept for the claim
/// already is the only one.
pub(super) fn candidates<'a>(
    volumes: &'a Objects,
    claim: &Value,
) -> Vec<(&'a Key, &'a Arc<Value>)> {
    let wished = size(claim, "/spec/resources/requests/storage");
    let mut found: Vec<_> = volumes
        .iter()
        .filter(|(_, volume)| is_free_for(volume, claim))
        .filter(|(_, volume)| size(volume, "/spec/capacity/storage") >= wished)
        .collect();
    found.sort_by_key(|(key, volume)| (size(volume, "/spec/capacity/storage"), *key));
    if let Some(kept) = found.iter().position(|(_, v)| v.pointer("/spec/claimRef").is_some()) {
        found = vec![found[kept]];
    }
    found
}

fn is_free_for(volume: &Value, claim: &Value) -> bool {
    let text = |object: &Value, pointer: &str| str_at(object, pointer).unwrap_or("").to_owned();
    let modes = list(volume, "/spec/accessModes");
    !is_terminating(volume)
        && volume.pointer("/spec/claimRef").is_none_or(|reference| refers(reference, claim))
        && !matches!(str_at(volume, "/status/phase"), Some("Released" | "Failed"))
        && text(volume, "/spec/storageClassName") == text(claim, "/spec/storageClassName")
        && text(volume, "/spec/volumeMode") == text(claim, "/spec/volumeMode")
        && list(claim, "/spec/accessModes").iter().all(|mode| modes.contains(mode))
}

/// Whether the claim reference of a volume means this claim.
pub(super) fn refers(reference: &Value, claim: &Value) -> bool {
    let uid = reference["uid"].as_str().unwrap_or("");
    reference["name"].as_str() == meta_str(claim, "name")
        && reference["namespace"].as_str() == meta_str(claim, "namespace")
        && (uid.is_empty() || uid == pods::uid(claim))
}

/// Bytes at a pointer, in thousandths.
pub(super) fn size(object: &Value, pointer: &str) -> i128 {
    str_at(object, pointer).and_then(parse).unwrap_or_default()
}

/// A claim reference.
pub(super) fn reference(key: &Key, claim: &Value) -> Value {
    json!({
        "apiVersion": "v1", "kind": "PersistentVolumeClaim", "namespace": key.namespace,
        "name": key.name, "uid": pods::uid(claim),
    })
}

/// The write that keeps a volume for a claim.
pub(super) fn reserve(volume_key: &Key, volume: &Value, key: &Key, claim: &Value) -> Write {
    Write::Patch {
        kind: VOLUMES,
        key: volume_key.clone(),
        status: false,
        body: json!({
            "metadata": {"resourceVersion": meta_str(volume, "resourceVersion")},
            "spec": {"claimRef": reference(key, claim)},
        }),
    }
}
