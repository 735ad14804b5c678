//! In which order a pod gives up what it does not insist on: a pure list of steps, made before anything is tried.

use std::cmp::Reverse;

use super::report::Relaxation;
use crate::model::pod_topology::WhenUnsatisfiable;

/// What a pod could give up.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Wishes {
    /// Alternatives of the required node affinity; the last one is never given up.
    pub(super) alternatives: usize,
    /// Weights of the preferred pod affinity terms, in the order written.
    pub(super) pod_affinity: Vec<i32>,
    /// Weights of the preferred pod anti-affinity terms, in the order written.
    pub(super) pod_anti_affinity: Vec<i32>,
    /// Weights of the preferred node affinity terms, in the order written.
    pub(super) node_affinity: Vec<i32>,
    /// Topology spread constraints, in the order written; those a scheduler may ignore can be given up.
    pub(super) spread: Vec<WhenUnsatisfiable>,
    /// Some pool or node has a taint that is only a preference, and the pod does not put up with such taints.
    pub(super) avoids_soft_taints: bool,
}

impl Wishes {
    /// Every step down, the first one first: alternatives in the order written; preferred terms heaviest first, those of
    /// equal weight in the order written; spread constraints from the first, its slot filled
    /// with the last.
    ///
    /// Source: Karpenter behaviour, relaxation. Differs: terms of equal weight keep their order.
    pub(super) fn relaxations(&self) -> Vec<Relaxation> {
        let alternatives = 1..self.alternatives;
        let soft_taints = self.avoids_soft_taints.then_some(Relaxation::PreferNoSchedule);
        alternatives
            .map(|_| Relaxation::RequiredAlternative)
            .chain(heaviest_first(&self.pod_affinity, |weight| Relaxation::PodAffinity { weight }))
            .chain(heaviest_first(&self.pod_anti_affinity, |weight| Relaxation::PodAntiAffinity {
                weight,
            }))
            .chain(heaviest_first(&self.node_affinity, |weight| Relaxation::PreferredTerm {
                weight,
            }))
            .chain(spread(&self.spread))
            .chain(soft_taints)
            .collect()
    }
}

fn heaviest_first(
    weights: &[i32],
    step: impl Fn(i32) -> Relaxation,
) -> impl Iterator<Item = Relaxation> {
    let mut weights = weights.to_vec();
    weights.sort_by_key(|weight| Reverse(*weight));
    weights.into_iter().map(step)
}

/// Positions in the list as written: the slot of the one given up is filled with the last.
fn spread(constraints: &[WhenUnsatisfiable]) -> Vec<Relaxation> {
    let mut left: Vec<(usize, WhenUnsatisfiable)> =
        constraints.iter().copied().enumerate().collect();
    let is_soft = |one: &(usize, WhenUnsatisfiable)| one.1 == WhenUnsatisfiable::ScheduleAnyway;
    let mut given_up = vec![];
    while let Some(first) = left.iter().position(is_soft) {
        given_up.push(Relaxation::Spread { at: left.swap_remove(first).0 });
    }
    given_up
}
