//! The table of built-in kinds.

use crate::kind::{Kind, ScalePaths, WriteRules};

/// One row; flags are letters so that a row fits a line.
///
/// `n` namespaced, `s` status subresource, `g` counts generation, `u` PUT without resourceVersion
/// overwrites, `c` PUT creates, `k` keeps status on create, `r` DELETE returns the object,
/// `x` has a scale subresource, `a` belongs to the category `all`, `e` to `api-extensions`.
struct Row(&'static str, &'static str, &'static str, &'static str, &'static str, &'static str);

/// Group, version, kind, plural, short name, flags. Source: Kubernetes API.
const ROWS: &[Row] = &[
    Row("", "v1", "Pod", "pods", "po", "nsgura"),
    Row("", "v1", "Node", "nodes", "no", "suk"),
    Row("", "v1", "Namespace", "namespaces", "ns", "su"),
    Row("", "v1", "Service", "services", "svc", "nsura"),
    Row("", "v1", "Endpoints", "endpoints", "ep", "nuc"),
    Row("", "v1", "ConfigMap", "configmaps", "cm", "nu"),
    Row("", "v1", "Secret", "secrets", "", "nu"),
    Row("", "v1", "Event", "events", "ev", "nuc"),
    Row("", "v1", "LimitRange", "limitranges", "limits", "nuc"),
    Row("", "v1", "ResourceQuota", "resourcequotas", "quota", "nsur"),
    Row("", "v1", "PersistentVolume", "persistentvolumes", "pv", "sur"),
    Row("", "v1", "PersistentVolumeClaim", "persistentvolumeclaims", "pvc", "nsur"),
    Row("", "v1", "PodTemplate", "podtemplates", "", "ngur"),
    Row("", "v1", "ServiceAccount", "serviceaccounts", "sa", "nur"),
    Row("", "v1", "ReplicationController", "replicationcontrollers", "rc", "nsguxa"),
    Row("apps", "v1", "ControllerRevision", "controllerrevisions", "", "nu"),
    Row("apps", "v1", "Deployment", "deployments", "deploy", "nsguxa"),
    Row("apps", "v1", "ReplicaSet", "replicasets", "rs", "nsguxa"),
    Row("apps", "v1", "DaemonSet", "daemonsets", "ds", "nsgua"),
    Row("apps", "v1", "StatefulSet", "statefulsets", "sts", "nsguxa"),
    Row("autoscaling", "v2", "HorizontalPodAutoscaler", HPAS, "hpa", "nsua"),
    Row("batch", "v1", "Job", "jobs", "", "nsgua"),
    Row("batch", "v1", "CronJob", "cronjobs", "cj", "nsgua"),
    Row("policy", "v1", "PodDisruptionBudget", "poddisruptionbudgets", "pdb", "nsg"),
    Row("discovery.k8s.io", "v1", "EndpointSlice", "endpointslices", "", "ngu"),
    Row("networking.k8s.io", "v1", "NetworkPolicy", "networkpolicies", "netpol", "ngu"),
    Row("node.k8s.io", "v1", "RuntimeClass", "runtimeclasses", "", ""),
    Row("rbac.authorization.k8s.io", "v1", "Role", "roles", "", "nuc"),
    Row("rbac.authorization.k8s.io", "v1", "RoleBinding", "rolebindings", "", "nuc"),
    Row("rbac.authorization.k8s.io", "v1", "ClusterRole", "clusterroles", "", "uc"),
    Row("rbac.authorization.k8s.io", "v1", "ClusterRoleBinding", "clusterrolebindings", "", "uc"),
    Row("resource.k8s.io", "v1", "DeviceClass", "deviceclasses", "", "gur"),
    Row("resource.k8s.io", "v1", "ResourceClaim", "resourceclaims", "", "nsur"),
    Row("resource.k8s.io", "v1", "ResourceClaimTemplate", "resourceclaimtemplates", "", "nur"),
    Row("resource.k8s.io", "v1", "ResourceSlice", "resourceslices", "", "gur"),
    Row("storage.k8s.io", "v1", "StorageClass", "storageclasses", "sc", "ur"),
    Row("storage.k8s.io", "v1", "CSIDriver", "csidrivers", "", "r"),
    Row("storage.k8s.io", "v1", "CSINode", "csinodes", "", "r"),
    Row("storage.k8s.io", "v1", "CSIStorageCapacity", "csistoragecapacities", "", "nr"),
    Row("storage.k8s.io", "v1", "VolumeAttachment", "volumeattachments", "", "sr"),
    Row("scheduling.k8s.io", "v1", "PriorityClass", "priorityclasses", "pc", "u"),
    Row("coordination.k8s.io", "v1", "Lease", "leases", "", "nc"),
    Row("events.k8s.io", "v1", "Event", "events", "ev", "nuc"),
    Row("apiextensions.k8s.io", "v1", "CustomResourceDefinition", CRDS, "crd", "sge"),
];

const HPAS: &str = "horizontalpodautoscalers";
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
        short_names: short_names(kind, short),
        categories: [('a', "all"), ('e', "api-extensions")]
            .into_iter()
            .filter(|(flag, _)| has(*flag))
            .map(|(_, name)| name.to_owned())
            .collect(),
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
        schema: None,
    }
}

/// The short name of the row, and the second one of definitions.
fn short_names(kind: &str, short: &str) -> Vec<String> {
    let second = if kind == "CustomResourceDefinition" { "crds" } else { "" };
    [short, second].into_iter().filter(|name| !name.is_empty()).map(str::to_owned).collect()
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
        "ResourceSlice" => &["spec.nodeName", "spec.driver"],
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
