//! Registration health: whether the last nodes of a pool joined the cluster.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use crate::api::v1::conditions::{
    self, Condition, ConditionStatus, HasConditions, NODE_REGISTRATION_HEALTHY, Verdict,
};
use crate::api::v1::nodepool::NodePool as PoolObject;
use crate::decide::draft::Draft;
use crate::model::ids::Uid;
use crate::model::node_claim::NodeClaim;
use crate::model::node_class::NodeClass;
use crate::model::node_pool::NodePool;
use crate::state::ClusterSnapshot;

/// How many outcomes of a pool are remembered.
const REMEMBERED: usize = 4;

/// This many failures among them make a pool unhealthy.
const TOLERATED_FAILURES: usize = 1;

/// Why a claim did not become a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// CamelCase reason.
    pub reason: String,
    /// What happened.
    pub message: String,
}

/// Generations of a pool and of its node class; outcomes under others say nothing about these.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Generations {
    /// Of the pool.
    pub pool: i64,
    /// Of its node class.
    pub class: i64,
}

/// What became of one claim of a pool.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// The pool that owns the claim.
    pub pool: Arc<NodePool>,
    /// What pool and class looked like.
    pub generations: Generations,
    /// The claim.
    pub claim: Uid,
    /// Why it failed; `None` when its node registered.
    pub failure: Option<Failure>,
}

impl Outcome {
    /// The outcome of `claim`; `None` unless a pool of the cluster owns it and the pool's class is there.
    pub fn of(
        snapshot: &ClusterSnapshot,
        claim: &NodeClaim,
        failure: Option<Failure>,
    ) -> Option<Self> {
        let pool = snapshot.pools.get(&claim.pool()?)?;
        let owners = claim.object.metadata.owner_references.iter().flatten();
        let mut owners = owners.into_iter();
        if !owners.any(|owner| owner.kind == "NodePool" && owner.uid == pool.uid.as_str()) {
            return None;
        }
        let class = snapshot.node_classes.get(&pool.template.node_class)?;
        let generations = Generations { pool: pool.generation, class: class.generation };
        Some(Self { pool: pool.clone(), generations, claim: claim.uid.clone(), failure })
    }
}

/// What the remembered outcomes of a pool amount to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Health {
    /// Nothing is remembered.
    Unknown,
    /// At most one of the last four failed.
    Healthy,
    /// More of them failed; the newest failure.
    Unhealthy(Failure),
}

/// The last outcomes of one pool, oldest first.
#[derive(Debug, Clone, PartialEq)]
struct Ring {
    generations: Generations,
    outcomes: VecDeque<(Option<Uid>, Option<Failure>)>,
}

/// The last outcomes of every pool, by pool uid.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RegistrationHealth(BTreeMap<Uid, Ring>);

impl RegistrationHealth {
    /// Remembers `outcome`, once per claim. A pool that is new to this process starts from what its condition says.
    pub fn record(&mut self, outcome: Outcome) {
        let Outcome { pool, generations, claim, failure } = outcome;
        let ring = self.0.entry(pool.uid.clone()).or_insert_with(|| Ring::of(&pool, generations));
        if ring.generations != generations {
            *ring = Ring::of(&pool, generations);
        }
        ring.insert(claim, failure);
    }

    /// The health of the pool `uid` as far as claims made under `generations` tell.
    pub fn health(&self, uid: &Uid, generations: Generations) -> Health {
        let ring = self.0.get(uid).filter(|ring| ring.generations == generations);
        ring.map_or(Health::Unknown, Ring::health)
    }

    /// Forgets pools that are gone.
    pub fn retain(&mut self, exists: impl Fn(&Uid) -> bool) {
        self.0.retain(|uid, _| exists(uid));
    }
}

impl Ring {
    /// What the condition of `pool` still knows, if it is about these generations.
    fn of(pool: &NodePool, generations: Generations) -> Self {
        let condition = pool.object.condition(NODE_REGISTRATION_HEALTHY);
        let condition = condition.filter(|known| is_current(&pool.object, known, generations));
        let outcomes = match condition.map(|condition| (condition.status, condition)) {
            Some((ConditionStatus::True, _)) => VecDeque::from([(None, None)]),
            Some((ConditionStatus::False, condition)) => {
                let Condition { reason, message, .. } = condition.clone();
                let failure = Some(Failure { reason, message });
                VecDeque::from([(None, failure.clone()), (None, failure)])
            }
            Some((ConditionStatus::Unknown, _)) | None => VecDeque::new(),
        };
        Self { generations, outcomes }
    }

    fn insert(&mut self, claim: Uid, failure: Option<Failure>) {
        if self.outcomes.iter().any(|(known, _)| known.as_ref() == Some(&claim)) {
            return;
        }
        if self.outcomes.len() == REMEMBERED {
            self.outcomes.pop_front();
        }
        self.outcomes.push_back((Some(claim), failure));
    }

    fn health(&self) -> Health {
        let failures: Vec<&Failure> =
            self.outcomes.iter().filter_map(|(_, failure)| failure.as_ref()).collect();
        match failures.last() {
            Some(newest) if failures.len() > TOLERATED_FAILURES => {
                Health::Unhealthy((*newest).clone())
            }
            _ if self.outcomes.is_empty() => Health::Unknown,
            Some(_) | None => Health::Healthy,
        }
    }
}

/// Writes the health of a pool into its condition; nothing is judged without a node class.
///
/// Source: Karpenter behaviour, registration health. Differs: an outcome is never lost to a conflict, because the
/// condition follows from what is remembered.
pub(super) fn judge(
    draft: &mut Draft<PoolObject>,
    pool: &NodePool,
    class: Option<&NodeClass>,
    health: &RegistrationHealth,
) {
    let Some(class) = class else { return };
    let generations = Generations { pool: pool.generation, class: class.generation };
    let known = draft.object.condition(NODE_REGISTRATION_HEALTHY);
    if !known.is_some_and(|known| is_current(&draft.object, known, generations)) {
        draft.set(Verdict::awaiting(NODE_REGISTRATION_HEALTHY));
    }
    draft.object.status.get_or_insert_default().node_class_observed_generation =
        Some(class.generation);
    match health.health(&pool.uid, generations) {
        Health::Unknown => {}
        Health::Healthy => draft.set(Verdict::ok(NODE_REGISTRATION_HEALTHY)),
        Health::Unhealthy(_)
            if draft.status(conditions::NODE_REGISTRATION_HEALTHY) == ConditionStatus::False => {}
        Health::Unhealthy(Failure { reason, message }) => {
            draft.set(Verdict::failed(NODE_REGISTRATION_HEALTHY, reason, message));
        }
    }
}

/// Whether the condition was judged for these generations.
fn is_current(pool: &PoolObject, condition: &Condition, generations: Generations) -> bool {
    let class = pool.status.as_ref().and_then(|status| status.node_class_observed_generation);
    condition.observed_generation == Some(generations.pool) && class == Some(generations.class)
}
