//! NodePools with everything parsed once.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::ids::{NodeClassKey, NodePoolName, ResourceVersion, Uid};
use super::label_selector::Labels;
use super::requirements::Requirements;
use super::resources::Resources;
use super::taints::Taint;

/// What a user wants nodes to be made from.
///
/// Source: Karpenter behaviour (NodePool `karpenter.sh/v1`).
#[derive(Debug, Clone, PartialEq)]
pub struct NodePool {
    /// Name.
    pub name: NodePoolName,
    /// Uid.
    pub uid: Uid,
    /// Version of the object this was decoded from.
    pub resource_version: ResourceVersion,
    /// `metadata.generation`.
    pub generation: i64,
    /// Heavier pools are tried first; zero when unset.
    pub weight: i32,
    /// Resources all nodes of the pool together may have; `None` for no limit.
    pub limits: Option<Resources>,
    /// Number of nodes of a static pool; `None` for pools that follow the pods.
    pub replicas: Option<i64>,
    /// What its claims look like.
    pub template: ClaimTemplate,
    /// How long a node must have been quiet before it may be consolidated; `None` for never.
    pub consolidate_after: Option<Duration>,
    /// Condition `Ready` is `True`.
    pub ready: bool,
    /// Creation time.
    pub created: Timestamp,
    /// Set while it is being deleted.
    pub deleted_at: Option<Timestamp>,
    /// The object itself, with budgets and conditions: what changes are made to a copy of.
    pub object: Arc<crate::api::v1::nodepool::NodePool>,
}

/// The part of a NodePool that its NodeClaims copy.
#[derive(Debug, Clone, PartialEq)]
pub struct ClaimTemplate {
    /// Labels for nodes; they are requirements too.
    pub labels: Labels,
    /// Annotations for nodes.
    pub annotations: Labels,
    /// Taints nodes keep.
    pub taints: Vec<Taint>,
    /// Taints that something removes before the node counts as initialized.
    pub startup_taints: Vec<Taint>,
    /// `spec.requirements` alone, repeated keys intersected.
    pub requirements: Requirements,
    /// Node class.
    pub node_class: NodeClassKey,
    /// Upper bound on draining; `None` waits for ever.
    pub termination_grace_period: Option<Duration>,
    /// Age at which nodes are replaced; `None` for never.
    pub expire_after: Option<Duration>,
}

impl NodePool {
    /// Whether the pool may launch nodes for pods.
    pub fn is_dynamic_and_usable(&self) -> bool {
        self.replicas.is_none() && self.ready && self.deleted_at.is_none()
    }

    /// Sorts pools into the order they are tried in: weight descending, then name descending.
    ///
    /// Source: Karpenter behaviour (NodePool ordering).
    pub fn by_weight(pools: &mut [Arc<Self>]) {
        pools.sort_by(|a, b| b.weight.cmp(&a.weight).then_with(|| b.name.cmp(&a.name)));
    }
}
