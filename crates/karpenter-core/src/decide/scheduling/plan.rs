//! What a scheduling decision comes to.

use std::fmt;
use std::sync::Arc;

use super::claim_object::{self, Origin, Particulars};
use super::report::SchedulingReport;
use super::unschedulable::Unschedulable;
use crate::api::v1::nodeclaim::NodeClaim;
use crate::model::ids::{InstanceTypeName, NodeClaimName, NodeName, NodePoolName, PodKey};
use crate::model::price::Price;
use crate::model::requirements::Requirements;
use crate::model::resources::Resources;
use crate::state::Revision;

/// Where every pod goes. Each pod of the input is in exactly one of `claims`, `placements`, `unschedulable` and
/// `unattempted`.
#[derive(Debug, Clone, PartialEq)]
pub struct SchedulingPlan {
    /// Revision of the state the plan was made from.
    pub based_on: Revision,
    /// Nodes to make, in the order they were opened.
    pub claims: Vec<PlannedClaim>,
    /// Pods that find room on what is there, in the order nodes are tried.
    pub placements: Vec<Placement>,
    /// Pods without a place, in key order.
    pub unschedulable: Vec<(PodKey, Unschedulable)>,
    /// Pods that were not tried because the search was [stopped](super::stop), in key order.
    pub unattempted: Vec<PodKey>,
    /// Why.
    pub report: SchedulingReport,
}

impl SchedulingPlan {
    /// How many pods have no place and are not merely left to the next plan.
    pub fn n_unschedulable(&self) -> usize {
        self.unschedulable.iter().filter(|(_, why)| !why.is_deferred()).count()
    }
}

/// A node to make. Claims that are made alike share what they have in common.
#[derive(Debug, Clone, PartialEq)]
pub struct PlannedClaim {
    /// Name the claim will have.
    pub name: NodeClaimName,
    /// NodePool it is made from.
    pub pool: NodePoolName,
    /// Pods it is made for, in the order they were placed; never empty.
    pub pods: Vec<PodKey>,
    /// What the instance has to be, as in the object.
    pub requirements: Arc<Requirements>,
    /// Instance types it may be, cheapest first, then by name; never empty.
    pub instance_types: Arc<[InstanceTypeName]>,
    /// What its pods and the DaemonSets that will surely run there ask for.
    pub requests: Resources,
    /// Cheapest suitable offering in stock.
    pub price: Price,
    /// Some `minValues` of the pool was lowered to what can be met.
    pub min_values_relaxed: bool,
    /// What its object has besides.
    pub(super) origin: Arc<Origin>,
}

impl PlannedClaim {
    /// The object to create. Its finalizer is added by whoever launches it.
    pub fn object(&self) -> NodeClaim {
        let origin = &self.origin;
        let particulars = Particulars {
            requirements: &self.requirements,
            min_values_relaxed: self.min_values_relaxed,
            default_grace: origin.default_grace,
            overlaid: origin.overlaid,
            drivers: &origin.drivers,
        };
        let like = claim_object::blueprint(&origin.pool, &particulars, &origin.well_known);
        claim_object::named(like, &self.name, &self.requests)
    }
}

/// Pods that will be bound to a node that is there or under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placement {
    /// The node.
    pub target: Target,
    /// The pods, in the order they were placed; never empty.
    pub pods: Vec<PodKey>,
}

/// A node that need not be made.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// A node that has registered.
    Node(NodeName),
    /// A NodeClaim whose node has not registered yet.
    Claim(NodeClaimName),
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Node(name) => write!(f, "node/{name}"),
            Self::Claim(name) => write!(f, "nodeclaim/{name}"),
        }
    }
}
