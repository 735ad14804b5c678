//! Whether a pool's node class can be used.

use crate::api::v1::conditions::{NODE_CLASS_READY, Verdict};
use crate::api::v1::nodepool::NodePool as PoolObject;
use crate::decide::draft::Draft;
use crate::model::node_class::{NodeClass, Readiness};

/// Judges the condition `NodeClassReady`; `None` is a class that does not exist.
///
/// Source: Karpenter behaviour, NodePool readiness.
pub(super) fn judge(draft: &mut Draft<PoolObject>, class: Option<&NodeClass>) {
    let failed = |reason: &str, message: &str| Verdict::failed(NODE_CLASS_READY, reason, message);
    draft.set(match class {
        None => failed("NodeClassNotFound", "NodeClass not found on cluster"),
        Some(class) if class.deleted_at.is_some() => {
            failed("NodeClassTerminating", "NodeClass is Terminating")
        }
        Some(class) => match &class.readiness {
            Readiness::Ready => Verdict::ok(NODE_CLASS_READY),
            Readiness::NotReady { reason, message } => failed(reason, message),
            Readiness::Unknown { message } => {
                let what_for = if message.is_empty() { "" } else { ": " };
                let text = format!("Node Class Readiness Unknown{what_for}{message}");
                failed("NodeClassReadinessUnknown", &text)
            }
        },
    });
}
