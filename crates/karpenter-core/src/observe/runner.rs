//! Metrics of the runner, under the names controller-runtime's dashboards expect.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

/// Upper bounds in seconds of all histograms of durations.
pub const DURATION_BUCKETS: [f64; 45] = [
    0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.7, 0.8, 0.9,
    1.0, 1.25, 1.5, 1.75, 2.0, 2.5, 3.0, 3.5, 4.0, 4.5, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 15.0, 20.0,
    25.0, 30.0, 40.0, 50.0, 60.0, 120.0, 150.0, 300.0, 450.0, 600.0,
];

/// One series per controller.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ByController {
    controller: &'static str,
}

/// One series per controller and result.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ByResult {
    controller: &'static str,
    result: &'static str,
}

/// Counts what runners do; a step counts as one reconcile.
#[derive(Debug, Clone)]
pub struct RunnerMetrics {
    reconciles: Family<ByResult, Counter>,
    errors: Family<ByController, Counter>,
    panics: Family<ByController, Counter>,
    active: Family<ByController, Gauge>,
    decisions: Family<ByController, Histogram, fn() -> Histogram>,
}

impl Default for RunnerMetrics {
    fn default() -> Self {
        Self {
            reconciles: Family::default(),
            errors: Family::default(),
            panics: Family::default(),
            active: Family::default(),
            decisions: Family::new_with_constructor(|| Histogram::new(DURATION_BUCKETS)),
        }
    }
}

impl RunnerMetrics {
    /// Registers the families.
    pub fn register(&self, registry: &mut Registry) {
        registry.register(
            "controller_runtime_reconcile",
            "Steps ended, by controller and result",
            self.reconciles.clone(),
        );
        registry.register(
            "controller_runtime_reconcile_errors",
            "Steps that failed, by controller",
            self.errors.clone(),
        );
        registry.register(
            "controller_runtime_reconcile_panics",
            "Steps and decisions that panicked, by controller",
            self.panics.clone(),
        );
        registry.register(
            "controller_runtime_active_workers",
            "Steps under way, by controller",
            self.active.clone(),
        );
        registry.register(
            "karpenter_scheduler_scheduling_duration_seconds",
            "Time a plan over the whole cluster took to make, by controller",
            self.decisions.clone(),
        );
    }

    pub(crate) fn started(&self, controller: &'static str) {
        self.active.get_or_create(&ByController { controller }).inc();
    }

    pub(crate) fn finished(&self, controller: &'static str, ok: bool) {
        self.active.get_or_create(&ByController { controller }).dec();
        let result = if ok { "success" } else { "error" };
        self.reconciles.get_or_create(&ByResult { controller, result }).inc();
        if !ok {
            self.errors.get_or_create(&ByController { controller }).inc();
        }
    }

    pub(crate) fn decided(&self, controller: &'static str, seconds: f64) {
        self.decisions.get_or_create(&ByController { controller }).observe(seconds);
    }

    pub(crate) fn panic(&self, controller: &'static str) {
        self.panics.get_or_create(&ByController { controller }).inc();
    }
}
