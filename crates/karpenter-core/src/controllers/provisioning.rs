//! Pending pods become NodeClaims.
//!
//! *Flow.* Pods that wait are collected in a batch; when the batch closes, one plan is made for all of them and
//! carried out as one step. Behind the pods, room for CapacityBuffers is planned.
//!
//! *Guarantees.* One plan at a time. A pod is not planned again while the claim made for it is being launched.
//! Nothing is planned before every kind has been listed. After a minute of thinking a plan is carried out as far as it
//! has come, and another one is made for the pods it did not come to as soon as that is done.
//!
//! *Assumptions.* A scheduler marks pods it cannot place as unschedulable.
//!
//! *Caveats.* A pool whose instance types are not known yet is waited for, but not for long. Claims created by another process hold planning back until they launch or time out.
//!
//! *Errors.* A pool whose instance types cannot be had is left out; the log says so when it begins. A claim that
//! cannot be created is planned again after a backoff; a pod that fits nowhere gets an event that says why, at most
//! every five minutes.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;

use unsupplied::Unsupplied;

use super::reconciler::{Controller, Limits};
use crate::clock::Clock;
use crate::cloud_provider::CloudProviderError;
use crate::decide::buffer::round::Reserve;
use crate::decide::plan::Plan;
use crate::decide::pod_decisions::PodDecisions;
use crate::decide::provisioning::demand;
use crate::decide::provisioning::input::{Terms, scheduling_input};
use crate::decide::scheduling::base::Base;
use crate::decide::scheduling::batch::{Batch, Window};
use crate::decide::scheduling::input::PoolSupply;
use crate::decide::scheduling::plan::SchedulingPlan;
use crate::decide::scheduling::report::PackingReport;
use crate::decide::scheduling::solve::solve_on;
use crate::effects::provision::{Provision, Provisioner};
use crate::effects::step::Actor;
use crate::model::ids::NodePoolName;
use crate::model::instance_type::Catalog;
use crate::observe::scheduler::{Packing, SchedulerMetrics, Tally};
use crate::state::ClusterSnapshot;

#[cfg(test)]
mod tests;
mod unsupplied;

/// The row of the provisioner.
pub struct Provisioning {
    actor: Arc<Provisioner>,
    metrics: SchedulerMetrics,
    batch: Batch,
    decisions: PodDecisions,
    seed: u64,
    /// What plans have in common.
    base: Base,
    /// Pools whose instance types are not known yet, and since when they are waited for.
    unevaluated: BTreeMap<NodePoolName, Timestamp>,
    /// Pools whose instance types cannot be had.
    unsupplied: Unsupplied,
}

/// How long a pool whose instance types are not known yet holds planning back; afterwards the others go on.
const EVALUATION_PATIENCE: Duration = Duration::from_secs(60);

/// How soon a pool that is being evaluated is looked at again.
const EVALUATION_CHECK: Duration = Duration::from_secs(1);

/// How long a plan may be thought about. Bounds how late the first node is made, whatever the pods ask for.
///
/// Source: Karpenter behaviour, deadline of a solve.
const THINKING_TIME: Duration = Duration::from_secs(60);

/// The clock is read once for so many pods.
const PODS_PER_READING: u32 = 16;

/// What the provisioner looks at.
pub struct Input {
    snapshot: ClusterSnapshot,
    supplies: Vec<PoolSupply>,
    unevaluated: Vec<NodePoolName>,
}

impl Provisioning {
    /// A provisioner that acts through `actor`; `seed` feeds the names of claims.
    pub fn new(actor: Provisioner, metrics: SchedulerMetrics, seed: u64) -> Self {
        Self {
            actor: Arc::new(actor),
            metrics,
            batch: Batch::default(),
            decisions: PodDecisions::default(),
            seed,
            unevaluated: BTreeMap::new(),
            base: Base::default(),
            unsupplied: Unsupplied::default(),
        }
    }

    /// What each pool can launch, and the usable pools nothing is known about yet.
    async fn supplies(
        &mut self,
        snapshot: &ClusterSnapshot,
    ) -> (Vec<PoolSupply>, Vec<NodePoolName>) {
        let (mut supplies, mut unevaluated) = (vec![], vec![]);
        for pool in snapshot.pools.values() {
            let catalog = match self.actor.clients.cloud.instance_types(pool).await {
                Ok(catalog) => catalog,
                Err(error) => {
                    let waits = matches!(error, CloudProviderError::UnevaluatedNodePool(_));
                    if waits && pool.is_dynamic_and_usable() {
                        unevaluated.push(pool.name.clone());
                    }
                    if self.unsupplied.is_news(&pool.name, &error) {
                        tracing::error!(nodepool = %pool.name, %error, "no instance types");
                    } else {
                        tracing::debug!(nodepool = %pool.name, %error, "no instance types");
                    }
                    Catalog::default()
                }
            };
            supplies.push(PoolSupply { pool: pool.clone(), catalog });
        }
        self.unsupplied.turn();
        (supplies, unevaluated)
    }

    /// Whether some pool is being evaluated and has not been waited for long enough.
    fn waits_for_evaluation(&mut self, pools: &[NodePoolName], now: Timestamp) -> bool {
        self.unevaluated.retain(|pool, _| pools.contains(pool));
        for pool in pools {
            self.unevaluated.entry(pool.clone()).or_insert(now);
        }
        self.unevaluated.values().any(|since| *since + EVALUATION_PATIENCE > now)
    }
}

#[async_trait]
impl Controller for Provisioning {
    type Input = Input;
    type Step = Provision;

    fn name(&self) -> &'static str {
        "provisioner"
    }

    fn limits(&self) -> Limits {
        Limits { heavy: true, ..Limits::default() }
    }

    async fn observe(&mut self) -> Option<Input> {
        let snapshot = self.actor.clients.state.snapshot();
        if !snapshot.is_synced() || self.actor.busy.load(Ordering::Acquire) {
            return None;
        }
        let (supplies, unevaluated) = self.supplies(&snapshot).await;
        Some(Input { snapshot, supplies, unevaluated })
    }

    fn decide(&mut self, input: Input, now: Timestamp) -> Plan<Provision> {
        let demand = demand(&input.snapshot, now);
        let mut plan = Plan::default();
        let bound = self.decisions.settle(&input.snapshot, now);
        bound.into_iter().for_each(|took| self.metrics.bound(took));
        if demand.is_empty() {
            self.metrics.planned(&Tally::default());
        }
        match self.batch.observe(demand.triggers(), now, &self.actor.options) {
            Window::Idle => return plan,
            Window::WaitUntil(at) => {
                plan.wake(at);
                return plan;
            }
            Window::Closed => {}
        }
        if demand.is_empty() && demand.buffers.is_empty() {
            self.batch.take();
            return plan;
        }
        if self.waits_for_evaluation(&input.unevaluated, now) {
            plan.wake(now + EVALUATION_CHECK);
            return plan;
        }
        if !demand.blocked_by.is_empty() {
            return plan;
        }
        self.batch.take();
        let traits = self.actor.clients.cloud.traits();
        let reserve = Reserve::of(&input.snapshot, now);
        let n_pods = demand.pending.len() + demand.reschedule.len();
        let planning = self.metrics.planning(input.snapshot.revision.0.to_string(), n_pods);
        let terms = Terms {
            now,
            seed: self.seed,
            options: self.actor.options.clone(),
            well_known: traits.well_known_labels.clone(),
            normalization: traits.label_normalization.clone(),
            unsupported_storage: traits.unsupported_storage.clone(),
        };
        let pods = reserve.pods.clone();
        let question = scheduling_input(&input.snapshot, demand, pods, input.supplies, terms);
        let is_over = deadline(&self.actor.clients.clock, now + THINKING_TIME);
        let mut scheduling = solve_on(&mut self.base, &question, Some(&is_over));
        drop(planning);
        let virtual_pods = reserve.pods.iter().map(|pod| (pod.key.clone(), pod.clone())).collect();
        let room = Arc::new(reserve.settle(&mut scheduling));
        let has_more = !scheduling.unattempted.is_empty();
        self.metrics.planned(&tally(&scheduling));
        let waited = self.decisions.record(&scheduling, &input.snapshot, now);
        waited.into_iter().for_each(|took| self.metrics.decided(took));
        plan.steps.push(Provision { plan: Arc::new(scheduling), virtual_pods, room });
        plan.wake(now + crate::decide::scheduling::batch::RETRIGGER);
        if has_more {
            self.batch.reopen();
            plan.wake(now);
        }
        plan
    }

    fn actor(&self) -> Arc<dyn Actor<Provision>> {
        self.actor.clone()
    }
}

/// How well new nodes are packed; `None` where that cannot be told for want of prices.
fn packing(report: &PackingReport) -> Option<Packing> {
    let (pool, policy) = (report.pool.clone(), report.policy.as_str());
    let is_bounded = report.lower_bound.as_f64() > 0.0;
    is_bounded.then(|| Packing { pool, policy, cost_ratio: 1.0 + report.gap() })
}

/// Whether `clock` has reached `at`, asked pod by pod.
fn deadline(clock: &Clock, at: Timestamp) -> impl Fn() -> bool {
    let n_asked = Cell::new(0_u32);
    move || {
        n_asked.set(n_asked.get().wrapping_add(1));
        n_asked.get().is_multiple_of(PODS_PER_READING) && clock.now() >= at
    }
}

/// The plan in numbers.
fn tally(plan: &SchedulingPlan) -> Tally {
    let ignored = plan.unschedulable.iter().filter(|(_, why)| why.is_ignored()).count();
    let by_zone = plan.report.pending_by_zone.iter();
    Tally {
        unschedulable: plan.n_unschedulable() - ignored,
        unattempted: plan.unattempted.len(),
        ignored,
        by_zone: by_zone.map(|(zone, n_pods)| (zone.to_string(), *n_pods)).collect(),
        packing: plan.report.packing.iter().filter_map(packing).collect(),
    }
}
