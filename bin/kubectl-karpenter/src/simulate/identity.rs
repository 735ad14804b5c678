//! What an object is, before it is read.

use serde_json::Value;

use super::objects::Mistake;

/// Kinds that are read, as an error lists them.
const KINDS: &str = "Pod, Deployment, ReplicaSet, StatefulSet, Job, DaemonSet, Node, NodePool, NodeClaim, NodeOverlay, \
    Namespace, PodDisruptionBudget, Service, PersistentVolumeClaim, PersistentVolume, StorageClass, CSINode, \
    ResourceClaim, ResourceSlice, DeviceClass and List";

/// Kind, namespace and name, as far as they can be read.
pub(super) fn title(value: &Value) -> String {
    let text = |pointer: &str| value.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let (kind, name) = (text("/kind"), text("/metadata/name"));
    let namespace = match text("/metadata/namespace") {
        "" => "default",
        namespace => namespace,
    };
    match (kind, name) {
        ("", name) => name.to_owned(),
        (kind, "") => kind.to_owned(),
        (kind, name) if is_namespaced(kind) => format!("{kind} {namespace}/{name}"),
        (kind, name) => format!("{kind} {name}"),
    }
}

/// Whether objects of `kind` live in a namespace.
pub(super) fn is_namespaced(kind: &str) -> bool {
    !matches!(
        kind,
        "Node"
            | "NodePool"
            | "NodeClaim"
            | "NodeOverlay"
            | "Namespace"
            | "PersistentVolume"
            | "StorageClass"
            | "CSINode"
            | "ResourceSlice"
            | "DeviceClass"
    ) && !kind.ends_with("NodeClass")
}

/// API group and kind of an object with a name.
pub(super) fn identity(value: &Value) -> Result<(String, String), Mistake> {
    let mistake = |field: &str, problem: &str, fix: &str| Mistake {
        field: field.to_owned(),
        problem: problem.to_owned(),
        fix: fix.to_owned(),
    };
    if !value.is_object() {
        return Err(mistake("", "is no object", "give objects with apiVersion, kind and metadata"));
    }
    let text =
        |pointer: &str| value.pointer(pointer).and_then(Value::as_str).filter(|t| !t.is_empty());
    let missing = |field: &str, fix: &str| mistake(field, "is missing", fix);
    let kind = text("/kind").ok_or_else(|| missing("kind", "say what it is, as in kind: Pod"))?;
    let version = text("/apiVersion")
        .ok_or_else(|| missing("apiVersion", "say which version, as in apiVersion: v1"))?;
    text("/metadata/name").ok_or_else(|| missing("metadata.name", "give it a name"))?;
    let group = version.split_once('/').map_or("", |(group, _)| group);
    Ok((group.to_owned(), kind.to_owned()))
}

/// Objects of a kind nobody looks at.
pub(super) fn unknown(group: &str, kind: &str) -> Mistake {
    let kind = if group.is_empty() { kind.to_owned() } else { format!("{kind} of group {group}") };
    Mistake {
        field: "kind".to_owned(),
        problem: format!("{kind} is not a kind that decides where pods go"),
        fix: format!("remove it; read are {KINDS}"),
    }
}
