//! The condition `Consolidatable`: the node has been quiet for as long as its pool asks.

use jiff::Timestamp;

use super::draft::Draft;
use crate::api::v1::conditions::{self, CONSOLIDATABLE, HasConditions, Verdict};
use crate::api::v1::nodeclaim::NodeClaim as ClaimObject;
use crate::model::node_claim::NodeClaim;
use crate::model::node_pool::NodePool;

/// What the condition is to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quiet {
    /// It may be consolidated.
    Enough,
    /// Not before then; the condition is absent.
    Until(Timestamp),
    /// Consolidation is off, or the node is not initialized; the condition is absent.
    Never,
}

/// How quiet the node of `claim` has been at `now`, when its last pod event was at `last_pod_event`.
///
/// Source: Karpenter behaviour, consolidatable.
pub(super) fn judge(
    claim: &NodeClaim,
    last_pod_event: Option<Timestamp>,
    pool: &NodePool,
    now: Timestamp,
) -> Quiet {
    let initialized = claim.object.condition(conditions::INITIALIZED).filter(|_| claim.initialized);
    let (Some(wait), Some(initialized)) = (pool.consolidate_after, initialized) else {
        return Quiet::Never;
    };
    let since = last_pod_event.unwrap_or(initialized.last_transition_time.0);
    let due = since.checked_add(wait).unwrap_or(Timestamp::MAX);
    if wait.is_zero() || due <= now { Quiet::Enough } else { Quiet::Until(due) }
}

impl Quiet {
    /// Whether the object says so already.
    pub(super) fn is_shown(self, object: &ClaimObject) -> bool {
        let condition = object.condition(CONSOLIDATABLE);
        match self {
            Self::Enough => condition.is_some_and(|condition| {
                object.is_true(CONSOLIDATABLE)
                    && condition.observed_generation
                        == Some(object.metadata.generation.unwrap_or(0))
            }),
            Self::Until(_) | Self::Never => condition.is_none(),
        }
    }

    /// Says so in the draft.
    pub(super) fn show(self, draft: &mut Draft<ClaimObject>) {
        match self {
            Self::Enough => draft.set(Verdict::ok(CONSOLIDATABLE)),
            Self::Until(_) | Self::Never => draft.clear(CONSOLIDATABLE),
        }
    }
}
