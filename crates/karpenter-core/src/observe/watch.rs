//! Metrics of the watches.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;

/// One series per watched kind.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ByKind {
    kind: &'static str,
}

/// Counts what goes wrong while watching.
#[derive(Debug, Clone, Default)]
pub struct WatchMetrics {
    errors: Family<ByKind, Counter>,
    skipped: Family<ByKind, Counter>,
}

impl WatchMetrics {
    /// Registers the families.
    pub fn register(&self, registry: &mut Registry) {
        registry.register(
            "karpenter_watch_errors",
            "Errors of watches, by kind",
            self.errors.clone(),
        );
        registry.register(
            "karpenter_watch_skipped_objects",
            "Objects that could not be understood and were left out, by kind",
            self.skipped.clone(),
        );
    }

    pub(crate) fn error(&self, kind: &'static str) {
        self.errors.get_or_create(&ByKind { kind }).inc();
    }

    pub(crate) fn skipped(&self, kind: &'static str) {
        self.skipped.get_or_create(&ByKind { kind }).inc();
    }
}
