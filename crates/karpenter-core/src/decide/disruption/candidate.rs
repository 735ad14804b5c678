//! Which nodes may be disrupted, and why the others may not.

use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::{DisruptionInput, DisruptionReport, Skipped, cost};
use crate::api::duration::parse_nanos;
use crate::api::labels;
use crate::decide::pod_budgets::{Evictability, PodBudgets};
use crate::model::ids::{NodePoolName, ObjectKey, PodKey};
use crate::model::node::Node;
use crate::model::node_claim::NodeClaim;
use crate::model::node_pool::NodePool;
use crate::model::pod::{Pod, elapsed};
use crate::model::price::Price;
use crate::state::{NodeUsage, StateNode};

/// A node that may be disrupted.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// The node.
    pub node: Arc<Node>,
    /// Its claim.
    pub claim: Arc<NodeClaim>,
    /// Its pool.
    pub pool: Arc<NodePool>,
    /// Pods that will need another place, in key order.
    pub reschedulable: Vec<Arc<Pod>>,
    /// What it costs to run; zero when unknown.
    pub price: Price,
    /// What its disruption costs, without unit; at least 1.
    pub cost: f64,
    /// Share of its life that is left, 0 to 1.
    pub lifetime_remaining: f64,
}

impl Candidate {
    /// No pod on the node is worth anything.
    pub fn is_empty(&self) -> bool {
        self.cost <= cost::PER_NODE
    }

    /// Price saved per cost of disruption.
    pub fn savings_ratio(&self) -> f64 {
        self.price.as_f64() / self.cost
    }

    /// Order in which candidates are taken: most savings first, then the cheapest to disrupt, the soonest to expire,
    /// the oldest, and by name.
    pub fn preference(&self, other: &Self) -> Ordering {
        let ratio = other.savings_ratio().total_cmp(&self.savings_ratio());
        ratio
            .then_with(|| self.cost.total_cmp(&other.cost))
            .then_with(|| self.lifetime_remaining.total_cmp(&other.lifetime_remaining))
            .then_with(|| self.claim.created.cmp(&other.claim.created))
            .then_with(|| self.claim.name.cmp(&other.claim.name))
    }
}

/// Whether a method waits for pods that object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Nodes with pods that object are left alone.
    Graceful,
    /// They are taken when their claim bounds the time of the drain.
    Eventual,
}

/// Why a node is left alone. Prints as the message of the event.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum SkipReason {
    /// A command has it already.
    InCommand,
    /// It is not ours.
    Unmanaged,
    /// Its instance has not joined the cluster.
    NoNode,
    /// It is still starting.
    NotInitialized,
    /// It goes away anyway.
    Deleting,
    /// Pods are expected on it.
    Nominated,
    /// Its own annotation forbids it.
    NodeAnnotation,
    /// It does not say which pool it belongs to.
    NoPoolLabel,
    /// Its pool, or the supply of its pool, is unknown.
    NoPool(NodePoolName),
    /// The annotation of a pod forbids it.
    PodAnnotation(PodKey),
    /// A PodDisruptionBudget is used up.
    PodBudget(ObjectKey),
    /// Several PodDisruptionBudgets cover one pod.
    SeveralPodBudgets(Vec<ObjectKey>),
    /// Its pool never consolidates.
    ConsolidationDisabled(NodePoolName),
}

impl SkipReason {
    /// Whether the node is kept for the sake of consolidation only.
    pub fn is_unconsolidatable(&self) -> bool {
        matches!(self, Self::ConsolidationDisabled(_))
    }

    /// Whether people are told.
    pub fn is_told(&self) -> bool {
        !matches!(self, Self::InCommand | Self::Unmanaged)
    }

    /// Whether a bound on the drain makes it irrelevant for methods of class [`Class::Eventual`].
    fn is_about_pods(&self) -> bool {
        matches!(self, Self::PodAnnotation(_) | Self::PodBudget(_) | Self::SeveralPodBudgets(_))
    }
}

impl fmt::Display for SkipReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InCommand => f.write_str("Node is part of a disruption command"),
            Self::Unmanaged => f.write_str("Node is not managed"),
            Self::NoNode => f.write_str("Nodeclaim does not have an associated node"),
            Self::NotInitialized => f.write_str("Node isn't initialized"),
            Self::Deleting => f.write_str("Node is deleting or marked for deletion"),
            Self::Nominated => f.write_str("Node is nominated for a pending pod"),
            Self::NodeAnnotation => {
                write!(
                    f,
                    "Disruption is blocked through the {:?} annotation",
                    labels::DO_NOT_DISRUPT
                )
            }
            Self::NoPoolLabel => {
                write!(f, "Node doesn't have required label (label={})", labels::NODEPOOL)
            }
            Self::NoPool(pool) => write!(f, "NodePool not found (NodePool={pool})"),
            Self::PodAnnotation(pod) => {
                write!(f, "Pod has {:?} annotation (Pod={pod})", labels::DO_NOT_DISRUPT)
            }
            Self::PodBudget(budget) => {
                write!(f, "Pdb prevents pod evictions (PodDisruptionBudget=[{budget}])")
            }
            Self::SeveralPodBudgets(budgets) => {
                let names: Vec<String> = budgets.iter().map(ToString::to_string).collect();
                write!(
                    f,
                    "Eviction does not support multiple PDBs (PodDisruptionBudget(s)=[{}])",
                    names.join(" ")
                )
            }
            Self::ConsolidationDisabled(pool) => {
                write!(f, "NodePool \"{pool}\" has consolidation disabled")
            }
        }
    }
}

/// All nodes methods of `class` may disrupt, in name order; the others are in the report.
pub fn candidates(
    input: &DisruptionInput,
    class: Class,
    report: &mut DisruptionReport,
) -> Vec<Candidate> {
    let budgets = PodBudgets::of(&input.cluster);
    let mut candidates = vec![];
    for state_node in input.cluster.state_nodes() {
        match candidate(input, &budgets, class, &state_node) {
            Ok(candidate) => candidates.push(candidate),
            Err(why) => {
                let StateNode { node, claim, .. } = state_node;
                report.skipped.push(Skipped { node, claim, why });
            }
        }
    }
    candidates
}

fn candidate(
    input: &DisruptionInput,
    budgets: &PodBudgets<'_>,
    class: Class,
    state_node: &StateNode,
) -> Result<Candidate, SkipReason> {
    let claim = state_node.claim.as_ref().ok_or(SkipReason::Unmanaged)?;
    if input.reserved.contains(&claim.name) {
        return Err(SkipReason::InCommand);
    }
    let node = state_node.node.as_ref().ok_or(SkipReason::NoNode)?;
    let is_blocked = [
        (!state_node.is_initialized(), SkipReason::NotInitialized),
        (state_node.is_marked_for_deletion(), SkipReason::Deleting),
        (state_node.is_nominated(input.now), SkipReason::Nominated),
        (is_protected(node, input.now), SkipReason::NodeAnnotation),
    ];
    if let Some((_, why)) = is_blocked.into_iter().find(|(is_blocked, _)| *is_blocked) {
        return Err(why);
    }
    let name = state_node.pool().ok_or(SkipReason::NoPoolLabel)?;
    let catalog = input.catalogs.get(&name).filter(|catalog| !catalog.types.is_empty());
    let Some((pool, catalog)) = input.cluster.pools.get(&name).zip(catalog) else {
        return Err(SkipReason::NoPool(name));
    };
    let is_bounded = class == Class::Eventual && claim.termination_grace_period.is_some();
    if let Some(why) = objection(&state_node.usage, budgets, input.now)
        && !(is_bounded && why.is_about_pods())
    {
        return Err(why);
    }
    let reschedulable = reschedulable(&state_node.usage);
    Ok(Candidate {
        price: cost::price(node, catalog),
        cost: cost::reschedule_disruption_cost(&reschedulable),
        lifetime_remaining: cost::lifetime_remaining(claim, input.now),
        node: node.clone(),
        claim: claim.clone(),
        pool: pool.clone(),
        reschedulable,
    })
}

/// Pods of a node that will need another place, in key order.
pub fn reschedulable(usage: &NodeUsage) -> Vec<Arc<Pod>> {
    usage.pods.values().filter(|pod| pod.is_reschedulable()).cloned().collect()
}

/// The first reason why pods of a node object to its disruption: their annotations before their budgets.
pub fn objection(
    usage: &NodeUsage,
    budgets: &PodBudgets<'_>,
    now: Timestamp,
) -> Option<SkipReason> {
    let objects = |pod: &&Arc<Pod>| pod.is_active() && pod.blocks_disruption(now);
    if let Some(pod) = usage.pods.values().find(objects) {
        return Some(SkipReason::PodAnnotation(pod.key.clone()));
    }
    usage.pods.values().find_map(|pod| match budgets.evictability(pod, now) {
        Evictability::NotAsked | Evictability::Free | Evictability::Within(_) => None,
        Evictability::Exhausted(budget) => Some(SkipReason::PodBudget(budget.key.clone())),
        Evictability::Several(keys) => {
            Some(SkipReason::SeveralPodBudgets(keys.into_iter().cloned().collect()))
        }
    })
}

/// Whether the annotation of `node` forbids its disruption: `true`, or a duration since its creation.
///
/// Source: Karpenter behaviour. Differs: the duration form is understood on nodes too.
fn is_protected(node: &Node, now: Timestamp) -> bool {
    let Some(value) = node.annotations.get(labels::DO_NOT_DISRUPT) else { return false };
    let nanos = parse_nanos(value).ok().and_then(|nanos| u64::try_from(nanos).ok());
    &**value == "true"
        || nanos.is_some_and(|nanos| elapsed(node.created, now) < Duration::from_nanos(nanos))
}
