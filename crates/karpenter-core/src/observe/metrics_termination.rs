//! Metrics of the end of nodes and pods.

use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

/// One series per NodePool.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ByNodePool {
    nodepool: String,
}

/// One series per NodePool and zone.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ByNodePoolAndZone {
    nodepool: String,
    zone: String,
}

/// One series per status code of the eviction API; about ten.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ByCode {
    code: String,
}

/// One series per reason; at most five.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ByReason {
    reason: String,
}

/// A node that has been let go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TerminatedNode {
    /// NodePool, empty when the node does not say.
    pub nodepool: String,
    /// Zone, empty when the node does not say.
    pub zone: String,
    /// From its deletion to its end.
    pub termination: Duration,
    /// From its creation to its end.
    pub lifetime: Duration,
}

type DurationByPool = Family<ByNodePool, Histogram, fn() -> Histogram>;

/// Counts what becomes of nodes and pods that have to go.
#[derive(Debug, Clone)]
pub struct TerminationMetrics {
    evictions: Family<ByCode, Counter>,
    pods_drained: Family<ByReason, Counter>,
    nodes_drained: Family<ByNodePool, Counter>,
    nodes_terminated: Family<ByNodePoolAndZone, Counter>,
    termination: DurationByPool,
    lifetime: DurationByPool,
}

impl Default for TerminationMetrics {
    fn default() -> Self {
        Self {
            evictions: Family::default(),
            pods_drained: Family::default(),
            nodes_drained: Family::default(),
            nodes_terminated: Family::default(),
            termination: Family::new_with_constructor(termination_histogram),
            lifetime: Family::new_with_constructor(lifetime_histogram),
        }
    }
}

fn termination_histogram() -> Histogram {
    Histogram::new((0..12).map(|power| f64::from(1 << power)))
}

/// From a quarter of an hour to thirty days.
fn lifetime_histogram() -> Histogram {
    let minutes = [15.0, 30.0, 45.0].map(|n| n * 60.0);
    let hours = [1.0, 2.0, 4.0, 6.0, 8.0, 10.0, 12.0, 16.0, 20.0].map(|n| n * 3600.0);
    let days = [1.0, 2.0, 3.0, 5.0, 10.0, 15.0, 20.0, 25.0, 30.0].map(|n| n * 86_400.0);
    Histogram::new(minutes.into_iter().chain(hours).chain(days))
}

impl TerminationMetrics {
    /// Registers the families.
    pub fn register(&self, registry: &mut Registry) {
        registry.register(
            "karpenter_pods_eviction_requests",
            "Answers of the eviction API, by status code",
            self.evictions.clone(),
        );
        registry.register(
            "karpenter_pods_drained",
            "Pods evicted or deleted from nodes that go away, by reason",
            self.pods_drained.clone(),
        );
        registry.register(
            "karpenter_nodes_drained",
            "Nodes all pods have left, by nodepool",
            self.nodes_drained.clone(),
        );
        registry.register(
            "karpenter_nodes_terminated",
            "Nodes let go, by nodepool and zone",
            self.nodes_terminated.clone(),
        );
        registry.register(
            "karpenter_nodes_termination_duration_seconds",
            "Seconds from the deletion of a node to its end, by nodepool",
            self.termination.clone(),
        );
        registry.register(
            "karpenter_nodes_lifetime_duration_seconds",
            "Seconds from the creation of a node to its end, by nodepool",
            self.lifetime.clone(),
        );
    }

    pub(crate) fn eviction_answered(&self, code: u16) {
        self.evictions.get_or_create(&ByCode { code: code.to_string() }).inc();
    }

    pub(crate) fn pod_drained(&self, reason: &str) {
        self.pods_drained.get_or_create(&ByReason { reason: reason.to_owned() }).inc();
    }

    pub(crate) fn node_drained(&self, nodepool: &str) {
        self.nodes_drained.get_or_create(&ByNodePool { nodepool: nodepool.to_owned() }).inc();
    }

    pub(crate) fn node_terminated(&self, node: TerminatedNode) {
        let TerminatedNode { nodepool, zone, termination, lifetime } = node;
        let pool = ByNodePool { nodepool: nodepool.clone() };
        self.termination.get_or_create(&pool).observe(termination.as_secs_f64());
        self.lifetime.get_or_create(&pool).observe(lifetime.as_secs_f64());
        self.nodes_terminated.get_or_create(&ByNodePoolAndZone { nodepool, zone }).inc();
    }
}
