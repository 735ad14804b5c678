//! Metrics of planning: how many pods wait for what, and how long it took to decide.
//!
//! Cardinality: a series per controller and zone. The series of a running plan goes with the plan, and when nothing
//! is left to plan every gauge is zero.
//!
//! Source: Karpenter behaviour, metrics of the scheduler. Differs: gauges do not keep the value of a plan whose pods
//! are gone.

use std::collections::BTreeMap;
use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use super::runner::DURATION_BUCKETS;

#[cfg(test)]
mod tests;

/// Value of the label `controller`.
const CONTROLLER: &str = "provisioner";

/// One series per controller.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ByController {
    controller: &'static str,
}

/// One series per running plan.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ByPlan {
    controller: &'static str,
    scheduling_id: String,
}

/// One series per zone.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ByZone {
    controller: &'static str,
    zone: String,
}

/// What a plan came to, in numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// Pods without a place.
    pub unschedulable: usize,
    /// Pods that were not tried before the plan had to be there.
    pub unattempted: usize,
    /// Pods that were not planned for, because of what they ask.
    pub ignored: usize,
    /// Pending pods by the zone they can go to.
    pub by_zone: BTreeMap<String, usize>,
}

/// The families; cloning shares them.
#[derive(Debug, Clone)]
pub struct SchedulerMetrics {
    unschedulable: Family<ByController, Gauge>,
    unattempted: Family<ByController, Gauge>,
    ignored: Gauge,
    queue_depth: Family<ByPlan, Gauge>,
    by_zone: Family<ByZone, Gauge>,
    decided: Histogram,
    bound: Histogram,
}

/// A plan that is being made; its series goes when this is dropped.
#[derive(Debug)]
#[must_use]
pub(crate) struct Planning {
    queue_depth: Family<ByPlan, Gauge>,
    labels: ByPlan,
}

impl Drop for Planning {
    fn drop(&mut self) {
        self.queue_depth.remove(&self.labels);
    }
}

impl Default for SchedulerMetrics {
    fn default() -> Self {
        Self {
            unschedulable: Family::default(),
            unattempted: Family::default(),
            ignored: Gauge::default(),
            queue_depth: Family::default(),
            by_zone: Family::default(),
            decided: Histogram::new(DURATION_BUCKETS),
            bound: Histogram::new(DURATION_BUCKETS),
        }
    }
}

impl SchedulerMetrics {
    /// Registers the families.
    pub fn register(&self, registry: &mut Registry) {
        registry.register(
            "karpenter_scheduler_unschedulable_pods_count",
            "Pods without a place in the last plan",
            self.unschedulable.clone(),
        );
        registry.register(
            "karpenter_scheduler_unattempted_pods_count",
            "Pods that were not tried before the last plan had to be there; the next plan follows at once",
            self.unattempted.clone(),
        );
        registry.register(
            "karpenter_scheduler_ignored_pods_count",
            "Pods left out of the last plan because of what they ask",
            self.ignored.clone(),
        );
        registry.register(
            "karpenter_scheduler_queue_depth",
            "Pods a plan is being made for, by plan; gone when the plan is made",
            self.queue_depth.clone(),
        );
        registry.register(
            "karpenter_scheduler_pending_pods_by_effective_zone_count",
            "Pending pods by the only zone they can go to; flexible for several, none for no zone",
            self.by_zone.clone(),
        );
        registry.register(
            "karpenter_pods_scheduling_decision_duration_seconds",
            "Time from the first sight of a pending pod until it was decided on",
            self.decided.clone(),
        );
        registry.register(
            "karpenter_pods_provisioning_bound_duration_seconds",
            "Time from the plan that placed a pod on nodes of a healthy NodePool until it was bound",
            self.bound.clone(),
        );
    }

    /// A plan `id` for `n_pods` is being made until the answer is dropped.
    pub(crate) fn planning(&self, id: String, n_pods: usize) -> Planning {
        let labels = ByPlan { controller: CONTROLLER, scheduling_id: id };
        self.queue_depth.get_or_create(&labels).set(gauge(n_pods));
        Planning { queue_depth: self.queue_depth.clone(), labels }
    }

    /// A plan has come to `tally`; zero of everything when there is nothing to plan for.
    pub(crate) fn planned(&self, tally: &Tally) {
        let labels = ByController { controller: CONTROLLER };
        self.unschedulable.get_or_create(&labels).set(gauge(tally.unschedulable));
        self.unattempted.get_or_create(&labels).set(gauge(tally.unattempted));
        self.ignored.set(gauge(tally.ignored));
        self.by_zone.clear();
        for (zone, n_pods) in &tally.by_zone {
            let labels = ByZone { controller: CONTROLLER, zone: zone.clone() };
            self.by_zone.get_or_create(&labels).set(gauge(*n_pods));
        }
    }

    /// A pod has been decided on for the first time, so long after it was first seen.
    pub(crate) fn decided(&self, after: Duration) {
        self.decided.observe(after.as_secs_f64());
    }

    /// A pod has been bound, so long after it was planned onto nodes of a healthy pool.
    pub(crate) fn bound(&self, after: Duration) {
        self.bound.observe(after.as_secs_f64());
    }
}

fn gauge(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}
