//! What the built-in admission plugins of a genuine server do to objects.
//!
//! Source: Kubernetes API (admission controllers reference).

mod claim;
mod priority;

pub(crate) use self::claim::{Leaving, release_claims};
use crate::error::ApiError;
use crate::kind::Kind;
use crate::object::Key;
use crate::state::State;

/// Namespaces that cannot be deleted.
const IMMORTAL: [&str; 3] = ["default", "kube-public", "kube-system"];

/// Completes a new object from other objects of the cluster.
///
/// # Errors
/// `Forbidden` for a pod whose priority class is missing or contradicts its priority.
pub(crate) fn prepare(
    state: &State,
    kind: &Kind,
    object: &mut serde_json::Value,
) -> Result<(), ApiError> {
    if kind.is_pod() {
        priority::resolve(state, kind, object)?;
    }
    if kind.is("", claim::PLURAL) {
        claim::prepare(state, object);
    }
    Ok(())
}

/// # Errors
/// `Forbidden` for the namespaces every cluster has.
pub(crate) fn check_delete(kind: &Kind, key: &Key) -> Result<(), ApiError> {
    if kind.is("", "namespaces") && IMMORTAL.contains(&key.name.as_str()) {
        return Err(ApiError::forbidden(kind, &key.name, "this namespace may not be deleted"));
    }
    Ok(())
}
