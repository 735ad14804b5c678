//! Why a pod landed where it did: everything that was tried before, with what was the matter with it.
//!
//! # Flow
//!
//! [`solve`] decides as [`solve::solve`](super::solve::solve) does and looks closer at some pods. When one of them has
//! found its place, every bin that stood before it is asked again by the same tests in a fixed order, and the first one
//! that fails is counted.
//!
//! # Guarantees
//!
//! The plan is the same as without looking. A pod nobody looks at costs nothing; one that is looked at costs one more
//! test of every bin before its own.
//!
//! # Caveats
//!
//! Told is the step of the ladder at which the pod found its place. New nodes that are packed anew
//! ([`PackingPolicy::CostOptimized`](crate::options::PackingPolicy::CostOptimized)) may exchange pods after that.
//!
//! Source: ours.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use super::explain;
use super::finish;
use super::input::SchedulingInput;
use super::packing;
use super::plan::SchedulingPlan;
use super::refusal_core::cores::Cores;
use super::report::Relaxation;
use super::solve::{Place, Solver};
use super::unschedulable::PoolRefusal;
use crate::model::ids::{LabelKey, PodKey};
use crate::model::pod::Pod;
use crate::model::resources::ResourceName;

mod obstacles;

/// What was tried for a pod before it found its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Landing {
    /// The pod.
    pub pod: PodKey,
    /// What it gave up before, in order.
    pub given_up: Vec<Relaxation>,
    /// Nodes that are there or under way and came before.
    pub nodes: PassedOver,
    /// Nodes planned so far that came before; none are asked once a node that is there takes the pod.
    pub claims: PassedOver,
    /// NodePools that came before that of its node, with their reasons; empty unless the node was made for the pod.
    pub pools: Vec<PoolRefusal>,
    /// The node was made for the pod.
    pub is_first: bool,
}

/// Bins by the first thing that was the matter with them. Prints as one line, the most frequent first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PassedOver {
    /// How many bins for what.
    pub obstacles: BTreeMap<Obstacle, usize>,
}

/// What was the matter with a bin, in the order of testing.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Obstacle {
    /// The pod does not tolerate one of its taints.
    Taint,
    /// It is not what the pod requires of this label.
    Label(LabelKey),
    /// It has too little left of this resource.
    Resource(ResourceName),
    /// Nothing can be put there: it has more on it than it can hold, or more volumes than it may.
    Overfull,
    /// A port of the pod is taken.
    HostPort,
    /// It may not have the pod's volumes in addition.
    VolumeLimit,
    /// The pod's volumes cannot be reached from it.
    VolumeZone,
    /// Other pods keep the pod away, or are not there.
    Topology,
    /// No instance type that is worth it would hold the pod in addition.
    InstanceTypes,
    /// Reserved capacity it counts on would not do.
    Reserved,
}

/// Pods that are looked at, by number, with what was seen of them.
#[derive(Debug, Clone, Default)]
pub(super) struct Watch {
    pods: BTreeMap<usize, Option<Landing>>,
}

/// The plan for `input`; its report tells of the landing of each of the `watched` pods that has found a place.
pub fn solve(input: &SchedulingInput, watched: &BTreeSet<PodKey>) -> SchedulingPlan {
    let pods = input.all_pods();
    match Solver::of(input, &pods) {
        Ok(mut solver) => {
            solver.watch = Watch::of(&pods, watched);
            packing::plan(solver)
        }
        Err(unusable) => finish::without_pools(input, &pods, unusable),
    }
}

impl Watch {
    fn of(pods: &[Arc<Pod>], watched: &BTreeSet<PodKey>) -> Self {
        let numbered = pods.iter().enumerate().filter(|(_, pod)| watched.contains(&pod.key));
        Self { pods: numbered.map(|(at, _)| (at, None)).collect() }
    }

    /// The same pods before anything is seen.
    pub(super) fn anew(&self) -> Self {
        Self { pods: self.pods.keys().map(|pod| (*pod, None)).collect() }
    }

    /// What was seen, in key order.
    pub(super) fn into_landings(self) -> Vec<Landing> {
        let mut landings: Vec<Landing> = self.pods.into_values().flatten().collect();
        landings.sort_by(|a, b| a.pod.cmp(&b.pod));
        landings
    }
}

impl Solver<'_> {
    /// Looks at what stands before `place`, which the pod is about to take, if anybody asked.
    pub(super) fn look(&mut self, pod: usize, (class, level): (usize, usize), place: &Place) {
        if !matches!(self.watch.pods.get(&pod), Some(None)) {
            return;
        }
        let (n_nodes, n_claims) = match place {
            Place::Node(at, _) => (*at, 0),
            Place::Claim(at, _) => {
                let before = self.order.iter().take_while(|claim| claim != at);
                (self.nodes.all.len(), before.count())
            }
            Place::NewClaim(_) => (self.nodes.all.len(), self.claims.len()),
        };
        let claims: Vec<usize> = self.order.iter().take(n_claims).collect();
        let levels = &self.classes.shapes[self.classes.all[class].shape].levels;
        let given_up = levels[..=level].iter().filter_map(|level| level.given_up).collect();
        let landing = Landing {
            pod: self.pods[pod].key.clone(),
            given_up,
            nodes: (0..n_nodes).filter_map(|at| self.node_obstacle((class, level), at)).collect(),
            claims: claims
                .into_iter()
                .filter_map(|at| self.claim_obstacle((class, level), at))
                .collect(),
            pools: self.pools_before((class, level), place),
            is_first: matches!(place, Place::NewClaim(_)),
        };
        self.watch.pods.insert(pod, Some(landing));
    }

    fn pools_before(&mut self, of: (usize, usize), place: &Place) -> Vec<PoolRefusal> {
        let Place::NewClaim(claim) = place else { return vec![] };
        let refusals = explain::refusals(self, of, 0..claim.template);
        Cores::default().explain(self, of, refusals)
    }
}

impl FromIterator<Obstacle> for PassedOver {
    fn from_iter<I: IntoIterator<Item = Obstacle>>(obstacles: I) -> Self {
        let mut passed = Self::default();
        for obstacle in obstacles {
            *passed.obstacles.entry(obstacle).or_default() += 1;
        }
        passed
    }
}

impl PassedOver {
    /// How many bins there are.
    pub fn n_bins(&self) -> usize {
        self.obstacles.values().sum()
    }

    /// The obstacles with how many bins they concern, the most frequent first.
    pub fn sorted(&self) -> Vec<(&Obstacle, usize)> {
        let mut sorted: Vec<_> = self.obstacles.iter().map(|(what, n)| (what, *n)).collect();
        sorted.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
        sorted
    }
}

impl fmt::Display for Landing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "pod {}: found its place", self.pod)?;
        for given_up in &self.given_up {
            write!(f, "; gave up {given_up}")?;
        }
        for (passed, what) in [(&self.nodes, "node(s)"), (&self.claims, "planned node(s)")] {
            if passed.n_bins() > 0 {
                write!(f, "; not on {} {what}: {passed}", passed.n_bins())?;
            }
        }
        for refusal in &self.pools {
            write!(f, "; not nodepool {}: {refusal}", refusal.pool)?;
        }
        Ok(())
    }
}

impl fmt::Display for PassedOver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, (obstacle, n)) in self.sorted().into_iter().enumerate() {
            write!(f, "{}{n} {obstacle}", if at == 0 { "" } else { ", " })?;
        }
        Ok(())
    }
}

/// What is said of one or more bins, behind their number.
impl fmt::Display for Obstacle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Taint => f.write_str("by a taint"),
            Self::Label(key) => write!(f, "by label {key}"),
            Self::Resource(name) => write!(f, "for lack of {name}"),
            Self::Overfull => f.write_str("overfull already"),
            Self::HostPort => f.write_str("by a host port that is taken"),
            Self::VolumeLimit => f.write_str("by the limit on volumes"),
            Self::VolumeZone => f.write_str("out of reach of its volumes"),
            Self::Topology => f.write_str("by topology spread or pod affinity"),
            Self::InstanceTypes => f.write_str("for lack of an instance type that holds it too"),
            Self::Reserved => f.write_str("by reserved capacity"),
        }
    }
}
