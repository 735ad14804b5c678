//! An independent check of scheduling plans: whatever the planner thought, does the result hold?
//!
//! Written from the rules alone; it shares no code with the planner beyond the model, is slow on purpose (every pod
//! against every listed instance type) and is meant for tests, simulations and doubts.

mod claim;
mod node;
mod pod_view;
mod reservations;
mod topology;
mod volumes;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use super::scheduling::input::SchedulingInput;
use super::scheduling::plan::SchedulingPlan;
use crate::model::ids::PodKey;
use crate::model::pod::Pod;

/// Something a plan promises that does not hold.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// The bin or pod it is about, as the plan names it.
    pub about: String,
    /// What is wrong.
    pub violation: Violation,
}

/// A broken rule.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Violation {
    /// The pod is in this many places instead of one.
    Places(usize),
    /// The plan names a node, pool, instance type or pod that the input does not have.
    Unknown(String),
    /// The pod does not tolerate the taints of its bin.
    Taints(PodKey),
    /// No alternative of what the pod requires of labels is guaranteed.
    Requirements(PodKey),
    /// The pod may be in one domain with a pod that one of the two must keep away from.
    PodAntiAffinity(PodKey),
    /// No pod that the pod must be near is in its domain.
    PodAffinity(PodKey),
    /// The domain of the pod has more pods of its kind than it allows.
    Spread(PodKey),
    /// A volume of the pod cannot be had, or not be reached from its bin.
    Volumes(PodKey),
    /// The node would have more volumes of this driver than it may.
    VolumeLimit(String),
    /// Two pods want one port.
    HostPorts(PodKey),
    /// The pods do not fit, on this instance type if it is a claim.
    Resources(String),
    /// This instance type cannot be bought as the claim says.
    Offering(String),
    /// A limit of the pool is exceeded by this instance type or by the number of nodes.
    Limits(String),
    /// The instance types are not in price order, too many, or none.
    Order,
    /// The price is not that of the cheapest suitable offering.
    Price,
    /// The list offers too few values of this label.
    MinValues(String),
    /// The claim cannot be made from the reservations it is bound to, or the reservation is promised too often.
    Reservation,
    /// The claim asks for less than its pods do.
    Requests,
}

/// What the plan promises and does not hold, sorted; empty for a good plan.
///
/// Cost: claims × instance types × (pods + DaemonSets).
///
/// Source: ours.
pub fn audit(input: &SchedulingInput, plan: &SchedulingPlan) -> Vec<Finding> {
    let pods: BTreeMap<&PodKey, &Pod> = pods(input).map(|pod| (&pod.key, &**pod)).collect();
    let mut findings = places(&pods, plan);
    claim::check(input, &pods, plan, &mut findings);
    node::check(input, &pods, plan, &mut findings);
    topology::check(input, &pods, plan, &mut findings);
    volumes::check(input, &pods, plan, &mut findings);
    reservations::check(input, plan, &mut findings);
    findings.sort();
    findings
}

/// Every pod that needs a place.
fn pods(input: &SchedulingInput) -> impl Iterator<Item = &Arc<Pod>> {
    let pending = input.pods.iter().chain(&input.virtual_pods);
    pending.chain(&input.reschedule).chain(&input.displaced)
}

/// Every pod is in exactly one place, and no other pod is in any.
fn places(pods: &BTreeMap<&PodKey, &Pod>, plan: &SchedulingPlan) -> Vec<Finding> {
    let mut count: BTreeMap<&PodKey, usize> = pods.keys().map(|pod| (*pod, 0)).collect();
    let claimed = plan.claims.iter().flat_map(|claim| &claim.pods);
    let placed = plan.placements.iter().flat_map(|placement| &placement.pods);
    let left = plan.unschedulable.iter().map(|(pod, _)| pod).chain(&plan.unattempted);
    for pod in claimed.chain(placed).chain(left) {
        *count.entry(pod).or_default() += 1;
    }
    let wrong = count.into_iter().filter(|(pod, n)| *n != 1 || !pods.contains_key(pod));
    wrong
        .map(|(pod, n)| Finding { about: pod.to_string(), violation: Violation::Places(n) })
        .collect()
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {:?}", self.about, self.violation)
    }
}
