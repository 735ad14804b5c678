//! Metrics of provisioning.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;

use crate::model::ids::NodePoolName;

/// One series per reason and NodePool; pools are few.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Created {
    reason: &'static str,
    nodepool: String,
    min_values_relaxed: &'static str,
}

/// Counts what provisioning does.
#[derive(Debug, Clone, Default)]
pub struct ProvisioningMetrics {
    created: Family<Created, Counter>,
}

impl ProvisioningMetrics {
    /// Registers the families.
    pub fn register(&self, registry: &mut Registry) {
        registry.register(
            "karpenter_nodeclaims_created",
            "NodeClaims created, by reason and NodePool",
            self.created.clone(),
        );
    }

    pub(crate) fn created(&self, pool: &NodePoolName, is_min_values_relaxed: bool) {
        let labels = Created {
            reason: "provisioned",
            nodepool: pool.to_string(),
            min_values_relaxed: if is_min_values_relaxed { "true" } else { "false" },
        };
        self.created.get_or_create(&labels).inc();
    }
}
