//! Metrics of provisioning.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use crate::model::ids::NodePoolName;

/// Upper bounds in seconds of all histograms of durations.
pub const DURATION_BUCKETS: [f64; 45] = [
    0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.7, 0.8, 0.9,
    1.0, 1.25, 1.5, 1.75, 2.0, 2.5, 3.0, 3.5, 4.0, 4.5, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 15.0, 20.0,
    25.0, 30.0, 40.0, 50.0, 60.0, 120.0, 150.0, 300.0, 450.0, 600.0,
];

/// One series per reason and NodePool; pools are few.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Created {
    reason: &'static str,
    nodepool: String,
    min_values_relaxed: &'static str,
}

/// One series per controller.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ByController {
    controller: &'static str,
}

/// Counts what provisioning does.
#[derive(Debug, Clone)]
pub struct ProvisioningMetrics {
    created: Family<Created, Counter>,
    unschedulable: Family<ByController, Gauge>,
    duration: Histogram,
}

impl Default for ProvisioningMetrics {
    fn default() -> Self {
        Self {
            created: Family::default(),
            unschedulable: Family::default(),
            duration: Histogram::new(DURATION_BUCKETS),
        }
    }
}

impl ProvisioningMetrics {
    /// Registers the families.
    pub fn register(&self, registry: &mut Registry) {
        registry.register(
            "karpenter_nodeclaims_created",
            "NodeClaims created, by reason and NodePool",
            self.created.clone(),
        );
        registry.register(
            "karpenter_scheduler_unschedulable_pods_count",
            "Pods without a place in the last plan",
            self.unschedulable.clone(),
        );
        registry.register(
            "karpenter_scheduler_scheduling_duration_seconds",
            "Time one plan took to make, in seconds of the process clock",
            self.duration.clone(),
        );
    }

    pub(crate) fn created(&self, pool: &NodePoolName) {
        let labels = Created {
            reason: "provisioned",
            nodepool: pool.to_string(),
            min_values_relaxed: "false",
        };
        self.created.get_or_create(&labels).inc();
    }

    pub(crate) fn planned(&self, unschedulable: usize) {
        let count = i64::try_from(unschedulable).unwrap_or(i64::MAX);
        self.unschedulable.get_or_create(&ByController { controller: "provisioner" }).set(count);
    }

    pub(crate) fn took(&self, seconds: f64) {
        self.duration.observe(seconds);
    }
}
