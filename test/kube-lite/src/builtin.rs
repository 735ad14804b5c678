//! The table of built-in kinds.

use crate::kind::{Kind, ScalePaths, WriteRules};

/// One row; flags are letters so that a row fits a line.
///
/// `n` namespaced, `s` status subresource, `g` counts generation, `u` PUT without resourceVersion
/// overwrites, `c` PUT creates, `k` keeps status on create, `r` DELETE returns the object,
/// `x` has a scale subresource.
struct Row(&'static str, &'static str, &'static str, &'static str, &'static str, &'static str);

/// Group, version, kind, plural, short name, flags. Source: Kubernetes API.
const ROWS: &[Row] = &[
    Row("", "v1", "Pod", "pods", "po", "nsgur"),
    Row("", "v1", "Node", "nodes", "no", "suk"),
    Row("", "v1", "Namespace", "namespaces", "ns", "su"),
    Row("", "v1", "Service", "services", "svc", "nsur"),
    Row("", "v1", "ConfigMap", "configmaps", "cm", "nu"),
    Row("", "v1", "Secret", "secrets", "", "nu"),
    Row("", "v1", "Event", "events", "ev", "nuc"),
    Row("", "v1", "PersistentVolume", "persistentvolumes", "pv", "sur"),
    Row("", "v1", "PersistentVolumeClaim", "persistentvolumeclaims", "pvc", "nsur"),
    Row("", "v1", "ServiceAccount", "serviceaccounts", "sa", "nur"),
    Row("", "v1", "ReplicationController", "replicationcontrollers", "rc", "nsgux"),
    Row("apps", "v1", "Deployment", "deployments", "deploy", "nsgux"),
    Row("apps", "v1", "ReplicaSet", "replicasets", "rs", "nsgux"),
    Row("apps", "v1", "DaemonSet", "daemonsets", "ds", "nsgu"),
    Row("apps", "v1", "StatefulSet", "statefulsets", "sts", "nsgux"),
    Row("batch", "v1", "Job", "jobs", "", "nsgu"),
    Row("policy", "v1", "PodDisruptionBudget", "poddisruptionbudgets", "pdb", "nsg"),
    Row("storage.k8s.io", "v1", "StorageClass", "storageclasses", "sc", "ur"),
    Row("storage.k8s.io", "v1", "CSINode", "csinodes", "", "r"),
    Row("storage.k8s.io", "v1", "VolumeAttachment", "volumeattachments", "", "sr"),
    Row("scheduling.k8s.io", "v1", "PriorityClass", "priorityclasses", "pc", "u"),
    Row("coordination.k8s.io", "v1", "Lease", "leases", "", "nc"),
    Row("events.k8s.io", "v1", "Event", "events", "ev", "nuc"),
    Row("apiextensions.k8s.io", "v1", "CustomResourceDefinition", CRDS, "crd", "sg"),
];

const CRDS: &str = "customresourcedefinitions";

/// All built-in kinds, in table order.
pub(crate) fn kinds() -> Vec<Kind> {
    ROWS.iter().map(kind).collect()
}

fn kind(row: &Row) -> Kind {
    let &Row(group, version, kind, plural, short, flags) = row;
    let has = |flag: char| flags.contains(flag);
    Kind {
        group: group.to_owned(),
        version: version.to_owned(),
        kind: kind.to_owned(),
        list_kind: format!("{kind}List"),
        plural: plural.to_owned(),
        singular: kind.to_lowercase(),
        short_names: [short].iter().filter(|s| !s.is_empty()).map(|s| (*s).to_owned()).collect(),
        categories: Vec::new(),
        namespaced: has('n'),
        status: has('s'),
        scale: has('x').then(workload_scale),
        rules: WriteRules {
            generation: has('g'),
            unconditional_update: has('u'),
            create_on_update: has('c'),
            status_on_create: has('k'),
            returns_deleted: has('r'),
        },
        selectable: selectable(kind).iter().map(|path| (*path).to_owned()).collect(),
        columns: Vec::new(),
        schema: None,
    }
}

fn workload_scale() -> ScalePaths {
    ScalePaths {
        spec: "/spec/replicas".to_owned(),
        status: "/status/replicas".to_owned(),
        selector: Some("/spec/selector".to_owned()),
    }
}

/// Field selector paths of a kind. Source: Kubernetes API.
fn selectable(kind: &str) -> &'static [&'static str] {
    match kind {
        "Pod" => &[
            "spec.nodeName",
            "spec.restartPolicy",
            "spec.schedulerName",
            "spec.serviceAccountName",
            "spec.hostNetwork",
            "status.phase",
            "status.podIP",
            "status.nominatedNodeName",
        ],
        "Node" => &["spec.unschedulable"],
        "Namespace" => &["status.phase"],
        "Secret" => &["type"],
        "Job" => &["status.successful"],
        "ReplicaSet" | "ReplicationController" => &["status.replicas"],
        "Event" => &[
            "involvedObject.kind",
            "involvedObject.namespace",
            "involvedObject.name",
            "involvedObject.uid",
            "regarding.kind",
            "regarding.namespace",
            "regarding.name",
            "regarding.uid",
            "reason",
            "type",
        ],
        _ => &[],
    }
}
