//! What volumes of pods refer to, read from the wire.

use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::model::persistent_volume::VolumeSource;
use crate::wire::Decoded;
use crate::wire::csi_node::SlimCsiNode;
use crate::wire::persistent_volume::SlimPersistentVolume;
use crate::wire::persistent_volume_claim::SlimPersistentVolumeClaim;
use crate::wire::storage_class::SlimStorageClass;

fn read<K: Decoded + DeserializeOwned>(object: Value) -> K::Model {
    let slim: K = serde_json::from_value(object).expect("the slim type reads it");
    slim.decode().expect("the object is valid")
}

#[test]
fn claim_says_who_owns_it_and_whether_it_is_bound() {
    let claim = read::<SlimPersistentVolumeClaim>(json!({
        "metadata": {
            "name": "p-scratch", "namespace": "d",
            "annotations": { "pv.kubernetes.io/bind-completed": "yes" },
            "ownerReferences": [
                { "apiVersion": "v1", "kind": "X", "name": "x", "uid": "u0" },
                { "apiVersion": "v1", "kind": "Pod", "name": "p", "uid": "u1", "controller": true },
            ],
        },
        "spec": { "volumeName": "v", "storageClassName": "" },
        "status": { "phase": "Lost" },
    }));
    assert_eq!(claim.key.to_string(), "d/p-scratch");
    assert_eq!(claim.controller, Some("u1".into()));
    assert!(claim.bind_completed && claim.is_lost && !claim.is_terminating);
    assert_eq!((claim.volume_name.as_deref(), claim.storage_class), (Some("v"), None));
    let bare = read::<SlimPersistentVolumeClaim>(json!({
        "metadata": { "name": "c", "namespace": "d", "deletionTimestamp": "2026-01-01T00:00:00Z" },
        "spec": { "storageClassName": "ssd" },
    }));
    assert!(bare.is_terminating && !bare.bind_completed && !bare.is_lost);
    assert_eq!((bare.volume_name, bare.storage_class.as_deref()), (None, Some("ssd")));
}

#[test]
fn volume_says_what_it_is_made_of_and_where_it_can_be_reached() {
    let volume = |spec: Value| {
        read::<SlimPersistentVolume>(json!({ "metadata": { "name": "v" }, "spec": spec }))
    };
    let zone = json!({ "key": "zone", "operator": "In", "values": ["a"] });
    let disk = volume(json!({
        "csi": { "driver": "disk.csi", "volumeHandle": "d-1" },
        "nodeAffinity": { "required": { "nodeSelectorTerms": [
            { "matchExpressions": [zone] }, { "matchFields": [] },
        ] } },
    }));
    assert_eq!(disk.source, VolumeSource::Csi("disk.csi".into()));
    let [first, second] = &disk.node_affinity[..] else { panic!("{disk:?}") };
    assert_eq!((&*first.expressions[0].key, second.expressions.len()), ("zone", 0));
    assert_eq!(volume(json!({ "local": { "path": "/x" } })).source, VolumeSource::OfOneNode);
    assert_eq!(volume(json!({ "hostPath": { "path": "/x" } })).source, VolumeSource::OfOneNode);
    let ebs = volume(json!({ "awsElasticBlockStore": { "volumeID": "x" } }));
    assert_eq!(ebs.source, VolumeSource::AwsElasticBlockStore);
    let share = volume(json!({ "nfs": { "server": "s", "path": "/" } }));
    assert_eq!((share.source, share.node_affinity.len()), (VolumeSource::Other, 0));
}

#[test]
fn class_says_who_makes_volumes_when_and_where() {
    let class = read::<SlimStorageClass>(json!({
        "metadata": { "name": "ssd" }, "provisioner": "disk.csi",
        "volumeBindingMode": "Immediate",
        "allowedTopologies": [{ "matchLabelExpressions": [
            { "key": "zone", "values": ["a", "b"] },
        ] }],
    }));
    assert!(class.binds_immediately && &*class.provisioner == "disk.csi");
    assert_eq!(class.allowed_topologies, [vec![("zone".into(), vec!["a".into(), "b".into()])]]);
    let bare = read::<SlimStorageClass>(json!({ "metadata": { "name": "x" }, "provisioner": "y" }));
    assert!(!bare.binds_immediately && bare.allowed_topologies.is_empty());
}

#[test]
fn only_drivers_with_a_count_are_limited() {
    let node = read::<SlimCsiNode>(json!({
        "metadata": { "name": "n" },
        "spec": { "drivers": [
            { "name": "disk.csi", "nodeID": "i", "topologyKeys": [], "allocatable": { "count": 15 } },
            { "name": "nas.csi", "nodeID": "i", "topologyKeys": null },
            { "name": "odd.csi", "nodeID": "i", "allocatable": {} },
        ] },
    }));
    assert_eq!(node.limits, [("disk.csi".into(), 15)].into());
    let bare =
        read::<SlimCsiNode>(json!({ "metadata": { "name": "n" }, "spec": { "drivers": null } }));
    assert!(bare.limits.is_empty());
}
