//! In which order pods leave a node.

use std::sync::Arc;

use jiff::Timestamp;

use super::grace;
use crate::model::pod::{Pod, STUCK_TERMINATING};
use crate::model::taints::Taint;

/// How far a node is drained, and whose turn it is.
#[derive(Debug, Clone, Default)]
pub struct Drain {
    /// Pods the deadline of the node leaves no more time; independent of the tiers. In key order.
    pub forced: Vec<Arc<Pod>>,
    /// The tier whose turn it is; the next one waits until these are gone. In key order.
    pub tier: Vec<Arc<Pod>>,
    /// All pods the drain waits for.
    pub n_waiting: usize,
    /// When time alone changes the picture next.
    pub changes_at: Option<Timestamp>,
}

impl Drain {
    /// Nothing is left to wait for.
    pub fn is_complete(&self) -> bool {
        self.n_waiting == 0
    }
}

/// Tiers in the order they leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Tier {
    Ordinary,
    Daemon,
    Critical,
    CriticalDaemon,
}

impl Tier {
    fn of(pod: &Pod) -> Self {
        match (pod.shape.critical, pod.owners.daemonset) {
            (false, false) => Self::Ordinary,
            (false, true) => Self::Daemon,
            (true, false) => Self::Critical,
            (true, true) => Self::CriticalDaemon,
        }
    }
}

/// Sorts the pods of a node into those that must go now, those whose turn it is, and the rest.
///
/// Left out are mirror pods, pods that tolerate the taint of draining nodes, terminal pods, and pods that overstay
/// their own end by more than [`STUCK_TERMINATING`].
///
/// Source: Karpenter behaviour (drain order).
pub fn drain<'a>(
    pods: impl IntoIterator<Item = &'a Arc<Pod>>,
    deadline: Option<Timestamp>,
    now: Timestamp,
) -> Drain {
    let disrupted = Taint::disrupted();
    let waiting = pods.into_iter().filter(|pod| pod.is_waiting_eviction(&disrupted, now));
    let mut drain = Drain::default();
    let mut graceful: Vec<(Tier, &Arc<Pod>)> = vec![];
    for pod in waiting {
        drain.n_waiting += 1;
        if grace::needs_force_delete(pod, deadline, now) {
            drain.forced.push(pod.clone());
        } else {
            graceful.push((Tier::of(pod), pod));
        }
        let next = changes_at(pod, deadline, now);
        drain.changes_at = drain.changes_at.into_iter().chain(next).min();
    }
    let first = graceful.iter().map(|(tier, _)| *tier).min();
    let turn = graceful.into_iter().filter(|(tier, _)| Some(*tier) == first);
    drain.tier = turn.map(|(_, pod)| pod.clone()).collect();
    drain
}

/// A drain of its node asks this pod to leave, sooner or later; its volumes are waited for.
pub fn is_drainable(pod: &Pod, now: Timestamp) -> bool {
    !pod.owners.node && !pod.tolerates(&Taint::disrupted()) && !pod.is_stuck_terminating(now)
}

/// When `pod` becomes stuck or due for force, whichever comes first after `now`.
fn changes_at(pod: &Pod, deadline: Option<Timestamp>, now: Timestamp) -> Option<Timestamp> {
    let tick = std::time::Duration::from_millis(1);
    let stuck = pod.deleted_at.and_then(|at| at.checked_add(STUCK_TERMINATING).ok());
    let force = deadline.and_then(|deadline| grace::spared_until(pod, deadline));
    let strictly_after = |at: Timestamp| at.checked_add(tick).ok().filter(|at| *at > now);
    stuck.into_iter().chain(force).filter_map(strictly_after).min()
}
