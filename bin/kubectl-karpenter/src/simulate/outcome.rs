//! What comes out: the plan in the words of its readers.
//!
//! Member names are API; programs read them.

use std::time::Duration;

use jiff::Timestamp;
use karpenter_core::api::v1::requirement::NodeSelectorRequirementWithMinValues;
use karpenter_core::clock::Clock;
use karpenter_core::decide::scheduling::bounds::configuration::Effort;
use karpenter_core::decide::scheduling::input::SchedulingInput;
use karpenter_core::decide::scheduling::lower_bound::lower_bound;
use karpenter_core::decide::scheduling::plan::{PlannedClaim, SchedulingPlan, Target};
use karpenter_core::decide::scheduling::solve::solve;
use karpenter_core::decide::scheduling::unschedulable::{PoolRefusal, Unschedulable};
use karpenter_core::model::ids::PodKey;
use karpenter_core::model::price::Price;
use serde::Serialize;

use super::explained::Explained;

/// A plan as programs read it. Prices are per hour in the currency of the catalogue, rounded to nine decimals.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Outcome {
    /// Nodes to make, in the order they were opened.
    pub claims: Vec<Claim>,
    /// Pods that find room on nodes that are there, by node in the order nodes are tried.
    pub placements: Vec<Placed>,
    /// Pods without a place, in key order.
    pub unschedulable: Vec<Left>,
    /// What the nodes to make cost together.
    pub cost_per_hour: f64,
    /// What new nodes of the same NodePools for these pods cost at least, however they are packed.
    pub lower_bound_per_hour: f64,
    /// Pods somebody asked about, in key order; absent unless somebody did.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub explained: Vec<Explained>,
    /// How long the decision took.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub solve_ms: Option<SolveTime>,
}

/// A node to make.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Claim {
    /// NodePool it is made from.
    pub pool: String,
    /// What the node has to be, by key.
    pub requirements: Vec<NodeSelectorRequirementWithMinValues>,
    /// Instance types it may be, cheapest first.
    pub instance_types: Vec<String>,
    /// Pods it is made for, in the order they were placed.
    pub pods: Vec<String>,
    /// The cheapest offering of them.
    pub price_per_hour: f64,
}

/// Pods for a node that is there, or for a NodeClaim whose node is under way.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Placed {
    /// Name of the node or NodeClaim.
    pub node: String,
    /// The pods, in the order they were placed.
    pub pods: Vec<String>,
}

/// A pod without a place.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Left {
    /// The pod.
    pub pod: String,
    /// Why, one reason for each NodePool that was tried, or one of its own.
    pub reasons: Vec<String>,
    /// What keeps it out of each NodePool that was tried, where that is known; in the order of trying.
    pub cores: Vec<Core>,
}

/// The smallest set of constraints that keeps a pod out of a NodePool.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Core {
    /// The NodePool.
    pub pool: String,
    /// The set: together they leave no instance type.
    pub constraints: Vec<String>,
    /// How many instance types are left without each of them, in the same order.
    pub left_without: Vec<usize>,
    /// Other constraints each of which leaves no instance type by itself.
    pub as_well: Vec<String>,
    /// How many instance types there are without any constraint.
    pub types: usize,
    /// Whether it is known that no smaller set would do.
    pub smallest: bool,
}

/// How long decisions took, milliseconds with three decimals.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct SolveTime {
    /// The one in the middle; the slower one of two.
    pub median: f64,
    /// The quickest.
    pub minimum: f64,
    /// How often the decision was made.
    pub repetitions: u32,
}

impl Outcome {
    /// `plan`, which was made for `input`, in these words, without a time.
    pub fn of(input: &SchedulingInput, plan: &SchedulingPlan) -> Self {
        let unusable = plan.report.unusable_pools.iter();
        let unusable: Vec<String> =
            unusable.map(|u| format!("{} (NodePool={})", u.why, u.pool)).collect();
        let left = |(pod, why): &(PodKey, Unschedulable)| Left {
            pod: pod.to_string(),
            reasons: reasons(why).into_iter().chain(unusable.iter().cloned()).collect(),
            cores: cores(why),
        };
        Self {
            claims: plan.claims.iter().map(claim).collect(),
            placements: plan
                .placements
                .iter()
                .map(|placed| Placed { node: node(&placed.target), pods: names(&placed.pods) })
                .collect(),
            unschedulable: plan.unschedulable.iter().map(left).collect(),
            cost_per_hour: rounded(plan.claims.iter().map(|claim| claim.price).sum()),
            lower_bound_per_hour: rounded_down(lower_bound(input, plan, Effort::ONLINE)),
            explained: vec![],
            solve_ms: None,
        }
    }

    /// As JSON, indented, with a line end.
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).expect("invariant: texts and finite numbers") + "\n"
    }

    /// As YAML.
    pub fn to_yaml(&self) -> String {
        serde_saphyr::to_string(self).expect("invariant: texts and finite numbers")
    }
}

/// Decides `n` times; every time comes to the same plan.
pub fn solve_timed(input: &SchedulingInput, n: u32, clock: &Clock) -> (SchedulingPlan, SolveTime) {
    let began = clock.now();
    let plan = solve(input);
    let mut times = vec![since(began, clock)];
    for _ in 1..n {
        let began = clock.now();
        drop(solve(input));
        times.push(since(began, clock));
    }
    times.sort_unstable();
    let time = SolveTime {
        median: milliseconds(times[times.len() / 2]),
        minimum: milliseconds(times[0]),
        repetitions: n,
    };
    (plan, time)
}

fn since(began: Timestamp, clock: &Clock) -> Duration {
    Duration::try_from(clock.now().duration_since(began)).unwrap_or(Duration::ZERO)
}

fn milliseconds(time: Duration) -> f64 {
    (time.as_secs_f64() * 1e6).round() / 1e3
}

fn claim(planned: &PlannedClaim) -> Claim {
    Claim {
        pool: planned.pool.to_string(),
        requirements: planned.requirements.to_spec(),
        instance_types: planned.instance_types.iter().map(ToString::to_string).collect(),
        pods: names(&planned.pods),
        price_per_hour: rounded(planned.price),
    }
}

/// Why a pod has no place, one text per reason; never empty.
pub fn reasons(why: &Unschedulable) -> Vec<String> {
    match why {
        Unschedulable::Refused(refusals) => refusals.iter().map(ToString::to_string).collect(),
        Unschedulable::Invalid(problems) => problems.iter().map(ToString::to_string).collect(),
        other => vec![other.to_string()],
    }
}

fn cores(why: &Unschedulable) -> Vec<Core> {
    let Unschedulable::Refused(refusals) = why else { return vec![] };
    let core = |refusal: &PoolRefusal| {
        let core = refusal.core.as_ref()?;
        Some(Core {
            pool: refusal.pool.to_string(),
            constraints: core.constraints.iter().map(ToString::to_string).collect(),
            left_without: core.left_without.clone(),
            as_well: core.as_well.iter().map(ToString::to_string).collect(),
            types: core.n_types,
            smallest: core.is_smallest,
        })
    };
    refusals.iter().filter_map(core).collect()
}

/// Name of the node or NodeClaim.
pub fn node(target: &Target) -> String {
    match target {
        Target::Node(name) => name.to_string(),
        Target::Claim(name) => name.to_string(),
    }
}

fn names(pods: &[PodKey]) -> Vec<String> {
    pods.iter().map(ToString::to_string).collect()
}

/// To nine decimals; nothing costs zero, not the minus zero that an empty sum is.
fn rounded(price: Price) -> f64 {
    (price.as_f64() * 1e9).round() / 1e9 + 0.0
}

/// As [`rounded`], never upwards: a bound has to stay one.
fn rounded_down(price: Price) -> f64 {
    (price.as_f64() * 1e9).floor() / 1e9 + 0.0
}
