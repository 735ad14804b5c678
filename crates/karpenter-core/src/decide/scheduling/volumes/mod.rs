//! What volumes of a pod ask of its node.
//!
//! # Flow
//!
//! 1. Every pod with PersistentVolumeClaims is looked up once (`lookup`): claims, their volumes or classes, and the
//!    drivers that attach them. A pod whose claims cannot be had is refused with the reason (`problem`).
//! 2. Where its volumes can be reached from becomes a list of alternatives for the node (`alternatives`); they say nothing
//!    of the pod, so topology does not count by them.
//! 3. What it adds to the volumes of a node, and what nodes have already, is counted where a CSINode sets a limit
//!    (`attachments`).
//!
//! # Guarantees
//!
//! Pods without claims pay nothing. Pods that are equal and whose volumes can be reached from the same places share a
//! class; claims of their own do not tell them apart.
//!
//! # Caveats
//!
//! New nodes have no limit: the provider does not say how many volumes an instance type can have.
//!
//! Source: Karpenter behaviour, volumes. Differs: pods that cannot be looked up are never planned for; the claim of an
//! ephemeral volume must be the pod's own, and counts as not bound for a pod that moves.

mod alternatives;
mod attachments;
mod driver;
mod lookup;
mod problem;
#[cfg(test)]
mod tests;

pub(super) use alternatives::Place;
pub(super) use attachments::{Attachments, NodeVolumes, VolumeLoad, has_room};
pub(super) use lookup::{Lookup, PodVolumes};
pub use problem::{VolumeFault, VolumeProblem};
