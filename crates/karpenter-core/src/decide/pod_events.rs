//! `status.lastPodEventTime`: when pods last came to or left the node of a claim.

use std::time::Duration;

use jiff::Timestamp;

use super::draft::whole_seconds;
use crate::model::node_claim::NodeClaim;
use crate::model::pod::elapsed;
use crate::state::ClusterSnapshot;

/// The time is moved only when it would move by at least this much.
pub const STEP: Duration = Duration::from_secs(10);

/// What the time of `claim` is to become, in whole seconds; `None` when it is good as it is.
///
/// Never backward, and pods that were bound long ago count with the time they were bound, so a restart moves nothing.
/// Claims and nodes that are not joined one to one are left alone.
///
/// Source: Karpenter behaviour, pod events. Differs: replayed bindings count with their own time.
pub fn news(snapshot: &ClusterSnapshot, claim: &NodeClaim) -> Option<Timestamp> {
    let id = claim.provider_id()?;
    let node = snapshot.node_of(id).filter(|_| snapshot.claims_of(id).len() == 1)?;
    let last = whole_seconds(snapshot.usage(&node.name).last_pod_event?);
    let is_news = claim.last_pod_event.is_none_or(|known| elapsed(known, last) >= STEP);
    is_news.then_some(last)
}
