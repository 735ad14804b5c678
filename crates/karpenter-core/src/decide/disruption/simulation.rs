//! What is asked of the scheduler before nodes are given up: would their pods find a place if they went?
//!
//! The same question as for pods that wait, with the candidates gone and their pods on the list. Nothing is reserved for
//! the answer, so pods that could have reserved capacity do not wait for it. Where fewer or cheaper nodes are the aim,
//! pods of candidates keep off nodes that have not settled ([`Purpose::Consolidation`]); drifted nodes have to go either
//! way ([`Purpose::Placement`]).
//!
//! Source: Karpenter behaviour, simulated scheduling.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::candidate::Candidate;
use crate::decide::default_spread::with_defaults;
use crate::decide::provisioning::input::{Terms, scheduling_input};
use crate::decide::provisioning::{demand, movable_pods};
use crate::decide::scheduling::input::{PoolSupply, Purpose, ReservedOfferings, SchedulingInput};
use crate::model::ids::NodeClaimName;
use crate::model::pod::Pod;
use crate::state::{ClusterSnapshot, StateNode};

/// The question whether pods of `candidates` find a place among the other nodes of `cluster` and new nodes of `pools`,
/// together with everybody who needs one anyway and with `virtual_pods` behind them.
pub fn simulation_input(
    cluster: &ClusterSnapshot,
    candidates: &[Candidate],
    purpose: Purpose,
    virtual_pods: Vec<Arc<Pod>>,
    pools: Vec<PoolSupply>,
    terms: Terms,
) -> SchedulingInput {
    let mut demand = demand(cluster, terms.now);
    let taken: BTreeSet<&NodeClaimName> = candidates.iter().map(|one| &one.claim.name).collect();
    let is_taken =
        |node: &StateNode| node.claim.as_ref().is_some_and(|claim| taken.contains(&claim.name));
    let (gone, stay): (Vec<_>, Vec<_>) = demand.nodes.into_iter().partition(is_taken);
    let pods = gone.iter().flat_map(|node| movable_pods(cluster, node, terms.now)).cloned();
    let spread = &terms.options.default_spread;
    let displaced = with_defaults(pods.collect(), spread, &cluster.selector_sources);
    demand.nodes = stay;
    demand.leaving.extend(gone);
    let input = scheduling_input(cluster, demand, virtual_pods, pools, terms);
    SchedulingInput { purpose, reserved: ReservedOfferings::Fallback, displaced, ..input }
}
