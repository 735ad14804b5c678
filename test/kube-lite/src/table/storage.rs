//! Columns of volumes and what provides them.

use serde_json::{Value, json};

use super::text::{age, or};
use super::{Sheet, boolean, integer, name, text, wide};
use crate::object::{is_terminating, list, str_at};

pub(super) const CLAIM: Sheet = Sheet {
    columns: &[
        text("Name"),
        text("Status"),
        text("Volume"),
        text("Capacity"),
        text("Access Modes"),
        text("StorageClass"),
        text("VolumeAttributesClass"),
        text("Age"),
        wide("VolumeMode"),
    ],
    cells: |object, now| {
        let bound = str_at(object, "/spec/volumeName").is_some_and(|volume| !volume.is_empty());
        let when_bound = |cell: Value| if bound { cell } else { json!("") };
        vec![
            name(object),
            phase(object),
            or(object, "/spec/volumeName", ""),
            when_bound(or(object, "/status/capacity/storage", "0")),
            when_bound(modes(object, "/status/accessModes")),
            or(object, "/spec/storageClassName", ""),
            or(object, "/spec/volumeAttributesClassName", "<unset>"),
            age(object, now),
            or(object, "/spec/volumeMode", "<unset>"),
        ]
    },
};

pub(super) const VOLUME: Sheet = Sheet {
    columns: &[
        text("Name"),
        text("Capacity"),
        text("Access Modes"),
        text("Reclaim Policy"),
        text("Status"),
        text("Claim"),
        text("StorageClass"),
        text("VolumeAttributesClass"),
        text("Reason"),
        text("Age"),
        wide("VolumeMode"),
    ],
    cells: |object, now| {
        let claim = |member| str_at(object, member).unwrap_or("").to_owned();
        let claim = match claim("/spec/claimRef/name") {
            none if none.is_empty() => none,
            name => format!("{}/{name}", claim("/spec/claimRef/namespace")),
        };
        vec![
            name(object),
            or(object, "/spec/capacity/storage", "0"),
            modes(object, "/spec/accessModes"),
            or(object, "/spec/persistentVolumeReclaimPolicy", ""),
            phase(object),
            json!(claim),
            or(object, "/spec/storageClassName", ""),
            or(object, "/spec/volumeAttributesClassName", "<unset>"),
            or(object, "/status/reason", ""),
            age(object, now),
            or(object, "/spec/volumeMode", "<unset>"),
        ]
    },
};

pub(super) const CLASS: Sheet = Sheet {
    columns: &[
        text("Name"),
        text("Provisioner"),
        text("ReclaimPolicy"),
        text("VolumeBindingMode"),
        boolean("AllowVolumeExpansion"),
        text("Age"),
    ],
    cells: |object, now| {
        let annotations = &object["metadata"]["annotations"];
        let default = annotations["storageclass.kubernetes.io/is-default-class"] == "true";
        let name = str_at(object, "/metadata/name").unwrap_or("");
        vec![
            json!(if default { format!("{name} (default)") } else { name.to_owned() }),
            or(object, "/provisioner", ""),
            or(object, "/reclaimPolicy", "Delete"),
            or(object, "/volumeBindingMode", "Immediate"),
            json!(object["allowVolumeExpansion"] == true),
            age(object, now),
        ]
    },
};

pub(super) const CSI_NODE: Sheet = Sheet {
    columns: &[text("Name"), integer("Drivers"), text("Age")],
    cells: |object, now| {
        vec![name(object), json!(list(object, "/spec/drivers").len()), age(object, now)]
    },
};

pub(super) const ATTACHMENT: Sheet = Sheet {
    columns: &[
        text("Name"),
        text("Attacher"),
        text("PV"),
        text("Node"),
        boolean("Attached"),
        text("Age"),
    ],
    cells: |object, now| {
        vec![
            name(object),
            or(object, "/spec/attacher", ""),
            or(object, "/spec/source/persistentVolumeName", ""),
            or(object, "/spec/nodeName", ""),
            json!(object.pointer("/status/attached") == Some(&json!(true))),
            age(object, now),
        ]
    },
};

fn phase(object: &Value) -> Value {
    if is_terminating(object) { json!("Terminating") } else { or(object, "/status/phase", "") }
}

/// Access modes by their abbreviations, in a fixed order.
fn modes(object: &Value, pointer: &str) -> Value {
    let given = list(object, pointer);
    let shown: Vec<&str> = [
        ("ReadWriteOnce", "RWO"),
        ("ReadOnlyMany", "ROX"),
        ("ReadWriteMany", "RWX"),
        ("ReadWriteOncePod", "RWOP"),
    ]
    .into_iter()
    .filter(|(mode, _)| given.iter().any(|given| given == mode))
    .map(|(_, short)| short)
    .collect();
    json!(shown.join(","))
}
