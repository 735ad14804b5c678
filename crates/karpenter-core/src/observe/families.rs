//! Every metric family of the engine in one place.

use prometheus_client::registry::Registry;

use super::cloud::CloudMetrics;
use super::metrics::Metrics;
use super::metrics_disruption::DisruptionMetrics;
use super::metrics_termination::TerminationMetrics;
use super::provisioning::ProvisioningMetrics;
use super::runner::RunnerMetrics;
use super::scheduler::SchedulerMetrics;
use super::watch::WatchMetrics;

#[cfg(any(test, feature = "testing"))]
mod examples;
#[cfg(test)]
mod tests;

/// The families; cloning shares them.
#[derive(Debug, Clone)]
pub struct Families {
    /// Runners.
    pub runner: RunnerMetrics,
    /// Watches.
    pub watch: WatchMetrics,
    /// Calls to the cloud.
    pub cloud: CloudMetrics,
    /// Plans.
    pub scheduler: SchedulerMetrics,
    /// Provisioning.
    pub provisioning: ProvisioningMetrics,
    /// Life and end of claims.
    pub claims: Metrics,
    /// Voluntary disruption.
    pub disruption: DisruptionMetrics,
    /// The end of nodes and pods.
    pub termination: TerminationMetrics,
}

impl Default for Families {
    fn default() -> Self {
        let claims = Metrics::default();
        Self {
            runner: RunnerMetrics::default(),
            watch: WatchMetrics::default(),
            cloud: CloudMetrics::default(),
            scheduler: SchedulerMetrics::default(),
            provisioning: ProvisioningMetrics::default(),
            disruption: DisruptionMetrics::beside(claims.clone()),
            claims,
            termination: TerminationMetrics::default(),
        }
    }
}

impl Families {
    /// Registers all of them; call once per registry.
    pub fn register(&self, registry: &mut Registry) {
        self.runner.register(registry);
        self.watch.register(registry);
        self.cloud.register(registry);
        self.scheduler.register(registry);
        self.provisioning.register(registry);
        self.claims.register(registry);
        self.disruption.register(registry);
        self.termination.register(registry);
    }
}
