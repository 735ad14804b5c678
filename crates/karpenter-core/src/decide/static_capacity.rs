//! NodePools with a fixed number of nodes: which claims are missing, and which are too many.
//!
//! *Flow.* Claims of a pool are counted: those that stay, those a disruption command has taken, those being deleted. What
//! is missing is created as far as the limit on nodes allows; what is too many is deleted in the order of
//! `scale_down`.
//!
//! *Guarantees.* At most one step per pool, so that two decisions never grow a pool twice for the same need, and the
//! limit on nodes needs no reservations that could get lost. Names of new claims depend on the claims that are known, so
//! that repeating a step whose answer was lost makes no second claim.
//!
//! *Caveats.* A claim whose creation is not seen before another claim of the pool comes or goes is made once more and
//! then taken back.
//!
//! Source: Karpenter behaviour, static NodePools. Differs: claims that a command has taken count towards the replicas.

pub mod report;
mod scale_down;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use jiff::Timestamp;

use self::report::{PoolReport, StaticReport, Verdict};
use super::plan::{Plan, Step};
use super::scheduling::static_claim::{ClaimRules, StaticClaims};
use crate::api::v1::nodeclaim::NodeClaim as Object;
use crate::model::node_claim::NodeClaim;
use crate::model::node_pool::NodePool;
use crate::model::quantity::Quantity;
use crate::model::resources::ResourceName;
use crate::state::{ClusterSnapshot, StateNode};

/// Claims of one pool created or deleted in one step; the rest follows in the next.
pub const MOST_AT_ONCE: usize = 100;

/// What one pool needs.
#[derive(Debug, Clone)]
pub struct StaticStep {
    /// The pool.
    pub pool: Arc<NodePool>,
    /// Claims to create.
    pub create: Vec<Object>,
    /// Claims to delete, the most dispensable first.
    pub delete: Vec<Arc<NodeClaim>>,
    /// Why, in one sentence for people.
    pub why: String,
}

impl Step for StaticStep {
    fn object(&self) -> String {
        format!("nodepool/{}", self.pool.name)
    }
}

/// What every static pool needs at `now`, in name order, and why.
pub fn plan(
    snapshot: &ClusterSnapshot,
    rules: ClaimRules<'_>,
    now: Timestamp,
) -> (Plan<StaticStep>, StaticReport) {
    let (mut plan, mut report) = (Plan::default(), StaticReport::default());
    let is_static = |pool: &&Arc<NodePool>| pool.replicas.is_some();
    if !snapshot.pools.values().any(|pool| is_static(&pool)) {
        return (plan, report);
    }
    let nodes = snapshot.state_nodes();
    for pool in snapshot.pools.values().filter(is_static) {
        let census = Census::of(pool, &nodes);
        let verdict = census.verdict(pool);
        let of_pool = PoolReport {
            pool: pool.name.clone(),
            replicas: pool.replicas.unwrap_or_default(),
            n_active: census.active.len(),
            n_pending: census.n_pending,
            n_deleting: census.n_deleting,
            verdict,
        };
        let (mut create, mut delete) = (vec![], vec![]);
        match verdict {
            Verdict::Grows { granted, .. } => {
                let claims = StaticClaims::new(pool, &snapshot.claims, rules);
                create.extend(claims.take(granted.min(MOST_AT_ONCE)));
            }
            Verdict::Shrinks(excess) => {
                delete = scale_down::dispensable(census.active, excess.min(MOST_AT_ONCE), now);
            }
            Verdict::Complete | Verdict::NotReady | Verdict::Deleting => {}
        }
        if !(create.is_empty() && delete.is_empty()) {
            let why = of_pool.to_string();
            plan.steps.push(StaticStep { pool: pool.clone(), create, delete, why });
        }
        report.pools.push(of_pool);
    }
    (plan, report)
}

/// The claims of one pool.
struct Census<'s> {
    /// Those that stay.
    active: Vec<&'s StateNode>,
    /// How many a disruption command has taken.
    n_pending: usize,
    /// How many are being deleted.
    n_deleting: usize,
}

impl<'s> Census<'s> {
    fn of(pool: &NodePool, nodes: &'s [StateNode]) -> Self {
        let mut census = Self { active: vec![], n_pending: 0, n_deleting: 0 };
        for node in nodes {
            let own = node.claim.as_ref().and_then(|claim| claim.pool());
            match node {
                _ if own.as_ref() != Some(&pool.name) => {}
                node if node.is_deleting() => census.n_deleting += 1,
                node if node.marked => census.n_pending += 1,
                node => census.active.push(node),
            }
        }
        census
    }

    fn verdict(&self, pool: &NodePool) -> Verdict {
        let replicas = usize::try_from(pool.replicas.unwrap_or_default()).unwrap_or_default();
        let (active, pending) = (self.active.len(), self.n_pending);
        if pool.deleted_at.is_some() {
            return Verdict::Deleting;
        }
        if active > replicas {
            return Verdict::Shrinks(active - replicas);
        }
        match replicas - active {
            missing if missing <= pending => Verdict::Complete,
            _ if !pool.ready => Verdict::NotReady,
            missing => {
                let wanted = missing - pending;
                let n_known = active + pending + self.n_deleting;
                Verdict::Grows { wanted, granted: wanted.min(room(pool, n_known)) }
            }
        }
    }
}

/// How many more nodes the limit of the pool allows.
fn room(pool: &NodePool, n_known: usize) -> usize {
    let limits = pool.limits.as_ref();
    let limit = limits.and_then(|limits| limits.get(ResourceName::nodes().as_str()));
    limit.map_or(usize::MAX, |limit| {
        let above = limit.units_ceil();
        let whole = if Quantity::from_units(above) > limit { above - 1 } else { above };
        usize::try_from(whole).unwrap_or_default().saturating_sub(n_known)
    })
}
