//! Drivers that publish the devices of a node, which pods planned for it were promised.
//!
//! Source: Karpenter behaviour, initialization.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::Arc;

use crate::api::labels;
use crate::model::device::Reach;
use crate::model::node::Node;
use crate::model::node_claim::NodeClaim;
use crate::model::resource_slice::ResourceSlice;
use crate::state::Devices;

/// Drivers that the claim waits for, as its annotation lists them.
pub(super) fn awaited(claim: &NodeClaim) -> impl Iterator<Item = &str> {
    let list = claim.annotation(labels::REQUESTED_DRA_DRIVERS).unwrap_or_default();
    list.split(',').map(str::trim).filter(|driver| !driver.is_empty())
}

/// Drivers that the claim waits for without a complete pool of `node`, in the order of the annotation. Linear in the slices
/// of the cluster if the claim waits for any.
pub(super) fn missing<'c>(claim: &'c NodeClaim, node: &Node, devices: &Devices) -> Vec<&'c str> {
    let mut missing: Vec<&str> = awaited(claim).collect();
    if missing.is_empty() {
        return missing;
    }
    let mut pools: BTreeMap<(&Arc<str>, &Arc<str>), Pool> = BTreeMap::new();
    for slice in devices.slices.values().filter(|slice| is_local(slice, node)) {
        pools.entry((&slice.driver, &slice.pool)).or_default().add(slice);
    }
    missing.retain(|driver| {
        !pools.iter().any(|((own, _), pool)| own.as_ref() == *driver && pool.is_complete())
    });
    missing
}

/// The slices of the newest generation of a pool.
#[derive(Debug, Default)]
struct Pool {
    generation: i64,
    n_seen: i64,
    n_declared: i64,
}

impl Pool {
    fn add(&mut self, slice: &ResourceSlice) {
        match slice.generation.cmp(&self.generation) {
            Ordering::Less => {}
            Ordering::Equal if self.n_seen > 0 => self.n_seen += 1,
            Ordering::Equal | Ordering::Greater => {
                let (generation, n_declared) = (slice.generation, slice.n_slices);
                *self = Self { generation, n_seen: 1, n_declared };
            }
        }
    }

    fn is_complete(&self) -> bool {
        self.n_seen > 0 && self.n_seen == self.n_declared
    }
}

fn is_local(slice: &ResourceSlice, node: &Node) -> bool {
    matches!(&slice.reach, Reach::Node(name) if *name == node.name)
        || slice.owner_nodes.iter().any(|owner| **owner == *node.name.as_str())
}
