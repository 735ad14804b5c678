//! What the process asks of the Kubernetes API: the table that the cluster role of the chart is compared with.

/// One resource and what is done with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Access {
    /// API group, empty for the core one.
    pub group: &'static str,
    /// Plural, with the subresource after a slash.
    pub resource: &'static str,
    /// Verbs in alphabetical order.
    pub verbs: &'static [&'static str],
}

const fn row(
    group: &'static str,
    resource: &'static str,
    verbs: &'static [&'static str],
) -> Access {
    Access { group, resource, verbs }
}

const OURS: &str = "karpenter.sh";
const ALIBABA: &str = "karpenter.alibabacloud.com";
/// Group of node classes that are looked after where asked to.
const OLDER_ALIBABA: &str = "karpenter.k8s.alibabacloud";
/// Group that other autoscalers share.
const BUFFERS: &str = "autoscaling.x-k8s.io";
const WATCH: &[&str] = &["list", "watch"];

/// Everything the process asks for, in no namespace of its own. What stands behind an option is listed too: a kind that
/// must not be read counts as empty.
///
/// `*/finalizers` is what setting an owner that blocks deletion needs where the admission plugin
/// OwnerReferencesPermissionEnforcement is on.
///
/// Source: Kubernetes API (RBAC).
pub const ACCESS: [Access; 35] = [
    row(OURS, "nodeclaims", &["create", "delete", "get", "list", "patch", "watch"]),
    row(OURS, "nodeclaims/status", &["patch"]),
    row(OURS, "nodeclaims/finalizers", &["update"]),
    row(OURS, "nodepools", &["get", "list", "patch", "watch"]),
    row(OURS, "nodepools/status", &["patch"]),
    row(OURS, "nodepools/finalizers", &["update"]),
    row(OURS, "nodeoverlays", &["get", "list", "watch"]),
    row(OURS, "nodeoverlays/status", &["patch"]),
    row(BUFFERS, "capacitybuffers", WATCH),
    row(BUFFERS, "capacitybuffers/status", &["patch"]),
    row(ALIBABA, "ecsnodeclasses", &["get", "list", "patch", "watch"]),
    row(ALIBABA, "ecsnodeclasses/status", &["patch"]),
    row(OLDER_ALIBABA, "ecsnodeclasses", &["get", "list", "patch"]),
    row(OLDER_ALIBABA, "ecsnodeclasses/status", &["patch"]),
    row("", "namespaces", WATCH),
    row("", "nodes", &["delete", "list", "patch", "watch"]),
    row("", "pods", &["delete", "list", "watch"]),
    row("", "pods/eviction", &["create"]),
    row("", "persistentvolumeclaims", &["get", "list", "watch"]),
    row("", "persistentvolumes", WATCH),
    row("", "podtemplates", WATCH),
    row("", "replicationcontrollers", WATCH),
    row("", "services", WATCH),
    row("", "events", &["create"]),
    row("apps", "daemonsets", WATCH),
    row("apps", "deployments", WATCH),
    row("apps", "replicasets", WATCH),
    row("apps", "statefulsets", WATCH),
    row("policy", "poddisruptionbudgets", WATCH),
    row("resource.k8s.io", "deviceclasses", WATCH),
    row("resource.k8s.io", "resourceclaims", WATCH),
    row("resource.k8s.io", "resourceslices", WATCH),
    row("storage.k8s.io", "csinodes", WATCH),
    row("storage.k8s.io", "storageclasses", WATCH),
    row("storage.k8s.io", "volumeattachments", WATCH),
];

/// What the process asks for in its own namespace: Secrets with passwords that node classes name. The role of the chart
/// grants them by name, and only where the values name any.
pub const OWN_NAMESPACE: [Access; 1] = [row("", "secrets", &["get"])];
