//! Metrics of the runner, under the names controller-runtime's dashboards expect.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

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
#[derive(Debug, Clone, Default)]
pub struct RunnerMetrics {
    reconciles: Family<ByResult, Counter>,
    errors: Family<ByController, Counter>,
    panics: Family<ByController, Counter>,
    active: Family<ByController, Gauge>,
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

    pub(crate) fn panic(&self, controller: &'static str) {
        self.panics.get_or_create(&ByController { controller }).inc();
    }
}
