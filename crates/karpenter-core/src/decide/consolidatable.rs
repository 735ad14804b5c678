//! The condition `Consolidatable`: the node has been quiet for as long as its pool asks.

use jiff::Timestamp;

use super::draft::Draft;
use crate::api::v1::conditions::{self, HasConditions, Verdict};
use crate::api::v1::nodeclaim::NodeClaim as ClaimObject;
use crate::model::node_pool::NodePool;

/// Judges the condition at `now`; answers when it will change by itself.
///
/// Source: Karpenter behaviour, consolidatable.
pub(super) fn judge(
    draft: &mut Draft<ClaimObject>,
    pool: &NodePool,
    now: Timestamp,
) -> Option<Timestamp> {
    let quiet_from = quiet_from(&draft.object);
    let (Some(wait), Some(since)) = (pool.consolidate_after, quiet_from) else {
        draft.clear(conditions::CONSOLIDATABLE);
        return None;
    };
    let due = since.checked_add(wait).unwrap_or(Timestamp::MAX);
    if !wait.is_zero() && now < due {
        draft.clear(conditions::CONSOLIDATABLE);
        return Some(due);
    }
    draft.set(Verdict::ok(conditions::CONSOLIDATABLE));
    None
}

/// Since when the node has been quiet; `None` while it is not initialized.
fn quiet_from(object: &ClaimObject) -> Option<Timestamp> {
    let initialized = object.condition(conditions::INITIALIZED)?;
    if !object.is_true(conditions::INITIALIZED) {
        return None;
    }
    let last_pod_event =
        object.status.as_ref().and_then(|status| status.last_pod_event_time.as_ref());
    Some(last_pod_event.unwrap_or(&initialized.last_transition_time).0)
}
