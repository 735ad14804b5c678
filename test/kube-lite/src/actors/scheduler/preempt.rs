//! Which pods of lower priority make room for one of higher priority.
//!
//! # Caveats
//! Only room is made: resources, the number of pods and host ports. Pods are not sent away for
//! the sake of spreading or anti-affinity, and disruption budgets are not looked at.

use std::cmp::Reverse;
use std::sync::Arc;

use super::filter::{Ask, Unfit};
use super::node::{Bin, Resources};
use super::obstacle::Obstacle;
use super::pod::PodInfo;
use crate::object::{is_terminating, meta_str};

/// Pods to send away from a node.
#[derive(Debug)]
pub(super) struct Preemption {
    pub(super) node: usize,
    pub(super) victims: Vec<Arc<PodInfo>>,
}

/// The node where making room costs least; `None` when no node can be made to fit.
///
/// Cost: highest victim priority, sum of priorities, number of victims, age of the victims, node.
pub(super) fn cheapest(
    ask: &Ask,
    bins: &[Bin],
    unfit: &Unfit,
    resources: &mut Resources,
) -> Option<Preemption> {
    let room = |obstacle: &Obstacle| {
        matches!(obstacle, Obstacle::Ports | Obstacle::TooManyPods | Obstacle::Insufficient(_))
    };
    let nodes = unfit.iter().filter(|(_, obstacles)| obstacles.iter().all(room));
    let options = nodes.filter_map(|(node, _)| {
        let victims = victims(ask, &bins[*node], resources)?;
        Some(Preemption { node: *node, victims })
    });
    options.min_by_key(cost)
}

fn cost(option: &Preemption) -> (i64, i64, usize, Reverse<String>, usize) {
    let priorities = || option.victims.iter().map(|pod| pod.priority);
    let created =
        |pod: &Arc<PodInfo>| meta_str(&pod.object, "creationTimestamp").map(str::to_owned);
    let oldest = option.victims.iter().filter_map(created).min().unwrap_or_default();
    let highest = priorities().max().unwrap_or(i64::MIN);
    (highest, priorities().sum(), option.victims.len(), Reverse(oldest), option.node)
}

/// Fewest lower pods without which the pod fits, the most important being kept first.
fn victims(ask: &Ask, bin: &Bin, resources: &mut Resources) -> Option<Vec<Arc<PodInfo>>> {
    let mut lower: Vec<_> =
        bin.pods.iter().filter(|pod| pod.priority < ask.pod.priority).cloned().collect();
    lower.sort_by_key(|pod| super::pod::rank(pod));
    let mut free: Vec<i128> = ask.needs.iter().map(|(id, _)| bin.free(*id)).collect();
    let mut weigh = |pod: &PodInfo| {
        let own = resources.dense(&pod.requests);
        let of = |(id, _): &(usize, i128)| {
            own.iter().find(|(own, _)| own == id).map_or(0, |(_, amount)| *amount)
        };
        ask.needs.iter().map(of).collect::<Vec<i128>>()
    };
    let weights: Vec<Vec<i128>> = lower.iter().map(|pod| weigh(pod)).collect();
    for weight in &weights {
        free.iter_mut().zip(weight).for_each(|(free, amount)| *free += amount);
    }
    let fits = |free: &[i128]| free.iter().zip(&ask.needs).all(|(free, (_, need))| free >= need);
    let collides = |pod: &PodInfo| {
        ask.pod.ports.iter().any(|port| pod.ports.iter().any(|taken| taken.collides(port)))
    };
    let stays = bin.pods.iter().filter(|pod| pod.priority >= ask.pod.priority);
    if !fits(&free) || stays.into_iter().any(|pod| collides(pod)) {
        return None;
    }
    let mut victims = Vec::new();
    for (pod, weight) in lower.into_iter().zip(weights) {
        let without: Vec<i128> = free.iter().zip(&weight).map(|(free, own)| free - own).collect();
        if fits(&without) && !collides(&pod) {
            free = without;
        } else {
            victims.push(pod);
        }
    }
    Some(victims)
}

/// Whether pods of lower priority are on their way out of a node.
pub(super) fn is_under_way(pod: &PodInfo, bin: &Bin) -> bool {
    bin.pods.iter().any(|other| other.priority < pod.priority && is_terminating(&other.object))
}
