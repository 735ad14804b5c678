//! `static.capacity`: NodePools with a fixed number of nodes.
//!
//! *Flow.* When a pool or its claims change, and every minute, claims are counted; what is missing is created, what is
//! too many is deleted, one step per pool.
//!
//! *Guarantees.* A pool never has more claims than its replicas and its limit on nodes for longer than it takes to delete
//! them, and never because two decisions met. Pods that wait never make it grow; they may use its nodes.
//!
//! *Assumptions.* Claims that were created are in the state before their step ends.
//!
//! *Caveats.* After it has grown a pool rests for ten seconds, so that claims that cannot be launched do not follow each
//! other without pause.
//!
//! *Errors.* A claim that cannot be created or deleted is decided upon again after a backoff.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;

use super::reconciler::{Controller, Limits};
use crate::decide::plan::Plan;
use crate::decide::scheduling::static_claim::ClaimRules;
use crate::decide::static_capacity::{StaticStep, plan};
use crate::effects::static_capacity::StaticActor;
use crate::effects::step::Actor;
use crate::options::Options;
use crate::state::ClusterSnapshot;

/// How soon pools are looked at again when nothing else happens.
const LOOK_AGAIN: Duration = Duration::from_secs(60);

/// Pools changed at once.
const MAX_IN_FLIGHT: usize = 10;

/// The row `static.capacity`.
pub struct StaticCapacity {
    actor: Arc<StaticActor>,
    options: Options,
    seed: u64,
}

impl StaticCapacity {
    /// The row with what it acts with; `seed` feeds the names of claims.
    pub fn new(actor: StaticActor, options: Options, seed: u64) -> Self {
        Self { actor: Arc::new(actor), options, seed }
    }
}

#[async_trait]
impl Controller for StaticCapacity {
    type Input = ClusterSnapshot;
    type Step = StaticStep;

    fn name(&self) -> &'static str {
        "static.capacity"
    }

    fn limits(&self) -> Limits {
        Limits {
            max_in_flight: MAX_IN_FLIGHT,
            min_interval: Duration::from_secs(1),
            ..Limits::default()
        }
    }

    async fn observe(&mut self) -> Option<ClusterSnapshot> {
        let snapshot = self.actor.clients.state.snapshot();
        snapshot.is_synced().then_some(snapshot)
    }

    fn decide(&mut self, snapshot: ClusterSnapshot, now: Timestamp) -> Plan<StaticStep> {
        let traits = self.actor.clients.cloud.traits();
        let rules = ClaimRules {
            seed: self.seed,
            well_known: &traits.well_known_labels,
            normalization: &traits.label_normalization,
            default_grace: self.options.default_termination_grace_period,
        };
        let (mut plan, report) = plan(&snapshot, rules, now);
        if !plan.steps.is_empty() {
            tracing::debug!(%report, "static nodepools");
        }
        plan.wake(now + LOOK_AGAIN);
        plan
    }

    fn actor(&self) -> Arc<dyn Actor<StaticStep>> {
        self.actor.clone()
    }
}
