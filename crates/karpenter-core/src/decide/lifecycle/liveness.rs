//! Liveness: a claim that does not become a node in time is deleted, so that its pods are planned anew.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::{Deletion, LifecycleInput};
use crate::api::v1::conditions::{self, HasConditions};
use crate::decide::announcement::{Announcement, disruption};
use crate::decide::node_pool::registration_health::{Failure, Outcome};
use crate::model::node_claim::NodeClaim;
use crate::observe::metrics::{Sample, reason};

/// How a claim stands with its deadlines.
#[derive(Debug, Clone)]
pub enum Liveness {
    /// It has registered; no deadline any more.
    Alive,
    /// It has until then.
    Due(Timestamp),
    /// Time is up.
    Overdue(Box<Deletion>),
}

/// Reason of an unhealthy pool whose nodes launch and do not join.
const REGISTRATION_FAILED: &str = "RegistrationFailed";

/// Where `claim` stands at `now`.
///
/// Both deadlines count from the last transition of the condition they are about, which for one that has never been
/// decided is the creation of the claim.
///
/// Source: Karpenter behaviour, liveness. Differs: a claim past both deadlines is deleted and counted once.
pub fn check(input: &LifecycleInput<'_>, claim: &Arc<NodeClaim>, now: Timestamp) -> Liveness {
    if claim.registered {
        return Liveness::Alive;
    }
    let options = input.options;
    let (about, limit, why) = if claim.launched {
        (conditions::REGISTERED, options.registration_timeout, reason::REGISTRATION_TIMEOUT)
    } else {
        (conditions::LAUNCHED, options.launch_timeout, reason::LAUNCH_TIMEOUT)
    };
    let condition = claim.object.condition(about);
    let since = condition.map_or(claim.created, |condition| condition.last_transition_time.0);
    let due = deadline(since, limit);
    if now < due {
        return Liveness::Due(due);
    }
    let sample = Sample::ClaimDisrupted(disruption(claim, why));
    Liveness::Overdue(Box::new(Deletion {
        claim: claim.clone(),
        reason: why,
        outcome: Outcome::of(input.snapshot, claim, Some(failure(claim))),
        announcement: Announcement::samples([sample]),
    }))
}

fn failure(claim: &NodeClaim) -> Failure {
    let launched = claim.object.condition(conditions::LAUNCHED).filter(|_| !claim.launched);
    match launched {
        Some(condition) => {
            Failure { reason: condition.reason.clone(), message: condition.message.clone() }
        }
        None => Failure {
            reason: REGISTRATION_FAILED.to_owned(),
            message: "Failed to register node".to_owned(),
        },
    }
}

/// `since + limit`, the end of time if that is out of range.
pub(super) fn deadline(since: Timestamp, limit: Duration) -> Timestamp {
    since.checked_add(limit).unwrap_or(Timestamp::MAX)
}
