//! What claims say about how they may be disrupted: the last pod event and `Consolidatable`, in one write.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;

use super::consolidatable::{self, Quiet};
use super::draft::Draft;
use super::plan::{Plan, Step};
use super::pod_events;
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
/// one whose pool does not exist keeps its condition, and so does one of a static pool.
///
/// Nothing is copied for a claim that says everything already, so a quiet cluster costs a few look-ups per claim.
///
/// Source: Karpenter behaviour, NodeClaim disruption conditions. Differs: one write for both facts.
pub fn plan(snapshot: &ClusterSnapshot, now: Timestamp) -> Plan<ConditionWrite> {
    let mut plan = Plan::default();
    let claims = snapshot.claims.values();
    for claim in claims.filter(|claim| claim.launched && claim.deleted_at.is_none()) {
        let news = pod_events::news(snapshot, claim);
        let quiet = quiet(snapshot, claim, news, now);
        if let Some(Quiet::Until(at)) = quiet {
            plan.wake(at);
        }
        let quiet = quiet.filter(|quiet| !quiet.is_shown(&claim.object));
        if news.is_some() || quiet.is_some() {
            plan.steps.push(write(claim, news, quiet, now));
        }
    }
    plan
}

/// What `Consolidatable` is to say; `None` for claims without pool or of a static one.
fn quiet(
    snapshot: &ClusterSnapshot,
    claim: &NodeClaim,
    news: Option<Timestamp>,
    now: Timestamp,
) -> Option<Quiet> {
    let pool = snapshot.pools.get(&claim.pool()?)?;
    let is_static = pool.replicas.is_some();
    (!is_static).then(|| consolidatable::judge(claim, news.or(claim.last_pod_event), pool, now))
}

fn write(
    claim: &Arc<NodeClaim>,
    news: Option<Timestamp>,
    quiet: Option<Quiet>,
    now: Timestamp,
) -> ConditionWrite {
    let mut draft = Draft::of(&*claim.object, now);
    if let Some(at) = news {
        draft.object.status.get_or_insert_default().last_pod_event_time = Some(Time(at));
    }
    if let Some(quiet) = quiet {
        quiet.show(&mut draft);
    }
    ConditionWrite { claim: claim.clone(), after: Box::new(draft.object) }
}
