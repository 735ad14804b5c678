//! `status.lastPodEventTime`: when pods last came to or left the node of a claim.

use std::time::Duration;

use crate::api::v1::nodeclaim::NodeClaim as ClaimObject;
use crate::model::node_claim::NodeClaim;
use crate::model::pod::elapsed;
use crate::state::ClusterSnapshot;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;

use super::draft::{Draft, whole_seconds};

/// The time is moved only when it would move by at least this much.
pub const STEP: Duration = Duration::from_secs(10);

/// Moves the time in `draft` forward to the last pod event on the claim's node.
///
/// Never backward, and pods that were bound long ago count with the time they were bound, so a restart moves nothing.
///
/// Source: Karpenter behaviour, pod events. Differs: replayed bindings count with their own time.
pub(super) fn note(draft: &mut Draft<ClaimObject>, snapshot: &ClusterSnapshot, claim: &NodeClaim) {
    let Some(node) = claim.provider_id().and_then(|id| snapshot.node_of(id)) else { return };
    if node.provider_id.as_ref().is_some_and(|id| snapshot.claims_of(id).len() != 1) {
        return;
    }
    let Some(last) = snapshot.usage(&node.name).last_pod_event.map(whole_seconds) else { return };
    let is_news =
        claim.last_pod_event.is_none_or(|known| last > known && elapsed(known, last) >= STEP);
    if is_news {
        draft.object.status.get_or_insert_default().last_pod_event_time = Some(Time(last));
    }
}
