//! The pools of one node: which published devices it can reach.
//!
//! Source: Karpenter behaviour, dynamic resource allocation (pools).

use std::collections::BTreeSet;

use super::inventory::{Inventory, PublishedId, Within};
use super::problem::PoolState;
use crate::model::ids::NodeName;
use crate::model::requirements::{AllowUndefined, Requirements};

/// A pool as far as one node can reach it.
#[derive(Debug)]
pub(super) struct NearPool {
    /// Which pool.
    pub(super) pool: usize,
    /// Devices within reach, in order; none of a pool that contradicts itself.
    pub(super) devices: Vec<PublishedId>,
    /// Why it is not known which devices it has.
    pub(super) flaw: Option<PoolState>,
}

/// Pools of which `node`, or a node that has no name yet, can reach a device, in order.
pub(super) fn near(
    inventory: &Inventory<'_>,
    node: Option<&NodeName>,
    requirements: &Requirements,
    allowed: AllowUndefined<'_>,
) -> Vec<NearPool> {
    let is_near = |id: &PublishedId| match &*inventory.devices[*id].reach {
        Within::Node(name) => node == Some(name),
        Within::Everywhere => true,
        Within::Selected { terms, .. } => {
            terms.iter().any(|term| requirements.is_compatible(term, allowed))
        }
        Within::Nowhere => false,
    };
    let mut pools: Vec<NearPool> = vec![];
    for id in inventory.near(node).into_iter().filter(is_near) {
        let pool = inventory.pools.partition_point(|pool| pool.devices.end <= id);
        match pools.last_mut().filter(|last| last.pool == pool) {
            Some(last) => last.devices.push(id),
            None => pools.push(NearPool { pool, devices: vec![id], flaw: None }),
        }
    }
    for pool in &mut pools {
        pool.flaw = flaw(inventory, pool);
        if pool.flaw == Some(PoolState::Invalid) {
            pool.devices.clear();
        }
    }
    pools
}

fn flaw(inventory: &Inventory<'_>, near: &NearPool) -> Option<PoolState> {
    let pool = &inventory.pools[near.pool];
    let mut names = BTreeSet::new();
    let is_sound = near.devices.iter().all(|id| {
        let device = &inventory.devices[*id];
        device.consumes.is_some() && names.insert(&device.id.device)
    });
    if pool.is_ambiguous || !is_sound {
        Some(PoolState::Invalid)
    } else {
        pool.is_incomplete.then_some(PoolState::Incomplete)
    }
}
