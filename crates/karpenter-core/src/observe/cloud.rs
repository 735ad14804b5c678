//! Metrics of calls to the cloud, as the engine sees them.

use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

/// Upper bounds in seconds: those a Go client takes when it is told none.
const BUCKETS: [f64; 11] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// Who called what; at most ten controllers times six methods.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Call {
    /// Controller that made the call.
    pub controller: &'static str,
    /// Method under its upstream name, for example `GetInstanceTypes`.
    pub method: &'static str,
    /// Name of the provider.
    pub provider: &'static str,
}

/// The same with the kind of error; four kinds.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct FailedCall {
    controller: &'static str,
    method: &'static str,
    provider: &'static str,
    error: &'static str,
}

/// Counts calls to the cloud.
///
/// Source: Karpenter behaviour, metrics of the cloud provider.
#[derive(Debug, Clone)]
pub struct CloudMetrics {
    durations: Family<Call, Histogram, fn() -> Histogram>,
    errors: Family<FailedCall, Counter>,
}

impl Default for CloudMetrics {
    fn default() -> Self {
        let durations = Family::new_with_constructor((|| Histogram::new(BUCKETS)) as fn() -> _);
        Self { durations, errors: Family::default() }
    }
}

impl CloudMetrics {
    /// Registers the families.
    pub fn register(&self, registry: &mut Registry) {
        registry.register(
            "karpenter_cloudprovider_duration_seconds",
            "Time calls to the cloud provider took, by controller, method and provider",
            self.durations.clone(),
        );
        registry.register(
            "karpenter_cloudprovider_errors",
            "Calls to the cloud provider that failed, by kind of error",
            self.errors.clone(),
        );
    }

    pub(crate) fn called(&self, call: &Call, took: Duration) {
        self.durations.get_or_create(call).observe(took.as_secs_f64());
    }

    /// `error` is empty for kinds without a name of their own.
    pub(crate) fn failed(&self, call: &Call, error: &'static str) {
        let Call { controller, method, provider } = *call;
        self.errors.get_or_create(&FailedCall { controller, method, provider, error }).inc();
    }
}
