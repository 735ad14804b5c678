//! Gauges of what is known, computed when somebody asks.
//!
//! Nothing has to be kept up to date or removed: a series is there as long as its object is.

use std::collections::BTreeMap;
use std::fmt;

use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::DescriptorEncoder;
use prometheus_client::metrics::MetricType;

use crate::api::v1::nodepool;
use crate::model::node_claim::NodeClaim;
use crate::model::resources::Resources;
use crate::state::{ClusterSnapshot, ClusterState};

#[cfg(test)]
mod tests;

/// One gauge over the cluster state.
pub struct ClusterGauge {
    /// Name of the family.
    pub name: &'static str,
    /// What it says, for people.
    pub help: &'static str,
    /// Names of the labels of every series, in the order of the values.
    pub labels: &'static [&'static str],
    rows: fn(&ClusterSnapshot) -> Vec<Row>,
}

/// Values of the labels, and the value of the series.
type Row = (Vec<String>, f64);

/// All gauges. Cardinality: one series per NodePool and resource at most.
///
/// Source: Karpenter behaviour, metrics of the cluster state and of NodePools; `karpenter_pods_pending_count` and
/// `karpenter_nodeclaims_phase_count` are ours.
pub const GAUGES: [ClusterGauge; 6] = [
    ClusterGauge {
        name: "karpenter_cluster_state_node_count",
        help: "Nodes and NodeClaims without a node that are known",
        labels: &[],
        rows: |snapshot| vec![(vec![], count(snapshot.state_nodes().len()))],
    },
    ClusterGauge {
        name: "karpenter_cluster_state_synced",
        help: "1 once every kind has been listed, else 0",
        labels: &[],
        rows: |snapshot| vec![(vec![], f64::from(u8::from(snapshot.is_synced())))],
    },
    ClusterGauge {
        name: "karpenter_pods_pending_count",
        help: "Pods that wait for a node",
        labels: &[],
        rows: |snapshot| vec![(vec![], count(snapshot.pending.len()))],
    },
    ClusterGauge {
        name: "karpenter_nodeclaims_phase_count",
        help: "NodeClaims by how far they have come",
        labels: &["phase"],
        rows: claims_by_phase,
    },
    ClusterGauge {
        name: "karpenter_nodepools_limit",
        help: "Limits of NodePools; cores for cpu, else bytes or pieces",
        labels: &["resource_type", "nodepool"],
        rows: pool_limits,
    },
    ClusterGauge {
        name: "karpenter_nodepools_usage",
        help: "Resources NodePools have launched; cores for cpu, else bytes or pieces",
        labels: &["resource_type", "nodepool"],
        rows: pool_usage,
    },
];

/// Publishes [`GAUGES`].
#[derive(Debug)]
pub struct ClusterGauges(ClusterState);

impl ClusterGauges {
    /// Gauges over `state`.
    pub fn new(state: ClusterState) -> Self {
        Self(state)
    }
}

impl Collector for ClusterGauges {
    fn encode(&self, mut encoder: DescriptorEncoder) -> fmt::Result {
        let snapshot = self.0.snapshot();
        for gauge in GAUGES {
            let mut family =
                encoder.encode_descriptor(gauge.name, gauge.help, None, MetricType::Gauge)?;
            for (values, value) in (gauge.rows)(&snapshot) {
                let labels: Vec<_> = gauge.labels.iter().copied().zip(values).collect();
                if labels.is_empty() {
                    family.encode_gauge(&value)?;
                } else {
                    family.encode_family(&labels)?.encode_gauge(&value)?;
                }
            }
        }
        Ok(())
    }
}

/// How far claims come, in order; all of them have a series.
const PHASES: [&str; 5] = ["pending", "launched", "registered", "initialized", "deleting"];

fn phase(claim: &NodeClaim) -> &'static str {
    if claim.deleted_at.is_some() {
        "deleting"
    } else if claim.initialized {
        "initialized"
    } else if claim.registered {
        "registered"
    } else if claim.launched {
        "launched"
    } else {
        "pending"
    }
}

fn claims_by_phase(snapshot: &ClusterSnapshot) -> Vec<Row> {
    let in_phase =
        |name: &str| snapshot.claims.values().filter(|claim| phase(claim) == name).count();
    PHASES.iter().map(|name| (vec![(*name).to_owned()], count(in_phase(name)))).collect()
}

fn pool_limits(snapshot: &ClusterSnapshot) -> Vec<Row> {
    let limits = |pool: &nodepool::NodePool| pool.spec.limits.clone();
    pool_resources(snapshot, limits)
}

fn pool_usage(snapshot: &ClusterSnapshot) -> Vec<Row> {
    let used = |pool: &nodepool::NodePool| pool.status.as_ref()?.resources.clone();
    pool_resources(snapshot, used)
}

/// One row per pool and resource; amounts that cannot be read are left out.
fn pool_resources(
    snapshot: &ClusterSnapshot,
    of: impl Fn(&nodepool::NodePool) -> Option<BTreeMap<String, Quantity>>,
) -> Vec<Row> {
    let mut rows = vec![];
    for pool in snapshot.pools.values() {
        let amounts = of(&pool.object).and_then(|map| Resources::from_api(&map).ok());
        for (name, amount) in amounts.unwrap_or_default().iter() {
            let labels = vec![resource_type(name.as_str()), pool.name.to_string()];
            rows.push((labels, units(amount.nanos())));
        }
    }
    rows
}

/// Spelling of a resource name as a value of `resource_type`.
fn resource_type(name: &str) -> String {
    name.to_lowercase().replace('-', "_")
}

#[expect(clippy::cast_precision_loss, reason = "a figure for dashboards")]
fn units(nanos: i128) -> f64 {
    nanos as f64 / 1e9
}

#[expect(clippy::cast_precision_loss, reason = "a figure for dashboards")]
fn count(n: usize) -> f64 {
    n as f64
}
