//! Where a pod may be because of where others are: topology spread, pod affinity and pod anti-affinity.
//!
//! # Flow
//!
//! 1. While the closed world listens, [`registry`] turns every term of every pod into a **group**: who is counted, by
//!    which node label, on which nodes ([`group`]). Equal groups are one.
//! 2. When the world has closed, [`census`] gives each group its domains and counts the pods that run.
//! 3. A candidate bin is asked twice: [`Topology::on_host`] for groups by host name, which count per bin, and
//!    [`Topology::trial`] for all others, which narrow a label of the bin to one or more of its values ([`spread`],
//!    [`affinity`], [`anti_affinity`]). Where several values are equally good, each is a choice to be tried.
//! 4. After a placement [`Topology::record`] counts the pod in every group that selects it.
//!
//! # Guarantees
//!
//! Groups of all steps of the ladder exist from the start, so it does not matter when a pod first falls back on one.
//! Domains are values of a closed vocabulary: a set of them is a mask, and ties are tried in the order of their names.
//! Every change of a count moves the epoch of its group, also when it is taken back; whatever depended on domains is
//! known for as long as no epoch it looked at has moved.
//!
//! Source: Karpenter behaviour, topology. Differs: groups are told apart by everything they consist of; excluded values
//! are no domains; domains are those of instance types the pool can use; an anti-affinity group does not apply to a bin
//! that cannot have its label; a spread falls back on fuller domains within its skew when the emptiest cannot be had.

mod affinity;
mod anti_affinity;
mod audience;
mod census;
mod choices;
mod domains;
mod domains_left;
mod group;
mod host_counts;
mod label_counts;
mod record;
mod registry;
mod spread;
mod trial;
mod unmet;

use rustc_hash::FxHashMap;
use smallvec::SmallVec;
use std::sync::Arc;

pub(super) use audience::{AudienceId, Audiences, Bond, Bonds};
pub(super) use census::CountedNodes;
pub(super) use choices::{Asker, NoChoice};
pub(super) use domains::offered;
pub(super) use group::GroupId;
pub(super) use record::{Increment, Spot};
pub(super) use registry::{Registry, Subject};
pub(super) use trial::{HostVerdict, TrialId, Trials};

use super::world::SetId;
use audience::Audience;
use group::{Domains, Group};

/// A place that groups by host name count: nodes in the order of the census, then open claims.
pub(super) type HostId = usize;

/// All groups of a solve.
#[derive(Debug, Default)]
pub(super) struct Topology {
    groups: Vec<Group>,
    /// Names of the hosts that are there.
    hosts: Vec<Arc<str>>,
    /// Per existing node of the solve its host.
    host_of: Vec<HostId>,
    audiences: Vec<Audience>,
    /// Lists of sets to try, by what they hold.
    lists: FxHashMap<SmallVec<[SetId; 4]>, TrialId>,
}

impl Topology {
    /// The host of the existing node number `at`.
    pub(super) fn host_of_node(&self, at: usize) -> HostId {
        self.host_of.get(at).copied().unwrap_or(at)
    }

    /// The host of the open claim number `at`.
    pub(super) fn host_of_claim(&self, at: usize) -> HostId {
        self.hosts.len() + at
    }

    /// What the outcomes for these bonds depend on, besides the bin; it grows with every change.
    pub(super) fn stamp(&self, bonds: &Bonds) -> u64 {
        bonds.iter().map(|bond| self.groups[bond.group].epoch).sum()
    }
}
