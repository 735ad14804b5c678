//! Metrics of provisioning.

use std::collections::BTreeMap;
use std::sync::Arc;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use crate::model::ids::NodePoolName;

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

/// One series per controller and zone; zones of a region are few.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ByZone {
    controller: &'static str,
    zone: String,
}

/// Counts what provisioning does.
#[derive(Debug, Clone, Default)]
pub struct ProvisioningMetrics {
    created: Family<Created, Counter>,
    unschedulable: Family<ByController, Gauge>,
    pending_by_zone: Family<ByZone, Gauge>,
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
            "karpenter_scheduler_pending_pods_by_effective_zone_count",
            "Pods of the last plan that wait, by the only zone they can run in, or flexible or none",
            self.pending_by_zone.clone(),
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

    pub(crate) fn planned(&self, unschedulable: usize, by_zone: &BTreeMap<Arc<str>, usize>) {
        let count = i64::try_from(unschedulable).unwrap_or(i64::MAX);
        self.pending_by_zone.clear();
        for (zone, n_pods) in by_zone {
            let labels = ByZone { controller: "provisioner", zone: zone.to_string() };
            let count = i64::try_from(*n_pods).unwrap_or(i64::MAX);
            self.pending_by_zone.get_or_create(&labels).set(count);
        }
        self.unschedulable.get_or_create(&ByController { controller: "provisioner" }).set(count);
    }
}
