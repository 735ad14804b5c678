//! Gives each deployment a replica set for its template and empties the older ones.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::pods;
use super::runner::{Controller, Plan};
use super::world::{DEPLOYMENTS, REPLICASETS, Watched, World};
use super::write::Write;
use crate::object::{Key, int_at, is_terminating};

/// Label that tells the pods of one template from those of another. Source: Kubernetes API.
const TEMPLATE_HASH: &str = "pod-template-hash";

/// The actor.
#[derive(Debug)]
pub(super) struct Deployments;

impl Controller for Deployments {
    const KINDS: &'static [Watched] = &[DEPLOYMENTS, REPLICASETS];

    fn plan(&mut self, world: &World, _now: Timestamp) -> Plan {
        let mut plan = Plan::default();
        let deployments = world.objects(DEPLOYMENTS).iter();
        for (key, deployment) in deployments.filter(|(_, d)| !is_terminating(d)) {
            let sets = world.objects(REPLICASETS);
            let owned: Vec<_> = pods::owned(sets, &key.namespace, pods::uid(deployment)).collect();
            roll(key, deployment, &owned, &mut plan);
            plan.writes.extend(status(key, deployment, &owned));
        }
        plan
    }
}

fn roll(key: &Key, deployment: &Value, owned: &[(&Key, &Arc<Value>)], plan: &mut Plan) {
    let wished = pods::replicas(deployment);
    let current = set_name(key, deployment);
    let Some((_, set)) = owned.iter().find(|(key, _)| key.name == current) else {
        let object = replica_set(deployment, &current, wished);
        let namespace = key.namespace.clone();
        plan.writes.push(Write::Create { kind: REPLICASETS, namespace, object });
        return;
    };
    plan.writes.extend(scale(set, &current, key, wished));
    let available = int_at(set, "/status/availableReplicas").unwrap_or_default();
    if available >= wished {
        for (old, set) in owned.iter().filter(|(key, _)| key.name != current) {
            plan.writes.extend(scale(set, &old.name, key, 0));
        }
    }
}

fn scale(set: &Value, name: &str, deployment: &Key, replicas: i64) -> Option<Write> {
    (pods::replicas(set) != replicas).then(|| Write::Patch {
        kind: REPLICASETS,
        key: Key::new(&deployment.namespace, name),
        status: false,
        body: json!({"spec": {"replicas": replicas}}),
    })
}

fn set_name(key: &Key, deployment: &Value) -> String {
    format!("{}-{}", key.name, hash(&deployment["spec"]["template"]))
}

fn replica_set(deployment: &Value, name: &str, replicas: i64) -> Value {
    let mut template = deployment["spec"]["template"].clone();
    let mut selector = deployment["spec"]["selector"].clone();
    let value = json!(name.rsplit('-').next());
    for labels in [&mut template["metadata"]["labels"], &mut selector["matchLabels"]] {
        labels[TEMPLATE_HASH] = value.clone();
    }
    let owner = pods::owner_reference("apps/v1", "Deployment", deployment);
    json!({
        "apiVersion": "apps/v1", "kind": "ReplicaSet",
        "metadata": {
            "name": name, "labels": template["metadata"]["labels"], "ownerReferences": [owner]},
        "spec": {"replicas": replicas, "selector": selector, "template": template},
    })
}

/// Ten characters that depend on the text of the template (FNV-1a).
fn hash(template: &Value) -> String {
    const ALPHABET: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";
    let mut state: u64 = 0xcbf2_9ce4_8422_2325;
    for byte in template.to_string().bytes() {
        state = (state ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    let mut text = String::new();
    for _ in 0..10 {
        let index = usize::try_from(state % ALPHABET.len() as u64).unwrap_or_default();
        text.push(char::from(ALPHABET[index]));
        state /= ALPHABET.len() as u64;
    }
    text
}

fn status(key: &Key, deployment: &Value, owned: &[(&Key, &Arc<Value>)]) -> Option<Write> {
    let sum =
        |pointer: &str| -> i64 { owned.iter().filter_map(|(_, set)| int_at(set, pointer)).sum() };
    let current = set_name(key, deployment);
    let updated = owned.iter().find(|(key, _)| key.name == current);
    let updated = updated.and_then(|(_, set)| int_at(set, "/status/replicas")).unwrap_or_default();
    let available = sum("/status/availableReplicas");
    let status = json!({
        "replicas": sum("/status/replicas"), "updatedReplicas": updated,
        "readyReplicas": sum("/status/readyReplicas"), "availableReplicas": available,
        "unavailableReplicas": (pods::replicas(deployment) - available).max(0),
        "observedGeneration": deployment["metadata"]["generation"],
    });
    let body = pods::status_patch(deployment, &status)?;
    Some(Write::Patch { kind: DEPLOYMENTS, key: key.clone(), status: true, body })
}
