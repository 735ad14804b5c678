//! Persistent volume claims: their default storage class, and protection while a pod uses them.
//!
//! # Flow
//! Every new claim gets the finalizer `kubernetes.io/pvc-protection`. A claim that is to be deleted
//! is remembered; [`release_claims`] takes the finalizer away once no pod on a node uses it.
//!
//! Source: Kubernetes API (Storage Object in Use Protection, Default StorageClass).

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::kind::KindId;
use crate::object::{Key, finalizers, is_terminating, list, member, meta_str, metadata, str_at};
use crate::state::{Ctx, State};

/// Path segment of claims.
pub(super) const PLURAL: &str = "persistentvolumeclaims";

const PROTECTION: &str = "kubernetes.io/pvc-protection";
const DEFAULT_CLASS: &str = "storageclass.kubernetes.io/is-default-class";
const BETA_CLASS: &str = "volume.beta.kubernetes.io/storage-class";

/// Claims that are to be deleted and still carry the protection.
#[derive(Debug, Default)]
pub(crate) struct Leaving(BTreeSet<Key>);

impl Leaving {
    /// Notes a stored object when it is a claim that waits for its end.
    pub(crate) fn changed(&mut self, id: &KindId, key: &Key, object: &Value) {
        if id.1 == PLURAL && id.0.is_empty() && is_terminating(object) {
            self.0.insert(key.clone());
        }
    }
}

/// Protects a new claim and gives it the default class when it names none.
pub(super) fn prepare(state: &State, claim: &mut Value) {
    let held = finalizers(claim).any(|name| name == PROTECTION);
    let beta = claim["metadata"]["annotations"].get(BETA_CLASS).is_some();
    let named = beta || claim["spec"].get("storageClassName").is_some_and(|name| !name.is_null());
    if !held {
        let finalizers = metadata(claim).entry("finalizers").or_insert_with(|| json!([]));
        if let Some(finalizers) = finalizers.as_array_mut() {
            finalizers.push(json!(PROTECTION));
        }
    }
    if let Some(class) = default_class(state).filter(|_| !named) {
        member(claim, "spec").insert("storageClassName".into(), json!(class));
    }
}

/// The newest class marked as default; the first name among equally new ones.
fn default_class(state: &State) -> Option<String> {
    let id = ("storage.k8s.io".to_owned(), "storageclasses".to_owned());
    let mut found: Option<(String, String)> = None;
    for (key, stored) in state.store.log(&id)?.objects() {
        let marked = stored.object["metadata"]["annotations"].get(DEFAULT_CLASS);
        let created = meta_str(&stored.object, "creationTimestamp").unwrap_or("");
        if marked.is_some_and(|value| value == "true")
            && found.as_ref().is_none_or(|(newest, _)| created > newest.as_str())
        {
            found = Some((created.to_owned(), key.name.clone()));
        }
    }
    found.map(|(_, name)| name)
}

/// Lets go of the claims to be deleted that no pod uses any more.
pub(crate) fn release_claims(state: &mut State, ctx: &Ctx) {
    for key in state.leaving.0.clone() {
        if in_use(state, &key) {
            continue;
        }
        state.leaving.0.remove(&key);
        let Ok(kind) = state.kind("", PLURAL) else { continue };
        let Ok(stored) = state.get(&kind, &key) else { continue };
        if !is_terminating(&stored.object) {
            continue;
        }
        let mut claim = (*stored.object).clone();
        if let Some(held) = metadata(&mut claim).get_mut("finalizers").and_then(Value::as_array_mut)
        {
            held.retain(|name| name != PROTECTION);
        }
        if finalizers(&claim).next().is_none() {
            metadata(&mut claim).remove("finalizers");
            state.remove(ctx, &kind, &key, claim);
        } else if claim != *stored.object {
            state.put(ctx, &kind, &key, claim);
        }
    }
}

/// Whether a pod on a node mounts the claim; a pod without a node does not hold it.
fn in_use(state: &State, claim: &Key) -> bool {
    let pods = state.store.log(&(String::new(), "pods".to_owned()));
    let mut here = pods.into_iter().flat_map(|log| log.range(Some(&claim.namespace), None));
    here.any(|(key, stored)| {
        let pod = &stored.object;
        str_at(pod, "/spec/nodeName").is_some_and(|node| !node.is_empty())
            && list(pod, "/spec/volumes").iter().any(|volume| mounts(volume, key, claim))
    })
}

fn mounts(volume: &Value, pod: &Key, claim: &Key) -> bool {
    let named = str_at(volume, "/persistentVolumeClaim/claimName") == Some(&claim.name);
    let name = str_at(volume, "/name").unwrap_or("");
    named || volume.get("ephemeral").is_some() && claim.name == format!("{}-{name}", pod.name)
}
