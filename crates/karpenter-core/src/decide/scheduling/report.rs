//! Why a plan is what it is: one readable line per decision.

use std::collections::BTreeMap;
use std::fmt;

use super::effective_zone::EffectiveZone;
use super::plan::Target;
use super::unschedulable::{PoolRefusal, Unschedulable};
use crate::model::ids::{InstanceTypeName, NodeClaimName, NodePoolName, PodKey};
use crate::model::price::Price;
use crate::options::PackingPolicy;

/// Every decision of a plan with its reason. Prints one line each.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SchedulingReport {
    /// Pools that took no part, in the order of trying.
    pub unusable_pools: Vec<UnusablePool>,
    /// Nodes to make, in the order they were opened.
    pub claims: Vec<ClaimReport>,
    /// Pods placed on what is there, in the order nodes are tried.
    pub placements: Vec<PlacementReport>,
    /// Pods that had to give something up, in key order.
    pub relaxed: Vec<RelaxedPod>,
    /// Pods without a place, in key order.
    pub unschedulable: Vec<(PodKey, Unschedulable)>,
    /// How many pods were not tried because the search was stopped.
    pub n_unattempted: usize,
    /// Pods of phase `Pending` by the zone they can go to, as it was before any of them was placed.
    pub pending_by_zone: BTreeMap<EffectiveZone, usize>,
    /// PersistentVolumeClaims looked up: once per volume of a pod.
    pub n_volume_lookups: usize,
    /// What the nodes to make cost, by pool in the order of trying; pools without new nodes are left out.
    pub packing: Vec<PackingReport>,
}

impl SchedulingReport {
    /// Which pools took no part and why, behind the reason of a pod that found no place; empty when all did.
    pub fn unusable_pools_text(&self) -> String {
        let text =
            |unusable: &UnusablePool| format!("; {} (NodePool={})", unusable.why, unusable.pool);
        self.unusable_pools.iter().map(text).collect()
    }
}

/// A pool none of whose instance types can be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnusablePool {
    /// The pool.
    pub pool: NodePoolName,
    /// Why.
    pub why: UnusableReason,
}

/// Why a pool makes no nodes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UnusableReason {
    /// It is being deleted.
    Deleting,
    /// It keeps a fixed number of nodes.
    Static,
    /// It is not ready; the conditions that do not hold, with what they say.
    NotReady(String),
    /// The provider named no instance type.
    NoInstanceTypes,
    /// Its requirements leave no instance type with an offering in stock.
    FilteredOut,
    /// As before, because `minValues` is not met.
    MinValues,
}

/// A node to make.
#[derive(Debug, Clone, PartialEq)]
pub struct ClaimReport {
    /// Name of the claim.
    pub claim: NodeClaimName,
    /// Its pool.
    pub pool: NodePoolName,
    /// How many pods it is made for.
    pub n_pods: usize,
    /// How many instance types it may be.
    pub n_instance_types: usize,
    /// The cheapest of them and its price.
    pub cheapest: (InstanceTypeName, Price),
    /// The pod it was opened for.
    pub opened_for: PodKey,
    /// Pools that were tried before and why they could not take that pod.
    pub passed_over: Vec<PoolRefusal>,
}

/// What the new nodes of a pool cost, and what they cost at least.
#[derive(Debug, Clone, PartialEq)]
pub struct PackingReport {
    /// The pool.
    pub pool: NodePoolName,
    /// How it packs.
    pub policy: PackingPolicy,
    /// How many nodes.
    pub n_claims: usize,
    /// What they cost per hour, each at its cheapest.
    pub cost: Price,
    /// What nodes of the pool for these pods cost at least per hour.
    pub lower_bound: Price,
    /// What [`PackingPolicy::FirstFit`] makes: how many nodes, and their cost per hour.
    pub first_fit: (usize, Price),
}

impl PackingReport {
    /// How much dearer than the bound, as a share; zero when the bound is.
    pub fn gap(&self) -> f64 {
        let (cost, bound) = (self.cost.as_f64(), self.lower_bound.as_f64());
        if bound > 0.0 { (cost / bound - 1.0).max(0.0) } else { 0.0 }
    }
}

/// Pods placed on what is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlacementReport {
    /// Where.
    pub target: Target,
    /// How many.
    pub n_pods: usize,
}

/// A pod that had to give something up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RelaxedPod {
    /// The pod.
    pub pod: PodKey,
    /// What it gave up, in order; never empty.
    pub given_up: Vec<Relaxation>,
}

/// One step of the relaxation ladder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relaxation {
    /// The first alternative of the required node affinity.
    RequiredAlternative,
    /// The heaviest preferred pod affinity term.
    PodAffinity {
        /// Its weight.
        weight: i32,
    },
    /// The heaviest preferred pod anti-affinity term.
    PodAntiAffinity {
        /// Its weight.
        weight: i32,
    },
    /// The heaviest preferred node affinity term.
    PreferredTerm {
        /// Its weight.
        weight: i32,
    },
    /// A topology spread constraint that a scheduler may ignore.
    Spread {
        /// Its position in the list, as written.
        at: usize,
    },
    /// Taints that are only preferences are put up with.
    PreferNoSchedule,
}

impl fmt::Display for SchedulingReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for unusable in &self.unusable_pools {
            writeln!(f, "nodepool {}: {}", unusable.pool, unusable.why)?;
        }
        for placement in &self.placements {
            writeln!(f, "{}: has room for {} pod(s)", placement.target, placement.n_pods)?;
        }
        for claim in &self.claims {
            writeln!(f, "{claim}")?;
        }
        let thought = |packing: &&PackingReport| packing.policy != PackingPolicy::FirstFit;
        for packing in self.packing.iter().filter(thought) {
            writeln!(f, "{packing}")?;
        }
        for relaxed in &self.relaxed {
            writeln!(f, "{relaxed}")?;
        }
        for (pod, why) in &self.unschedulable {
            writeln!(f, "pod {pod}: no place: {why}")?;
        }
        if self.n_unattempted > 0 {
            writeln!(f, "{} more pod(s): not tried, time was up", self.n_unattempted)?;
        }
        Ok(())
    }
}

impl fmt::Display for ClaimReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (cheapest, price) = &self.cheapest;
        write!(
            f,
            "nodeclaim/{}: new node of nodepool {} for {} pod(s), {} instance type(s), cheapest {cheapest} at \
             {price}; nothing there had room for pod {}",
            self.claim, self.pool, self.n_pods, self.n_instance_types, self.opened_for
        )?;
        for refusal in &self.passed_over {
            write!(f, "; not nodepool {}: {refusal}", refusal.pool)?;
        }
        Ok(())
    }
}

impl fmt::Display for PackingReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (n_first, first) = self.first_fit;
        let policy = self.policy.as_str();
        write!(
            f,
            "nodepool {}: {policy} makes {} node(s) at {} per hour, {:.1} % above the least possible {}; FirstFit \
             would make {n_first} at {first}",
            self.pool,
            self.n_claims,
            self.cost,
            100.0 * self.gap(),
            self.lower_bound
        )
    }
}

impl fmt::Display for RelaxedPod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let steps: Vec<String> = self.given_up.iter().map(ToString::to_string).collect();
        write!(f, "pod {}: gave up {}", self.pod, steps.join(", "))
    }
}

impl fmt::Display for Relaxation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RequiredAlternative => f.write_str("an alternative of required node affinity"),
            Self::PreferredTerm { weight } => {
                write!(f, "a preferred node affinity term of weight {weight}")
            }
            Self::PodAffinity { weight } => {
                write!(f, "a preferred pod affinity term of weight {weight}")
            }
            Self::PodAntiAffinity { weight } => {
                write!(f, "a preferred pod anti-affinity term of weight {weight}")
            }
            Self::Spread { at } => write!(f, "topology spread constraint {at}"),
            Self::PreferNoSchedule => f.write_str("staying off PreferNoSchedule taints"),
        }
    }
}

impl fmt::Display for UnusableReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Deleting => "is being deleted",
            Self::Static => "keeps a fixed number of nodes",
            Self::NotReady(conditions) => return write!(f, "is not ready, {conditions}"),
            Self::NoInstanceTypes => "the provider named no instance type",
            Self::FilteredOut => {
                "NodePool requirements filtered out all compatible available instance types"
            }
            Self::MinValues => {
                "NodePool requirements filtered out all compatible available instance types due to minValues \
                 incompatibility"
            }
        })
    }
}
