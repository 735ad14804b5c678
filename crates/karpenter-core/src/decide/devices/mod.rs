//! Which devices the pods of a loop get: dynamic resource allocation.
//!
//! # Flow
//!
//! 1. What drivers publish is read once (`inventory`), and what the claims of the cluster have of it (`allocated`);
//!    pods that go away count as gone.
//! 2. A claim is read when the first pod names it (`claims`, `selector`): what it asks for, or where the devices it has
//!    can be used.
//! 3. Somebody who wants to put a pod on a node asks `Allocator::allocate`. Published devices within reach (`pools`) and
//!    those that come with every instance type the node may become (`kinds`) are tried type by type (`finding`,
//!    `search`). The answer says which types are left and what the node is bound to; nothing has changed yet.
//! 4. `Allocator::commit` promises the devices (`ledger`). Types that are given up later give them back.
//!
//! # Guarantees
//!
//! A device that cannot be shared is promised once; shared ones and counters are never promised beyond what there is,
//! whatever instance types the planned nodes become. The same input gives the same devices: pools go by driver and
//! name, devices by slice and by their order in it. A search ends after [`MAX_STEPS`] devices.
//!
//! # Caveats
//!
//! `adminAccess` and `distinctAttribute` are refused by name.
//!
//! Source: Karpenter behaviour, dynamic resource allocation; Kubernetes API (`resource.k8s.io/v1`).

mod allocated;
mod allocator;
mod bindings;
mod capacity;
mod claims;
mod counters;
mod description;
mod finding;
mod inventory;
mod kinds;
mod ledger;
mod pools;
mod problem;
mod search;
mod selector;
mod stock;
#[cfg(test)]
mod tests;

pub(in crate::decide) use allocator::{Allocation, Allocator, DeviceInput, View};
pub(in crate::decide) use kinds::KindId;
pub(in crate::decide) use ledger::{BinId, ClaimId, Ledger};
pub use problem::{ClaimFault, DeviceProblem, PoolState};

/// Most devices that a claim can have, as in the API.
pub const MAX_DEVICES: usize = 32;

/// Most devices that are looked at for the claims of one pod, one node and one instance type.
pub const MAX_STEPS: usize = 50_000;
