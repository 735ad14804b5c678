//! What claims say about how they may be disrupted: the last pod event and `Consolidatable`, in one write.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use jiff::Timestamp;

use super::draft::Draft;
use super::plan::{Plan, Step};
use super::{consolidatable, pod_events};
use crate::api::v1::nodeclaim::NodeClaim as ClaimObject;
use crate::model::node_claim::NodeClaim;
use crate::state::ClusterSnapshot;

/// New content of a claim's status.
#[derive(Debug, Clone)]
pub struct ConditionWrite {
    /// The claim as it was looked at.
    pub claim: Arc<NodeClaim>,
    /// What it is to become.
    pub after: Box<ClaimObject>,
}

impl Step for ConditionWrite {
    fn object(&self) -> String {
        self.claim.name.to_string()
    }
}

/// Claims whose status is not up to date, in name order. Only launched claims that are not being deleted are judged;
/// one whose pool does not exist keeps its condition, and static pools do not consolidate.
///
/// Source: Karpenter behaviour, NodeClaim disruption conditions. Differs: one write for both facts.
pub fn plan(snapshot: &ClusterSnapshot, now: Timestamp) -> Plan<ConditionWrite> {
    let mut plan = Plan::default();
    for claim in snapshot.claims.values() {
        if claim.deleted_at.is_some() || !claim.launched {
            continue;
        }
        let mut draft = Draft::of(&*claim.object, now);
        pod_events::note(&mut draft, snapshot, claim);
        let pool = claim.pool().and_then(|pool| snapshot.pools.get(&pool));
        if let Some(pool) = pool.filter(|pool| pool.replicas.is_none())
            && let Some(at) = consolidatable::judge(&mut draft, pool, now)
        {
            plan.wake(at);
        }
        if draft.is_changed(&claim.object) {
            plan.steps.push(ConditionWrite { claim: claim.clone(), after: Box::new(draft.object) });
        }
    }
    plan
}
