//! How far pods have come on their way to a node: when they were decided on, and when a place was found for them.
//!
//! Instants of one pod never move once they are set, except that a plan without a place for it takes the place back.
//! Pods that are gone are forgotten.
//!
//! Source: Karpenter behaviour, scheduling decisions of pods.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;

use super::scheduling::plan::{SchedulingPlan, Target};
use crate::api::labels;
use crate::api::v1::conditions::{ConditionStatus, HasConditions, NODE_REGISTRATION_HEALTHY};
use crate::model::ids::{NodePoolName, PodKey, Uid};
use crate::model::pod::{Pod, elapsed};
use crate::state::ClusterSnapshot;

#[cfg(test)]
mod tests;

/// How far one pod has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    uid: Uid,
    /// When it was first decided on, with or without success.
    pub decided_at: Timestamp,
    /// Since when there is a place for it.
    pub schedulable_at: Option<Timestamp>,
    /// Since when that place is on nodes of a NodePool whose nodes register.
    pub healthy_at: Option<Timestamp>,
}

/// Pods that were decided on and are not bound yet.
#[derive(Debug, Clone, Default)]
pub struct PodDecisions(BTreeMap<PodKey, Progress>);

impl PodDecisions {
    /// How far `pod` has come; `None` before the first decision on it.
    pub fn of(&self, pod: &PodKey) -> Option<&Progress> {
        self.0.get(pod)
    }

    /// Takes note of a plan. Returns for every pod decided on for the first time how long it has waited for that.
    pub fn record(
        &mut self,
        plan: &SchedulingPlan,
        snapshot: &ClusterSnapshot,
        now: Timestamp,
    ) -> Vec<Duration> {
        let mut waits = vec![];
        for (key, _) in &plan.unschedulable {
            if let Some(progress) = self.decided(key, snapshot, now, &mut waits) {
                (progress.schedulable_at, progress.healthy_at) = (None, None);
            }
        }
        let claims = plan.claims.iter().map(|claim| (Some(claim.pool.clone()), &claim.pods));
        let placements = plan.placements.iter();
        let placements = placements.map(|p| (pool_of(&p.target, snapshot), &p.pods));
        for (pool, pods) in claims.chain(placements) {
            let is_healthy = pool.is_some_and(|pool| is_healthy(&pool, snapshot));
            for key in pods {
                let Some(progress) = self.decided(key, snapshot, now, &mut waits) else { continue };
                progress.schedulable_at.get_or_insert(now);
                progress.healthy_at = match progress.healthy_at {
                    known if is_healthy => known.or(Some(now)),
                    _ => None,
                };
            }
        }
        waits
    }

    /// Forgets pods that need no place any more. Returns for every one that was bound how long that took since it was
    /// placed on nodes of a healthy pool.
    pub fn settle(&mut self, snapshot: &ClusterSnapshot, now: Timestamp) -> Vec<Duration> {
        let mut waits = vec![];
        self.0.retain(|key, progress| {
            let pod = snapshot.pods.get(key).filter(|pod| pod.uid == progress.uid);
            let Some(pod) = pod.filter(|pod| pod.is_active()) else { return false };
            if pod.node_name.is_none() {
                return true;
            }
            let bound_at = pod.scheduled_at.unwrap_or(now);
            waits.extend(progress.healthy_at.map(|since| elapsed(since, bound_at)));
            false
        });
        waits
    }

    /// The progress of a pod that has just been decided on; `None` for one that is gone or bound already.
    fn decided(
        &mut self,
        key: &PodKey,
        snapshot: &ClusterSnapshot,
        now: Timestamp,
        waits: &mut Vec<Duration>,
    ) -> Option<&mut Progress> {
        let pod: &Pod = snapshot.pods.get(key).filter(|pod| pod.node_name.is_none())?;
        let is_new = self.0.get(key).is_none_or(|known| known.uid != pod.uid);
        if is_new {
            let since = snapshot.pending.get(key).map(|pending| pending.since);
            waits.extend(since.map(|since| elapsed(since, now)));
            let (uid, decided_at) = (pod.uid.clone(), now);
            let progress = Progress { uid, decided_at, schedulable_at: None, healthy_at: None };
            self.0.insert(key.clone(), progress);
        }
        self.0.get_mut(key)
    }
}

/// The pool of the node pods were placed on; `None` for nodes of others.
fn pool_of(target: &Target, snapshot: &ClusterSnapshot) -> Option<NodePoolName> {
    match target {
        Target::Node(name) => {
            snapshot.nodes.get(name)?.label(labels::NODEPOOL).map(NodePoolName::from)
        }
        Target::Claim(name) => snapshot.claims.get(name)?.pool(),
    }
}

fn is_healthy(pool: &NodePoolName, snapshot: &ClusterSnapshot) -> bool {
    snapshot.pools.get(pool).is_some_and(|pool| {
        let mut conditions = pool.object.conditions().iter();
        conditions.any(|condition| {
            condition.r#type == NODE_REGISTRATION_HEALTHY
                && condition.status == ConditionStatus::True
        })
    })
}
