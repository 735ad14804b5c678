//! Replica sets of a deployment.

use serde_json::{Value, json};

use super::Set;
use crate::actors::pods::{self, template_hash};
use crate::actors::world::REPLICASETS;
use crate::actors::write::Write;
use crate::object::{Key, int_at};

/// Label that tells the pods of one template from those of another. Source: Kubernetes API.
const TEMPLATE_HASH: &str = "pod-template-hash";

/// Annotation that counts the templates of a deployment. Source: Kubernetes API.
pub(super) const REVISION: &str = "deployment.kubernetes.io/revision";

/// How far a rolling update may leave the wished number, in pods.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Limits {
    pub(super) surge: i64,
    pub(super) unavailable: i64,
}

impl Limits {
    /// Percentages of surge are rounded up, of unavailability down; both cannot be zero.
    pub(super) fn of(deployment: &Value, wished: i64) -> Self {
        let rolling = &deployment["spec"]["strategy"]["rollingUpdate"];
        let surge = share(&rolling["maxSurge"], wished, 99);
        let unavailable = share(&rolling["maxUnavailable"], wished, 0);
        Self { surge, unavailable: if surge + unavailable == 0 { 1 } else { unavailable } }
    }
}

/// A number or a percentage of `whole`; a quarter when absent.
fn share(value: &Value, whole: i64, rounding: i64) -> i64 {
    let percentage = value.as_str().and_then(|text| text.strip_suffix('%')?.parse().ok());
    value.as_i64().unwrap_or_else(|| (percentage.unwrap_or(25) * whole + rounding) / 100)
}

/// Name of the set of the current template.
pub(super) fn set_name(key: &Key, deployment: &Value) -> String {
    format!("{}-{}", key.name, template_hash(&deployment["spec"]["template"]))
}

/// Number of a set's template; zero without one.
pub(super) fn revision(set: &Value) -> i64 {
    let text = set["metadata"]["annotations"][REVISION].as_str();
    text.and_then(|text| text.parse().ok()).unwrap_or_default()
}

/// The set of the current template.
pub(super) fn replica_set(key: &Key, deployment: &Value, replicas: i64, revision: i64) -> Value {
    let mut template = deployment["spec"]["template"].clone();
    let mut selector = deployment["spec"]["selector"].clone();
    let value = json!(template_hash(&template));
    for labels in [&mut template["metadata"]["labels"], &mut selector["matchLabels"]] {
        labels[TEMPLATE_HASH] = value.clone();
    }
    let owner = pods::owner_reference("apps/v1", "Deployment", deployment);
    json!({
        "apiVersion": "apps/v1", "kind": "ReplicaSet",
        "metadata": {
            "name": set_name(key, deployment), "labels": template["metadata"]["labels"],
            "annotations": {REVISION: revision.to_string()}, "ownerReferences": [owner],
        },
        "spec": {
            "replicas": replicas, "selector": selector, "template": template,
            "minReadySeconds": int_at(deployment, "/spec/minReadySeconds").unwrap_or_default(),
        },
    })
}

/// The write that gives a set this many copies, unless it has them.
pub(super) fn scale((key, set): Set<'_>, replicas: i64) -> Option<Write> {
    (pods::replicas(set) != replicas).then(|| patch(key, json!({"spec": {"replicas": replicas}})))
}

/// The write that makes a set the newest one, as after a rollback.
pub(super) fn with_revision((key, set): Set<'_>, revision: i64) -> Option<Write> {
    let annotations = json!({REVISION: revision.to_string()});
    let body = json!({"metadata": {"annotations": annotations}});
    (self::revision(set) < revision).then(|| patch(key, body))
}

fn patch(key: &Key, body: Value) -> Write {
    Write::Patch { kind: REPLICASETS, key: key.clone(), status: false, body }
}
