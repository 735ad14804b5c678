//! Priority of a pod, from its priority class.
//!
//! Source: Kubernetes API (Pod Priority and Preemption).

use std::sync::Arc;

use serde_json::{Value, json};

use crate::error::ApiError;
use crate::kind::Kind;
use crate::object::{Key, int_at, member, meta_str, str_at};
use crate::state::State;

/// Writes `priority` and `preemptionPolicy` of the pod's class, or of the default class.
///
/// Without any class the priority is zero.
///
/// # Errors
/// `Forbidden` when the class does not exist, or when the pod brings another number or policy.
pub(super) fn resolve(state: &State, kind: &Kind, pod: &mut Value) -> Result<(), ApiError> {
    let name = meta_str(pod, "name").unwrap_or("").to_owned();
    let forbidden = |why: String| ApiError::forbidden(kind, &name, why);
    let class =
        match str_at(pod, "/spec/priorityClassName").unwrap_or("") {
            "" => default_class(state),
            wanted => Some(class(state, wanted).ok_or_else(|| {
                forbidden(format!("no PriorityClass with name {wanted} was found"))
            })?),
        };
    let class = class.as_deref();
    let value = class.and_then(|class| int_at(class, "/value")).unwrap_or_default();
    let policy = class.and_then(|class| str_at(class, "/preemptionPolicy"));
    let policy = policy.unwrap_or("PreemptLowerPriority");
    if let Some(given) = int_at(pod, "/spec/priority").filter(|given| *given != value) {
        return Err(forbidden(format!(
            "the integer value of priority ({given}) must not be provided in pod spec; priority \
             admission controller computed {value} from the given PriorityClass name"
        )));
    }
    if let Some(given) = str_at(pod, "/spec/preemptionPolicy").filter(|given| *given != policy) {
        return Err(forbidden(format!(
            "the string value of PreemptionPolicy ({given}) must not be provided in pod spec; \
             priority admission controller computed {policy} from the given PriorityClass name"
        )));
    }
    let named = class.and_then(|class| meta_str(class, "name"));
    let spec = member(pod, "spec");
    spec.insert("priority".into(), json!(value));
    spec.insert("preemptionPolicy".into(), json!(policy));
    if let Some(named) = named {
        spec.insert("priorityClassName".into(), json!(named));
    }
    Ok(())
}

fn classes() -> (String, String) {
    ("scheduling.k8s.io".to_owned(), "priorityclasses".to_owned())
}

fn class(state: &State, name: &str) -> Option<Arc<Value>> {
    Some(state.store.get(&classes(), &Key::new("", name))?.object)
}

/// The global default with the lowest value, when several are marked.
fn default_class(state: &State) -> Option<Arc<Value>> {
    let log = state.store.log(&classes())?;
    let marked = log.objects().map(|(_, stored)| stored.object);
    marked
        .filter(|class| class["globalDefault"] == true)
        .min_by_key(|class| int_at(class, "/value").unwrap_or_default())
}
