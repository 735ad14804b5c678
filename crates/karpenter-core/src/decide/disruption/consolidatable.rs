//! The condition `Consolidatable`: the pods of a node have been quiet for as long as its pool asks.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use crate::api::v1::conditions::{self, HasConditions, Verdict};
use crate::api::v1::nodeclaim::NodeClaim as ClaimObject;
use crate::decide::plan::{Plan, Step};
use crate::model::node_claim::NodeClaim;
use crate::state::ClusterSnapshot;

/// Conditions to write.
#[derive(Debug, Clone)]
pub struct ConditionStep {
    /// The claim, as decided upon.
    pub claim: Arc<NodeClaim>,
    /// The claim with its new conditions.
    pub after: Box<ClaimObject>,
}

impl Step for ConditionStep {
    fn object(&self) -> String {
        format!("nodeclaim/{}", self.claim.name)
    }
}

/// What the condition of a claim should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wanted {
    Absent,
    /// Absent now, present from this instant on.
    From(Timestamp),
    True,
}

/// Claims whose condition is not what it should be, in name order.
///
/// Claims that are being deleted, whose pool is unknown, or whose pool is static are left as they are.
///
/// Source: Karpenter behaviour (Consolidatable).
pub fn plan(cluster: &ClusterSnapshot, now: Timestamp) -> Plan<ConditionStep> {
    let mut plan = Plan::default();
    for claim in cluster.claims.values().filter(|claim| claim.deleted_at.is_none()) {
        let pool = claim.pool().and_then(|name| cluster.pools.get(&name));
        let Some(pool) = pool.filter(|pool| pool.replicas.is_none()) else { continue };
        let wanted = wanted(cluster, claim, pool.consolidate_after, now);
        if let Wanted::From(at) = wanted {
            plan.wake(at);
        }
        let mut after = Box::new((*claim.object).clone());
        let is_present = after.condition(conditions::CONSOLIDATABLE).is_some();
        let mut set = after.condition_set(in_seconds(now));
        let is_changed = match wanted {
            Wanted::True => set.set(Verdict::ok(conditions::CONSOLIDATABLE)),
            Wanted::Absent | Wanted::From(_) => {
                is_present && set.clear(conditions::CONSOLIDATABLE).unwrap_or(false)
            }
        };
        if is_changed {
            plan.steps.push(ConditionStep { claim: claim.clone(), after });
        }
    }
    plan
}

fn wanted(
    cluster: &ClusterSnapshot,
    claim: &Arc<NodeClaim>,
    consolidate_after: Option<Duration>,
    now: Timestamp,
) -> Wanted {
    let Some(quiet) = consolidate_after.filter(|_| claim.initialized) else {
        return Wanted::Absent;
    };
    let initialized = claim.object.condition(conditions::INITIALIZED);
    let since = claim.last_pod_event.or(initialized.map(|known| known.last_transition_time.0));
    let seen = cluster.state_node_of_claim(claim).usage.last_pod_event;
    let Some(since) = since.max(seen.filter(|_| !quiet.is_zero())) else { return Wanted::True };
    match since.checked_add(quiet) {
        Ok(end) if quiet.is_zero() || end <= now => Wanted::True,
        Ok(end) => Wanted::From(end),
        Err(_) => Wanted::Absent,
    }
}

/// Conditions keep whole seconds.
fn in_seconds(at: Timestamp) -> Timestamp {
    Timestamp::from_second(at.as_second()).unwrap_or(at)
}
