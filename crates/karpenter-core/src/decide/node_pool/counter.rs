//! How much a pool has provisioned.

use std::collections::BTreeMap;

use crate::api::v1::nodepool::NodePool as PoolObject;
use crate::model::ids::NodePoolName;
use crate::model::quantity::Quantity;
use crate::model::resources::{ResourceName, Resources};
use crate::state::{ClusterSnapshot, StateNode};

/// Capacity of all launched claims and nodes by pool, `nodes` included; what is going away does not count.
///
/// Linear in nodes and claims.
///
/// Source: Karpenter behaviour, NodePool resources.
pub fn usage_by_pool(snapshot: &ClusterSnapshot) -> BTreeMap<NodePoolName, Resources> {
    let mut usage = BTreeMap::<NodePoolName, Resources>::new();
    for node in snapshot.state_nodes().iter().filter(|node| counts(node)) {
        if let Some(pool) = node.pool() {
            usage.entry(pool).or_default().add_in_place(&node.capacity());
        }
    }
    usage
}

/// A claim counts once it is launched, a node always.
fn counts(node: &StateNode) -> bool {
    (node.node.is_some() || node.provider_id().is_some()) && !node.is_marked_for_deletion()
}

/// Writes the usage of a pool into its status; the usual resources are zero rather than absent.
pub(super) fn count(pool: &mut PoolObject, usage: Option<&Resources>) {
    let usage = usage.map_or_else(zero, |usage| zero().override_with(usage));
    let status = pool.status.get_or_insert_default();
    status.nodes = usage.get_or_zero("nodes").units_ceil();
    let unchanged = status.resources.as_ref().and_then(|known| Resources::from_api(known).ok())
        == Some(usage.clone());
    if !unchanged {
        status.resources = Some(usage.to_api());
    }
}

fn zero() -> Resources {
    let usual = [
        ResourceName::cpu(),
        ResourceName::memory(),
        ResourceName::pods(),
        ResourceName::ephemeral_storage(),
        ResourceName::nodes(),
    ];
    usual.into_iter().map(|name| (name, Quantity::ZERO)).collect()
}
