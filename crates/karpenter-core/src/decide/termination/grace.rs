//! The end of a node's grace period, and what it means for pods.

use std::time::Duration;

use jiff::Timestamp;

use crate::api::labels;
use crate::model::node_claim::NodeClaim;
use crate::model::pod::Pod;

/// When a node stops waiting for its pods and volumes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deadline {
    /// Never.
    None,
    /// At this instant.
    At(Timestamp),
    /// The annotation is no instant; counts as [`Deadline::None`] and is reported.
    Unreadable(String),
}

impl Deadline {
    /// The deadline of the node of `claim`, as annotated when its deletion began.
    pub fn of(claim: &NodeClaim) -> Self {
        match claim.annotation(labels::NODECLAIM_TERMINATION_TIMESTAMP) {
            None => Self::None,
            Some(text) => text.parse().map_or_else(|_| Self::Unreadable(text.to_owned()), Self::At),
        }
    }

    /// The instant, if there is one.
    pub fn at(&self) -> Option<Timestamp> {
        match self {
            Self::At(at) => Some(*at),
            Self::None | Self::Unreadable(_) => None,
        }
    }

    /// Whether the instant lies before `now`.
    pub fn has_passed(&self, now: Timestamp) -> bool {
        self.at().is_some_and(|at| now > at)
    }
}

/// Last instant at which `pod` may still be left alone; afterwards it is deleted, whatever protects it.
///
/// `None` when it is never deleted by force: it says no grace period, or it ends before the deadline anyway.
///
/// Source: Karpenter behaviour (terminationGracePeriod).
pub fn spared_until(pod: &Pod, deadline: Timestamp) -> Option<Timestamp> {
    match (pod.deleted_at, pod.shape.termination_grace) {
        (Some(ends), _) if ends > deadline => Some(Timestamp::MIN),
        (Some(_), _) | (None, None) => None,
        (None, Some(grace)) => Some(deadline.checked_sub(grace).unwrap_or(Timestamp::MIN)),
    }
}

/// Whether `pod` has to be deleted at `now` so that it ends by `deadline`.
pub fn needs_force_delete(pod: &Pod, deadline: Option<Timestamp>, now: Timestamp) -> bool {
    deadline.and_then(|deadline| spared_until(pod, deadline)).is_some_and(|until| now > until)
}

/// Grace period of a forced deletion: the whole seconds left, at least one, so that the kubelet stays in charge.
pub fn force_grace(deadline: Timestamp, now: Timestamp) -> Duration {
    let left = u64::try_from(deadline.duration_since(now).as_secs()).unwrap_or_default();
    Duration::from_secs(left.clamp(1, u64::from(u32::MAX)))
}
