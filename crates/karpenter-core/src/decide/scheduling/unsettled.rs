//! Nodes that have not settled: pods came or went more recently than their pool waits with consolidation.
//!
//! Consolidation asks whether pods would find a place if their nodes went. It must not answer with a node that is still
//! filling up or running empty, for pods moved there would keep it from settling, and the next answer would be another.
//! Pods that need a place anyway may go there.
//!
//! Source: Karpenter behaviour, existing nodes in simulations of consolidation.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::input::{PoolSupply, Purpose, SchedulingInput};
use crate::decide::consolidatable::{self, Quiet};
use crate::model::ids::NodePoolName;
use crate::model::node_pool::NodePool;
use crate::model::pod::PodPhase;
use crate::state::StateNode;

/// Tells which nodes have not settled; none has not unless the plan simulates consolidation.
#[derive(Debug)]
pub(super) struct Unsettled<'a> {
    pools: BTreeMap<&'a NodePoolName, &'a NodePool>,
    now: Timestamp,
}

impl<'a> Unsettled<'a> {
    /// Nodes of the pools behind `supplies`.
    pub(super) fn of(input: &SchedulingInput, supplies: &[&'a PoolSupply]) -> Self {
        let pools = supplies.iter().map(|supply| (&supply.pool.name, &*supply.pool));
        let pools = pools.filter(|_| input.purpose == Purpose::Consolidation).collect();
        Self { pools, now: input.now }
    }

    /// Whether `node` has not settled.
    pub(super) fn contains(&self, node: &StateNode) -> bool {
        let Some(claim) = node.claim.as_ref().filter(|_| !self.pools.is_empty()) else {
            return false;
        };
        let pool = node.pool().and_then(|name| self.pools.get(&name).copied());
        let judge = |pool| consolidatable::judge(claim, claim.last_pod_event, pool, self.now);
        pool.is_some_and(|pool| matches!(judge(pool), Quiet::Until(_)))
    }
}

impl SchedulingInput {
    /// Whether the pod of this number among [`all_pods`](Self::all_pods) may not go to nodes that have not settled: it
    /// has a place, or asks for none.
    pub(super) fn shuns_unsettled(&self, pod: usize) -> bool {
        let displaced = pod.checked_sub(self.n_pending() + self.reschedule.len());
        let has_started = |pod: usize| self.displaced[pod].phase != PodPhase::Pending;
        self.purpose == Purpose::Consolidation
            && (self.is_virtual(pod) || displaced.is_some_and(has_started))
    }
}
