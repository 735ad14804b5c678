//! Metric families of the engine, and the samples that steps feed them with.
//!
//! A decision puts a [`Sample`] into its step; whoever carries the step out records it once the change is made.
//! Cardinality: every label takes its values from NodePools, zones, capacity types or the constants of
//! [`reason`], so a family has at most a few hundred series.
//!
//! Source: Karpenter behaviour, metrics.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;

/// Why we deleted a claim: values of the metric label `reason`.
pub mod reason {
    /// Its age is over.
    pub const EXPIRED: &str = "expired";
    /// Its instance is gone.
    pub const GARBAGE_COLLECTED: &str = "garbage_collected";
    /// No allowed offering was in stock.
    pub const INSUFFICIENT_CAPACITY: &str = "insufficient_capacity";
    /// Its node class cannot be used.
    pub const NODE_CLASS_NOT_READY: &str = "nodeclass_not_ready";
    /// No instance in time.
    pub const LAUNCH_TIMEOUT: &str = "launch_timeout";
    /// No node in time.
    pub const REGISTRATION_TIMEOUT: &str = "registration_timeout";
}

/// Labels of every deletion of a claim that we started.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Disruption {
    /// One of the constants of [`reason`], or a disruption reason in snake case.
    pub reason: &'static str,
    /// NodePool, empty for claims without one.
    pub nodepool: String,
    /// Capacity type, empty until launched.
    pub capacity_type: String,
    /// Consolidation policy in snake case; empty unless the reason is consolidation.
    pub consolidation_policy: &'static str,
    /// `graceful`, `forceful` or `eventual`.
    pub termination_mode: &'static str,
}

/// Labels of a claim that is gone.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Terminated {
    /// NodePool, empty for claims without one.
    pub nodepool: String,
    /// Capacity type, empty if it never launched.
    pub capacity_type: String,
    /// Zone, empty if it never launched.
    pub zone: String,
}

/// Labels of a node that registered.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Created {
    /// NodePool, empty for claims without one.
    pub nodepool: String,
    /// Zone.
    pub zone: String,
}

/// One series per NodePool.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct ByPool {
    /// NodePool, empty for claims without one.
    pub nodepool: String,
}

/// One observation, as data.
#[derive(Debug, Clone, PartialEq)]
pub enum Sample {
    /// We started the deletion of a claim.
    ClaimDisrupted(Disruption),
    /// We started the deletion of a claim with this many pods that need a new place.
    PodsDisrupted(Disruption, u64),
    /// The finalizer of a claim has been removed.
    ClaimTerminated(Terminated),
    /// Seconds from the deletion of a claim until its finalizer was removed.
    ClaimTerminationSeconds(ByPool, f64),
    /// Seconds the cloud took to remove an instance.
    InstanceTerminationSeconds(ByPool, f64),
    /// A node has registered.
    NodeCreated(Created),
}

type Histograms = Family<ByPool, Histogram, fn() -> Histogram>;

/// The families; cloning shares them.
#[derive(Debug, Clone)]
pub struct Metrics {
    claims_disrupted: Family<Disruption, Counter>,
    pods_disrupted: Family<Disruption, Counter>,
    claims_terminated: Family<Terminated, Counter>,
    claim_termination: Histograms,
    instance_termination: Histograms,
    nodes_created: Family<Created, Counter>,
}

impl Default for Metrics {
    fn default() -> Self {
        Self {
            claims_disrupted: Family::default(),
            pods_disrupted: Family::default(),
            claims_terminated: Family::default(),
            claim_termination: Family::new_with_constructor(up_to_2048_seconds),
            instance_termination: Family::new_with_constructor(up_to_1024_seconds),
            nodes_created: Family::default(),
        }
    }
}

impl Metrics {
    /// Registers the families; the encoder appends `_total` to counters.
    pub fn register(&self, registry: &mut Registry) {
        registry.register(
            "karpenter_nodeclaims_disrupted",
            "NodeClaims whose deletion the controller started",
            self.claims_disrupted.clone(),
        );
        registry.register(
            "karpenter_pods_disruption_initiated",
            "Pods that needed a new place because the controller deleted their NodeClaim",
            self.pods_disrupted.clone(),
        );
        registry.register(
            "karpenter_nodeclaims_terminated",
            "NodeClaims whose finalizer has been removed",
            self.claims_terminated.clone(),
        );
        registry.register(
            "karpenter_nodeclaims_termination_duration_seconds",
            "Time from the deletion of a NodeClaim until its finalizer was removed",
            self.claim_termination.clone(),
        );
        registry.register(
            "karpenter_nodeclaims_instance_termination_duration_seconds",
            "Time the cloud took to remove an instance",
            self.instance_termination.clone(),
        );
        registry.register(
            "karpenter_nodes_created",
            "Nodes that registered",
            self.nodes_created.clone(),
        );
    }

    /// Adds one observation.
    pub fn record(&self, sample: &Sample) {
        match sample {
            Sample::ClaimDisrupted(labels) => {
                self.claims_disrupted.get_or_create(labels).inc();
            }
            Sample::PodsDisrupted(labels, pods) => {
                self.pods_disrupted.get_or_create(labels).inc_by(*pods);
            }
            Sample::ClaimTerminated(labels) => {
                self.claims_terminated.get_or_create(labels).inc();
            }
            Sample::ClaimTerminationSeconds(labels, seconds) => {
                self.claim_termination.get_or_create(labels).observe(*seconds);
            }
            Sample::InstanceTerminationSeconds(labels, seconds) => {
                self.instance_termination.get_or_create(labels).observe(*seconds);
            }
            Sample::NodeCreated(labels) => {
                self.nodes_created.get_or_create(labels).inc();
            }
        }
    }
}

fn up_to_1024_seconds() -> Histogram {
    Histogram::new(exponential_buckets(1.0, 2.0, 11))
}

fn up_to_2048_seconds() -> Histogram {
    Histogram::new(exponential_buckets(1.0, 2.0, 12))
}
