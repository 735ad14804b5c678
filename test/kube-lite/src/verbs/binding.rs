//! POST to `pods/{name}/binding`: the scheduler's verb.

use serde_json::{Value, json};

use crate::error::{ApiError, Cause};
use crate::kind::Kind;
use crate::object::{Key, is_terminating, member, metadata, set_condition, str_at};
use crate::state::{Ctx, State};

/// Puts a pod on a node.
///
/// # Errors
/// `NotFound`; `Conflict` when the pod has a node or is being deleted; `Invalid` without a target.
pub(crate) fn bind(
    state: &mut State,
    ctx: &Ctx,
    kind: &Kind,
    key: &Key,
    binding: &Value,
) -> Result<(), ApiError> {
    let node = str_at(binding, "/target/name").unwrap_or("");
    if node.is_empty() {
        let cause = Cause::required("target.name", "");
        return Err(ApiError::invalid(kind, &key.name, &[cause]));
    }
    let stored = state.get(kind, key)?;
    let refused = |why: String| Err(ApiError::conflict(kind, &key.name, why));
    if is_terminating(&stored.object) {
        return refused(format!("pod {} is being deleted, cannot be assigned to a host", key.name));
    }
    if let Some(other) = str_at(&stored.object, "/spec/nodeName").filter(|node| !node.is_empty()) {
        return refused(format!("pod {} is already assigned to node \"{other}\"", key.name));
    }
    let mut pod = (*stored.object).clone();
    member(&mut pod, "spec").insert("nodeName".into(), json!(node));
    copy_annotations(binding, &mut pod);
    set_condition(&mut pod, json!({"type": "PodScheduled", "status": "True"}), &ctx.now);
    state.put(ctx, kind, key, pod);
    Ok(())
}

fn copy_annotations(binding: &Value, pod: &mut Value) {
    let Some(given) = binding.pointer("/metadata/annotations").and_then(Value::as_object) else {
        return;
    };
    let annotations = metadata(pod).entry("annotations").or_insert_with(|| json!({}));
    if let Some(annotations) = annotations.as_object_mut() {
        annotations.extend(given.clone());
    }
}
