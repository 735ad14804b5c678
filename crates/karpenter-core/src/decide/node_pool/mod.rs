//! What the status of NodePools says, and the drift hash on pools and claims.
//!
//! [`plan`] computes everything a pool's status holds from the snapshot, so one pass writes all that changed at once.

pub mod counter;
pub mod hash;
pub mod readiness;
pub mod registration_health;
#[cfg(test)]
mod tests;
pub mod validation;

use std::sync::Arc;

use jiff::Timestamp;

use self::registration_health::RegistrationHealth;
use super::draft::Draft;
use super::plan::{Plan, Step};
use crate::api::v1::nodeclaim::NodeClaim as ClaimObject;
use crate::api::v1::nodepool::NodePool as PoolObject;
use crate::model::node_claim::NodeClaim;
use crate::model::node_pool::NodePool;
use crate::model::validation::ValidationRules;
use crate::state::ClusterSnapshot;

/// Everything the decision reads.
#[derive(Debug, Clone, Copy)]
pub struct PoolInput<'a> {
    /// The cluster.
    pub snapshot: &'a ClusterSnapshot,
    /// What became of the last claims of each pool.
    pub health: &'a RegistrationHealth,
    /// What users may write.
    pub rules: &'a ValidationRules,
}

/// One change to a pool or, when the hash algorithm changes, to a claim of it.
#[derive(Debug, Clone)]
pub enum PoolStep {
    /// Write the pool.
    Write(Arc<NodePool>, Box<PoolObject>),
    /// Write the hash annotations of a claim.
    Restamp(Arc<NodeClaim>, Box<ClaimObject>),
}

impl Step for PoolStep {
    fn object(&self) -> String {
        match self {
            Self::Write(pool, _) => format!("nodepool/{}", pool.name),
            Self::Restamp(claim, _) => format!("nodeclaim/{}", claim.name),
        }
    }
}

/// What pools and their claims need next: per pool in name order its claims, then the pool.
///
/// Source: Karpenter behaviour, NodePool controllers. Differs: one writer for the whole status, driven by changes.
pub fn plan(input: &PoolInput<'_>, now: Timestamp) -> Plan<PoolStep> {
    let usage = counter::usage_by_pool(input.snapshot);
    let mut plan = Plan::default();
    for pool in input.snapshot.pools.values() {
        let class = input.snapshot.node_classes.get(&pool.template.node_class).map(AsRef::as_ref);
        let stamps = hash::restamps(input.snapshot, pool);
        let mut draft = Draft::of(&*pool.object, now);
        if stamps.is_empty() {
            hash::stamp(&mut draft.object);
        }
        plan.steps.extend(stamps.into_iter().map(|(claim, after)| PoolStep::Restamp(claim, after)));
        validation::judge(&mut draft, input.rules);
        readiness::judge(&mut draft, class);
        registration_health::judge(&mut draft, pool, class, input.health);
        counter::count(&mut draft.object, usage.get(&pool.name));
        if draft.is_changed(&pool.object) {
            plan.steps.push(PoolStep::Write(pool.clone(), Box::new(draft.object)));
        }
    }
    plan
}
