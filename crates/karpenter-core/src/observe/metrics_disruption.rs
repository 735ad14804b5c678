//! Metrics of voluntary disruption.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use super::metrics::{Disruption, Metrics, Sample};

/// One series per reason in lower case; three.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ByReason {
    reason: String,
}

/// What commands are counted by; fewer than ten series.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct DecisionLabels {
    /// `delete` or `replace`.
    pub decision: &'static str,
    /// Reason in lower case.
    pub reason: String,
    /// `empty`, `multi`, `single`, or nothing.
    pub consolidation_type: &'static str,
}

/// The same per NodePool.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ByNodePoolAndDecision {
    nodepool: String,
    decision: &'static str,
    reason: String,
    consolidation_type: &'static str,
}

/// One series per kind of consolidation; three.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ByConsolidationType {
    consolidation_type: &'static str,
}

/// One series per NodePool and reason as written in objects.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ByNodePoolAndReason {
    nodepool: String,
    reason: &'static str,
}

/// Counts what disruption decides and does.
#[derive(Debug, Clone, Default)]
pub struct DisruptionMetrics {
    decisions: Family<DecisionLabels, Counter>,
    decisions_by_pool: Family<ByNodePoolAndDecision, Counter>,
    eligible: Family<ByReason, Gauge>,
    failed_validations: Family<ByConsolidationType, Counter>,
    queue_failures: Family<DecisionLabels, Counter>,
    allowed: Family<ByNodePoolAndReason, Gauge>,
    busy: Family<ByNodePoolAndReason, Gauge>,
    deletions: Metrics,
}

impl DisruptionMetrics {
    /// Families beside `deletions`, which counts every deletion we start, whatever the reason.
    pub fn beside(deletions: Metrics) -> Self {
        Self { deletions, ..Self::default() }
    }

    /// Registers the families, those of deletions left out.
    pub fn register(&self, registry: &mut Registry) {
        registry.register(
            "karpenter_voluntary_disruption_decisions",
            "Commands that began to act",
            self.decisions.clone(),
        );
        registry.register(
            "karpenter_voluntary_disruption_decisions_by_nodepool",
            "Commands that began to act, once for every nodepool they take nodes from",
            self.decisions_by_pool.clone(),
        );
        registry.register(
            "karpenter_voluntary_disruption_eligible_nodes",
            "Nodes that could be disrupted, by reason",
            self.eligible.clone(),
        );
        registry.register(
            "karpenter_voluntary_disruption_failed_validations",
            "Nodes that commands lost while they waited",
            self.failed_validations.clone(),
        );
        registry.register(
            "karpenter_voluntary_disruption_queue_failures",
            "Replacements that commands waited for in vain",
            self.queue_failures.clone(),
        );
        registry.register(
            "karpenter_nodepools_allowed_disruptions",
            "Nodes that may be gone at once, by nodepool and reason",
            self.allowed.clone(),
        );
        registry.register(
            "karpenter_nodepools_nodes_consuming_budgets",
            "Nodes that use up budgets, by nodepool and reason",
            self.busy.clone(),
        );
    }

    pub(crate) fn decided<'a>(
        &self,
        labels: &DecisionLabels,
        pools: impl IntoIterator<Item = &'a str>,
    ) {
        self.decisions.get_or_create(labels).inc();
        for pool in pools {
            let DecisionLabels { decision, reason, consolidation_type } = labels.clone();
            let nodepool = pool.to_owned();
            let by_pool = ByNodePoolAndDecision { nodepool, decision, reason, consolidation_type };
            self.decisions_by_pool.get_or_create(&by_pool).inc();
        }
    }

    pub(crate) fn eligible(&self, reason: &str, n_nodes: usize) {
        let labels = ByReason { reason: reason.to_owned() };
        let n_nodes = i64::try_from(n_nodes).unwrap_or(i64::MAX);
        self.eligible.get_or_create(&labels).set(n_nodes);
    }

    pub(crate) fn validation_failed(&self, consolidation_type: &'static str, n_nodes: usize) {
        let n_nodes = u64::try_from(n_nodes).unwrap_or(u64::MAX);
        let labels = ByConsolidationType { consolidation_type };
        self.failed_validations.get_or_create(&labels).inc_by(n_nodes);
    }

    pub(crate) fn given_up(&self, labels: &DecisionLabels, n_replacements: u64) {
        self.queue_failures.get_or_create(labels).inc_by(n_replacements);
    }

    pub(crate) fn budget(&self, nodepool: &str, reason: &'static str, allowed: u32, busy: u32) {
        let labels = ByNodePoolAndReason { nodepool: nodepool.to_owned(), reason };
        self.allowed.get_or_create(&labels).set(i64::from(allowed));
        self.busy.get_or_create(&labels).set(i64::from(busy));
    }

    pub(crate) fn disrupted(&self, labels: &Disruption, n_pods: usize) {
        let n_pods = u64::try_from(n_pods).unwrap_or(u64::MAX);
        self.deletions.record(&Sample::ClaimDisrupted(labels.clone()));
        self.deletions.record(&Sample::PodsDisrupted(labels.clone(), n_pods));
    }
}
