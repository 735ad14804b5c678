//! The loop: pods largest first, each to an existing node, an open claim or a new claim; what fails is relaxed, then
//! put back until nothing changes any more.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::base::Base;
use super::class::Classes;
use super::daemon_overhead::Daemon;
use super::devices::{Desk, Found};
use super::effective_zone::EffectiveZone;
use super::existing_node::Nodes;
use super::finish;
use super::index::TypeIndex;
use super::input::SchedulingInput;
use super::journal::Journal;
use super::landing::Watch;
use super::open_claim::{Delta, OpenClaim};
use super::order::CandidateOrder;
use super::packing;
use super::plan::SchedulingPlan;
use super::queue::{self, Queue};
use super::report::UnusablePool;
use super::reservations::Reservations;
use super::stop::Stop;
use super::template::Template;
use super::topology::{Topology, Trials};
use super::universe::Universe;
use super::unschedulable::PoolRefusal;
use super::world::{SetId, World};
use crate::model::pod::Pod;

/// Decides where every pod of `input` goes and which nodes are made.
///
/// At worst every pod is tried against every bin, on every step of its relaxation ladder, once per pod placed since;
/// pods that are equal share what was learned, so real inputs stay close to linear in pods.
///
/// Source: Karpenter behaviour, scheduling.
pub fn solve(input: &SchedulingInput) -> SchedulingPlan {
    solve_until(input, None)
}

/// As [`solve`], with what is placed by the time `stop` ends the search.
pub fn solve_until(input: &SchedulingInput, stop: Option<Stop<'_>>) -> SchedulingPlan {
    solve_on(&mut Base::default(), input, stop)
}

/// As [`solve_until`], on a base that is kept from one plan to the next: nodes that have not changed are not read again.
pub fn solve_on(
    base: &mut Base,
    input: &SchedulingInput,
    stop: Option<Stop<'_>>,
) -> SchedulingPlan {
    base.refresh(input);
    let pods = input.all_pods();
    match Solver::on(base, input, &pods) {
        Ok(solver) => packing::plan(Solver { stop, ..solver }),
        Err(unusable) => finish::without_pools(input, &pods, unusable),
    }
}

/// The state of one solve.
pub(super) struct Solver<'a> {
    pub(super) input: &'a SchedulingInput,
    /// All pods; indices elsewhere point here.
    pub(super) pods: &'a [Arc<Pod>],
    pub(super) world: World<'a>,
    pub(super) indexes: Vec<TypeIndex>,
    pub(super) templates: Vec<Template<'a>>,
    pub(super) unusable: Vec<UnusablePool>,
    pub(super) nodes: Nodes<'a>,
    pub(super) claims: Vec<OpenClaim>,
    pub(super) classes: Classes<'a>,
    pub(super) topology: Topology,
    /// Per shape and level, what groups said of bins.
    pub(super) trials: Vec<Vec<Trials>>,
    /// Per claim, pools that were tried before it was opened and why they refused.
    pub(super) passed_over: Vec<Vec<PoolRefusal>>,
    /// Per pod, the level at which it was placed.
    pub(super) placed_at: Vec<Option<usize>>,
    pub(super) order: CandidateOrder,
    pub(super) reservations: Reservations,
    /// Devices; `None` when nobody claims any or such claims are refused.
    pub(super) devices: Option<Box<Desk<'a>>>,
    /// Pods that have a place.
    pub(super) n_placed: usize,
    pub(super) journal: Journal,
    /// When to end the search; without it, when nothing changes any more.
    pub(super) stop: Option<Stop<'a>>,
    /// The search was ended early.
    pub(super) is_stopped: bool,
    /// Pods that were not tried by then.
    pub(super) unattempted: Vec<usize>,
    /// Pending pods by zone, before the first placement.
    pub(super) pending_by_zone: BTreeMap<EffectiveZone, usize>,
    /// PersistentVolumeClaims looked up.
    pub(super) n_volume_lookups: usize,
    /// Pods whose way to their place is to be told.
    pub(super) watch: Watch,
    /// DaemonSets.
    pub(super) daemons: Vec<Daemon<'a>>,
    /// Resources anybody asks for.
    pub(super) universe: Universe,
}

/// A bin that takes a pod, with what it becomes; nothing has changed yet.
#[derive(Debug)]
pub(super) enum Place {
    Node(usize, SetId),
    Claim(usize, Delta),
    NewClaim(Box<OpenClaim>),
}

impl Solver<'_> {
    /// Places what can be placed; returns the pods that found no place, in queue order.
    pub(super) fn run(&mut self) -> Vec<usize> {
        let input = self.input;
        let mut left = self.run_queue(|pod| !input.is_virtual(pod));
        if !input.virtual_pods.is_empty() {
            left.extend(self.run_queue(|pod| input.is_virtual(pod)));
        }
        left
    }

    fn run_queue(&mut self, is_meant: impl Fn(usize) -> bool) -> Vec<usize> {
        let ranks = queue::size_ranks(self.classes.all.iter().map(|class| &*class.requests));
        let of_class = |class: &usize| ranks[*class];
        let size = |pod: usize| self.classes.of_pod[pod].as_ref().ok().map(of_class);
        let mut queue = Queue::new(self.pods, |pod| size(pod).filter(|_| is_meant(pod)));
        while let Some(pod) = queue.head()
            && !self.is_over()
        {
            queue.pop();
            if !self.place(pod) {
                queue.push(pod);
            }
        }
        self.end(&queue)
    }

    /// Tries the pod on every step of its ladder.
    pub(super) fn place(&mut self, pod: usize) -> bool {
        let Ok(class) = self.classes.of_pod[pod] else { return false };
        self.journal.tried(class);
        if self.classes.all[class].failed_at == Some(self.n_placed) {
            return false;
        }
        self.classes.all[class].deferred = None;
        let n_levels = self.classes.shapes[self.classes.all[class].shape].levels.len();
        for level in 0..n_levels {
            let shape = &self.classes.shapes[self.classes.all[class].shape];
            if shape.levels[level].is_impossible {
                continue;
            }
            if let Some(found) = self.find(class, level) {
                self.look(pod, (class, level), &found.0);
                self.commit(pod, (class, level), found);
                return true;
            }
            if self.classes.all[class].deferred.is_some() {
                break;
            }
        }
        self.classes.all[class].failed_at = Some(self.n_placed);
        false
    }

    fn find(&mut self, class: usize, level: usize) -> Option<Found> {
        if self.classes.all[class].device_claims.is_some() {
            return self.find_with_devices(class, level);
        }
        let shape = &self.classes.shapes[self.classes.all[class].shape];
        let place = if shape.asker(level).is_indifferent() {
            self.find_node(class, level)
                .or_else(|| self.find_claim(class, level))
                .or_else(|| self.find_template(class, level))
        } else {
            self.find_bonded_node(class, level)
                .or_else(|| self.find_bonded_claim(class, level))
                .or_else(|| self.find_template(class, level))
        };
        place.map(|place| (place, None))
    }
}
