//! Counting a pod that was placed, and taking it back.

use smallvec::SmallVec;

use super::group::{Domains, GroupId, Kind};
use super::{AudienceId, HostId, Topology};
use crate::decide::scheduling::world::{SetId, World};
use crate::model::taints::Taint;

/// One pod more in one domain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) struct Increment {
    group: GroupId,
    domain: usize,
    was_known: bool,
}

/// Where a pod was put.
#[derive(Debug, Clone, Copy)]
pub(in super::super) struct Spot<'s> {
    /// The host.
    pub(in super::super) host: HostId,
    /// Labels of the bin with the pod.
    pub(in super::super) set: SetId,
    /// Taints of the bin.
    pub(in super::super) taints: &'s [Taint],
}

impl Topology {
    /// Counts a pod of the audience, and as an owner of the inverse groups `owned`.
    ///
    /// A spread or an affinity counts it only where the bin is down to one domain; an anti-affinity in every domain
    /// the bin may still become. A label that the bin does not list values of counts nowhere.
    pub(in super::super) fn record(
        &mut self,
        (audience, owned): (AudienceId, &[GroupId]),
        spot: Spot<'_>,
        world: &World<'_>,
    ) -> Vec<Increment> {
        let mut increments = vec![];
        let Self { groups, audiences, .. } = self;
        if groups.is_empty() {
            return increments;
        }
        for id in audiences[audience].counted_by.iter().chain(owned) {
            let group = &mut groups[*id];
            if !group.identity.filter.matches(spot.taints, spot.set, world) {
                continue;
            }
            match &mut group.domains {
                Domains::Hosts(counts) => {
                    counts.add(spot.host, 1);
                    let domain = spot.host;
                    increments.push(Increment { group: *id, domain, was_known: true });
                    group.epoch += 1;
                }
                Domains::Labels(counts) => {
                    let said = world.part(spot.set, counts.key).map(|part| &part.said);
                    let Some(said) = said.filter(|said| !said.is_open) else { continue };
                    let values: SmallVec<[usize; 4]> = said.mask.ones().collect();
                    let is_repelling =
                        matches!(group.identity.kind, Kind::AntiAffinity | Kind::Inverse);
                    if !is_repelling && values.len() != 1 {
                        continue;
                    }
                    for domain in values {
                        let was_known = counts.add(domain, 1);
                        increments.push(Increment { group: *id, domain, was_known });
                    }
                    group.epoch += 1;
                }
            }
        }
        increments
    }

    /// Takes back what [`record`](Self::record) did last and has not been taken back.
    pub(in super::super) fn take_back(&mut self, increments: &[Increment]) {
        for increment in increments.iter().rev() {
            let group = &mut self.groups[increment.group];
            match &mut group.domains {
                Domains::Hosts(counts) => counts.take_back(increment.domain),
                Domains::Labels(counts) => {
                    counts.take_back(increment.domain, increment.was_known);
                }
            }
            group.epoch += 1;
        }
    }
}
