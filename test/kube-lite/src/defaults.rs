//! Defaults of built-in kinds, as far as controllers and schedulers read them.
//!
//! Source: Kubernetes API.

use serde_json::{Map, Value, json};

use crate::kind::Kind;
use crate::object::{member, metadata};

/// Fills in what a genuine server would; `old` is absent on create.
pub(crate) fn fill(kind: &Kind, object: &mut Value, old: Option<&Value>) {
    match kind.kind.as_str() {
        "Pod" => pod(object, old),
        "Deployment" => {
            workload(object);
            spec(
                object,
                &json!({
                    "replicas": 1, "revisionHistoryLimit": 10, "progressDeadlineSeconds": 600,
                    "strategy": {"type": "RollingUpdate", "rollingUpdate":
                        {"maxSurge": "25%", "maxUnavailable": "25%"}},
                }),
            );
        }
        "ReplicaSet" | "ReplicationController" => {
            workload(object);
            spec(object, &json!({"replicas": 1}));
        }
        "StatefulSet" => {
            workload(object);
            spec(
                object,
                &json!({
                "replicas": 1, "podManagementPolicy": "OrderedReady", "revisionHistoryLimit": 10}),
            );
        }
        "DaemonSet" => {
            workload(object);
            spec(
                object,
                &json!({
                    "revisionHistoryLimit": 10,
                    "updateStrategy": {"type": "RollingUpdate", "rollingUpdate":
                        {"maxSurge": 0, "maxUnavailable": 1}},
                }),
            );
        }
        "CronJob" => {
            spec(
                object,
                &json!({
                    "concurrencyPolicy": "Allow", "suspend": false,
                    "successfulJobsHistoryLimit": 3, "failedJobsHistoryLimit": 1,
                }),
            );
        }
        "HorizontalPodAutoscaler" => spec(object, &json!({"minReplicas": 1})),
        "Job" => {
            workload(object);
            spec(object, &json!({"parallelism": 1, "completions": 1, "backoffLimit": 6}));
        }
        "Namespace" if old.is_none() => namespace(object),
        "PersistentVolumeClaim" => {
            spec(object, &json!({"volumeMode": "Filesystem"}));
            status(object, old, &json!({"phase": "Pending"}));
        }
        "PersistentVolume" => {
            spec(
                object,
                &json!({
                "volumeMode": "Filesystem", "persistentVolumeReclaimPolicy": "Retain"}),
            );
            status(object, old, &json!({"phase": "Pending"}));
        }
        "StorageClass" => fill_members(
            object,
            &json!({
            "reclaimPolicy": "Delete", "volumeBindingMode": "Immediate"}),
        ),
        "PriorityClass" => {
            fill_members(object, &json!({"preemptionPolicy": "PreemptLowerPriority"}));
        }
        "Secret" => fill_members(object, &json!({"type": "Opaque"})),
        _ => {}
    }
}

/// Members of `defaults` that the object lacks.
fn fill_members(object: &mut Value, defaults: &Value) {
    if let (Some(object), Some(defaults)) = (object.as_object_mut(), defaults.as_object()) {
        for (name, value) in defaults {
            object.entry(name.clone()).or_insert_with(|| value.clone());
        }
    }
}

fn spec(object: &mut Value, defaults: &Value) {
    member(object, "spec");
    fill_members(&mut object["spec"], defaults);
}

/// Status defaults apply once, when the object is created.
fn status(object: &mut Value, old: Option<&Value>, defaults: &Value) {
    if old.is_none() {
        member(object, "status");
        fill_members(&mut object["status"], defaults);
    }
}

fn namespace(object: &mut Value) {
    let name = metadata(object).get("name").cloned().unwrap_or_default();
    let labels = metadata(object).entry("labels").or_insert_with(|| json!({}));
    labels["kubernetes.io/metadata.name"] = name;
    spec(object, &json!({"finalizers": ["kubernetes"]}));
    object["status"] = json!({"phase": "Active"});
}

fn workload(object: &mut Value) {
    if object.pointer("/spec/template").is_some_and(Value::is_object) {
        pod_spec(&mut object["spec"]["template"]);
    }
}

fn pod(object: &mut Value, old: Option<&Value>) {
    pod_spec(object);
    status(object, old, &json!({"phase": "Pending"}));
    tolerations(object);
    if let Some(old) = old {
        keep_priority(object, old);
    }
}

/// An update that is silent about what admission once computed leaves it as it is.
fn keep_priority(pod: &mut Value, old: &Value) {
    for name in ["priority", "preemptionPolicy"] {
        if let Some(computed) = old["spec"].get(name) {
            member(pod, "spec").entry(name).or_insert_with(|| computed.clone());
        }
    }
}

fn pod_spec(holder: &mut Value) {
    spec(
        holder,
        &json!({
            "restartPolicy": "Always", "terminationGracePeriodSeconds": 30,
            "dnsPolicy": "ClusterFirst", "schedulerName": "default-scheduler",
            "securityContext": {},
        }),
    );
    for list in ["containers", "initContainers"] {
        for container in
            holder["spec"].get_mut(list).and_then(Value::as_array_mut).into_iter().flatten()
        {
            requests_from_limits(container);
        }
    }
}

/// A container that limits a resource without requesting it requests its limit.
fn requests_from_limits(container: &mut Value) {
    let limits = container.pointer("/resources/limits").and_then(Value::as_object).cloned();
    let Some(limits) = limits.filter(|limits| !limits.is_empty()) else { return };
    let requests = member(&mut container["resources"], "requests");
    for (resource, amount) in limits {
        requests.entry(resource).or_insert(amount);
    }
}

/// Every pod stays five minutes on a node that is not ready or unreachable.
fn tolerations(pod: &mut Value) {
    let spec = member(pod, "spec");
    let list = spec.entry("tolerations").or_insert_with(|| json!([]));
    let Some(list) = list.as_array_mut() else { return };
    for key in ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"] {
        if !list.iter().any(|toleration| tolerates_no_execute(toleration.as_object(), key)) {
            list.push(json!({
                "key": key, "operator": "Exists", "effect": "NoExecute",
                "tolerationSeconds": 300,
            }));
        }
    }
}

fn tolerates_no_execute(toleration: Option<&Map<String, Value>>, key: &str) -> bool {
    let text = |name| toleration.and_then(|t| t.get(name)).and_then(Value::as_str).unwrap_or("");
    let key_matches = matches!(text("key"), "") || text("key") == key;
    key_matches && matches!(text("effect"), "" | "NoExecute")
}
