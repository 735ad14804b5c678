//! `nodeoverlay`: what NodeOverlays come to.
//!
//! *Flow.* When overlays, pools or what pools can launch have changed, all overlays are evaluated for all pools. The
//! effects are handed to whoever asks for instance types, the conditions of overlays say what became of them.
//!
//! *Guarantees.* Effects change all at once. Nothing is planned for a pool before it has been evaluated. At most one
//! write per overlay and change, guarded by `resourceVersion`.
//!
//! *Assumptions.* Catalogues of one pool and generation are equal.
//!
//! *Caveats.* A pool whose instance types are not known is left out and evaluated once they are.
//!
//! *Errors.* A conflict is looked at again with the newer object.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;

use super::reconciler::{Controller, Limits};
use crate::decide::overlay::{Evaluation, OverlayStep, conditions, evaluate};
use crate::decide::plan::Plan;
use crate::decide::scheduling::input::PoolSupply;
use crate::effects::error::report;
use crate::effects::overlaid_cloud::Overlays;
use crate::effects::status::StatusActor;
use crate::effects::step::Actor;
use crate::model::validation::ValidationRules;
use crate::state::ClusterSnapshot;

/// How soon supply is looked at again when nothing else happens.
const LOOK_AGAIN: Duration = Duration::from_secs(10);

/// Name and generation of everything an evaluation read, in order.
type Fingerprint = Vec<(String, i64, u64)>;

/// The row `nodeoverlay`.
pub struct NodeOverlays {
    /// Writes conditions; its cloud shows instance types as the provider has them.
    actor: Arc<StatusActor>,
    overlays: Overlays,
    rules: ValidationRules,
    last: Option<(Fingerprint, Evaluation)>,
}

impl NodeOverlays {
    /// The row with what it acts with, where effects go, and what users may write.
    pub fn new(actor: Arc<StatusActor>, overlays: Overlays, rules: ValidationRules) -> Self {
        Self { actor, overlays, rules, last: None }
    }

    async fn supplies(&self, snapshot: &ClusterSnapshot) -> Vec<PoolSupply> {
        let mut supplies = vec![];
        for pool in snapshot.pools.values() {
            match self.actor.clients.cloud.instance_types(pool).await {
                Ok(catalog) => supplies.push(PoolSupply { pool: pool.clone(), catalog }),
                Err(error) => {
                    tracing::debug!(nodepool = %pool.name, error = report(&error), "not evaluated");
                }
            }
        }
        supplies
    }
}

#[async_trait]
impl Controller for NodeOverlays {
    type Input = (ClusterSnapshot, Vec<PoolSupply>);
    type Step = OverlayStep;

    fn name(&self) -> &'static str {
        "nodeoverlay"
    }

    fn limits(&self) -> Limits {
        Limits { min_interval: Duration::from_secs(1), heavy: true, ..Limits::default() }
    }

    async fn observe(&mut self) -> Option<Self::Input> {
        let snapshot = self.actor.clients.state.snapshot();
        if !snapshot.is_synced() {
            return None;
        }
        let supplies = self.supplies(&snapshot).await;
        Some((snapshot, supplies))
    }

    fn decide(&mut self, (snapshot, supplies): Self::Input, now: Timestamp) -> Plan<OverlayStep> {
        let read = fingerprint(&snapshot, &supplies);
        let known = self.last.take().filter(|(last, _)| *last == read);
        let evaluation = match known {
            Some((_, evaluation)) => evaluation,
            None => evaluate(&snapshot.overlays, &supplies, &self.rules),
        };
        self.overlays.replace(&evaluation.effects);
        let mut plan = conditions(&snapshot.overlays, &evaluation, now);
        plan.wake(now + LOOK_AGAIN);
        self.last = Some((read, evaluation));
        plan
    }

    fn actor(&self) -> Arc<dyn Actor<OverlayStep>> {
        self.actor.clone()
    }
}

fn fingerprint(snapshot: &ClusterSnapshot, supplies: &[PoolSupply]) -> Fingerprint {
    let overlays = snapshot.overlays.values().map(|o| (o.uid.to_string(), o.generation, 0));
    let pools =
        supplies.iter().map(|s| (s.pool.uid.to_string(), s.pool.generation, s.catalog.generation));
    overlays.chain(pools).collect()
}
