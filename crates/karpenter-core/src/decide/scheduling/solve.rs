//! The loop: pods largest first, each to an existing node, an open claim or a new claim; what fails is relaxed, then
//! put back until nothing changes any more.

use std::collections::BTreeSet;
use std::sync::Arc;

use fixedbitset::{Block, FixedBitSet};

use super::class::{Classes, Classifier};
use super::daemon_overhead::Daemon;
use super::existing_node::{ExistingNode, NodeReader, Nodes};
use super::host_ports;
use super::index::TypeIndex;
use super::input::{PoolSupply, SchedulingInput};
use super::min_values;
use super::open_claim::{Closed, Delta, OpenClaim};
use super::order::CandidateOrder;
use super::plan::SchedulingPlan;
use super::preferences::Reader;
use super::queue::Queue;
use super::report::UnusablePool;
use super::template::{self, Load, Rules, Template};
use super::universe::{Universe, covers, subtract};
use super::unschedulable::PoolRefusal;
use super::world::{Meeting, Reading, SetId, World};
use super::{explain, finish};
use crate::model::pod::Pod;
use crate::model::taints::{Taint, TaintEffect};
use crate::options::MinValuesPolicy;
use crate::state::StateNode;

/// Decides where every pod of `input` goes and which nodes are made.
///
/// At worst every pod is tried against every bin, on every step of its relaxation ladder, once per pod placed since;
/// pods that are equal share what was learned, so real inputs stay close to linear in pods.
///
/// Source: Karpenter behaviour, scheduling.
pub fn solve(input: &SchedulingInput) -> SchedulingPlan {
    let pods = input.all_pods();
    let (usable, unusable): (Vec<&PoolSupply>, Vec<&PoolSupply>) =
        template::by_weight(&input.pools)
            .into_iter()
            .partition(|supply| template::is_usable(supply));
    let unusable = unusable.into_iter().map(|supply| UnusablePool {
        pool: supply.pool.name.clone(),
        why: template::why_unusable(&supply.pool),
    });
    let unusable: Vec<UnusablePool> = unusable.collect();
    if usable.is_empty() {
        return finish::without_pools(input, &pods, unusable);
    }
    let mut solver = Solver::new(input, &pods, &usable, unusable);
    let left = solver.run();
    finish::plan(solver, &left)
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
    /// Per claim, pools that were tried before it was opened and why they refused.
    pub(super) passed_over: Vec<Vec<PoolRefusal>>,
    /// Per pod, the level at which it was placed.
    pub(super) placed_at: Vec<Option<usize>>,
    order: CandidateOrder,
    n_placed: usize,
}

/// A bin that takes a pod, with what it becomes.
enum Place {
    Node(usize, SetId),
    Claim(usize, Delta),
    NewClaim(OpenClaim),
}

impl<'a> Solver<'a> {
    fn new(
        input: &'a SchedulingInput,
        pods: &'a [Arc<Pod>],
        supplies: &[&'a PoolSupply],
        unusable: Vec<UnusablePool>,
    ) -> Self {
        let reader = reader(input, supplies);
        let daemons: Vec<Daemon<'a>> =
            input.daemon_sets.iter().filter_map(|model| Daemon::read(model, &reader)).collect();
        let daemon_requests = input.daemon_sets.iter().map(|daemon| &*daemon.requests);
        let universe = Universe::of(pods.iter().map(|pod| &*pod.requests).chain(daemon_requests));
        let mut world = World::new(&input.well_known);
        let mut solver = Self {
            input,
            pods,
            indexes: vec![],
            templates: vec![],
            unusable,
            nodes: Nodes { all: vec![], taints: vec![] },
            claims: vec![],
            classes: Classes::default(),
            passed_over: vec![],
            placed_at: vec![None; pods.len()],
            order: CandidateOrder::default(),
            n_placed: 0,
            world: World::new(&input.well_known),
        };
        solver.add_templates(supplies, &mut world, &universe);
        for template in &mut solver.templates {
            template.count_daemons(
                &daemons,
                &mut solver.indexes[template.index],
                &world,
                &universe,
            );
        }
        let classifier = Classifier {
            reader,
            universe: &universe,
            world: &mut world,
            n_templates: solver.templates.len(),
            classes: Classes::default(),
        };
        solver.classes = classifier.read(pods);
        let keys = spoken_keys(&solver.classes, &daemons, &world);
        let node_reader = NodeReader {
            normalization: &input.normalization,
            keys: &keys,
            daemons: &daemons,
            universe: &universe,
            needs_ports: solver.classes.shapes.iter().any(|shape| !shape.ports.is_empty()),
        };
        solver.nodes = Nodes::read(&input.nodes, &node_reader, &mut world);
        solver.world = world;
        solver
    }

    fn add_templates(
        &mut self,
        supplies: &[&'a PoolSupply],
        world: &mut World<'a>,
        universe: &Universe,
    ) {
        let (indexes, index_of) = template::indexes(supplies, universe);
        self.indexes = indexes;
        let rules = Rules {
            normalization: &self.input.normalization,
            min_values: self.input.options.min_values_policy,
            nodes: &self.input.nodes,
            universe,
        };
        for (supply, at) in supplies.iter().copied().zip(index_of) {
            match Template::new(supply, (at, &mut self.indexes[at]), world, rules) {
                Ok(template) => self.templates.push(template),
                Err(why) => {
                    self.unusable.push(UnusablePool { pool: supply.pool.name.clone(), why });
                }
            }
        }
    }

    /// Places what can be placed; returns the pods left over, in queue order.
    fn run(&mut self) -> Vec<usize> {
        let mut queue = Queue::new(self.pods, |pod| self.classes.of_pod[pod].is_ok());
        while let Some(pod) = queue.pop() {
            if !self.place(pod) {
                queue.push(pod);
            }
        }
        queue.into_waiting().collect()
    }

    /// Tries the pod on every step of its ladder.
    fn place(&mut self, pod: usize) -> bool {
        let Ok(class) = self.classes.of_pod[pod] else { return false };
        if self.classes.all[class].failed_at == Some(self.n_placed) {
            return false;
        }
        let n_levels = self.classes.shapes[self.classes.all[class].shape].levels.len();
        for level in 0..n_levels {
            if let Some(place) = self.find(class, level) {
                self.commit(pod, (class, level), place);
                return true;
            }
        }
        self.classes.all[class].failed_at = Some(self.n_placed);
        false
    }

    fn find(&mut self, class: usize, level: usize) -> Option<Place> {
        self.find_node(class, level)
            .or_else(|| self.find_claim(class, level))
            .or_else(|| self.find_template(class, level))
    }

    /// The first existing node that takes a pod of the class.
    fn find_node(&mut self, class: usize, level: usize) -> Option<Place> {
        let Self { nodes, classes, world, .. } = self;
        let shape = &classes.shapes[classes.all[class].shape];
        let at_level = &shape.levels[level];
        let mut open = classes.all[class].memory[level].nodes.take().unwrap_or_else(|| {
            let tolerated: Vec<bool> =
                nodes.taints.iter().map(|taints| at_level.tolerates(taints)).collect();
            let mut open = FixedBitSet::with_capacity(nodes.all.len());
            let usable = |(_, node): &(usize, &ExistingNode<'_>)| {
                node.remaining.is_some() && tolerated[node.taints]
            };
            open.extend(nodes.all.iter().enumerate().filter(usable).map(|(at, _)| at));
            open
        });
        let ask = classes.all[class].ask(shape, level);
        let mut place = None;
        let mut from = 0;
        while let Some(at) = next_one(&open, from) {
            from = at + 1;
            let node = &nodes.all[at];
            let has_room = node.remaining.as_ref().is_some_and(|left| covers(left, ask.amounts));
            if !has_room || host_ports::conflict(ask.ports, &node.ports) {
                open.remove(at);
                continue;
            }
            match world.meet(node.set, ask.set, Reading::Node) {
                Meeting::Joined(set) => {
                    place = Some(Place::Node(at, set));
                    break;
                }
                Meeting::NotNow => {}
                Meeting::Never => open.remove(at),
            }
        }
        classes.all[class].memory[level].nodes = Some(open);
        place
    }

    /// The open claim with the fewest pods that takes a pod of the class.
    fn find_claim(&mut self, class: usize, level: usize) -> Option<Place> {
        let Self { order, claims, classes, world, indexes, templates, .. } = self;
        let shape = &classes.shapes[classes.all[class].shape];
        let mut memory = std::mem::take(&mut classes.all[class].memory[level]);
        let ask = classes.all[class].ask(shape, level);
        let mut place = None;
        for at in order.iter() {
            let claim = &claims[at];
            if memory.is_closed(at, claim.set) {
                continue;
            }
            let template = &templates[claim.template];
            if !shape.levels[level].tolerates(&template.supply.pool.template.taints) {
                memory.close(at, Closed::ForGood);
                continue;
            }
            match claim.try_add(ask, template, (&mut indexes[template.index], world)) {
                Ok(delta) => {
                    place = Some(Place::Claim(at, delta));
                    break;
                }
                Err(until) => memory.close(at, until),
            }
        }
        classes.all[class].memory[level] = memory;
        place
    }

    /// A new claim of the first template that takes a pod of the class.
    fn find_template(&mut self, class: usize, level: usize) -> Option<Place> {
        for at in 0..self.templates.len() {
            let version = self.templates[at].remaining.version();
            if self.classes.all[class].memory[level].templates[at] == Some(version) {
                continue;
            }
            if let Some(claim) = self.open(class, level, at) {
                return Some(Place::NewClaim(claim));
            }
            self.classes.all[class].memory[level].templates[at] = Some(version);
        }
        None
    }

    /// A claim of one template that is ready to take a pod of the class as its first.
    fn open(&mut self, class: usize, level: usize, at: usize) -> Option<OpenClaim> {
        let Self { classes, world, indexes, templates, .. } = self;
        let shape = &classes.shapes[classes.all[class].shape];
        let ask = classes.all[class].ask(shape, level);
        let template = &mut templates[at];
        let index = &mut indexes[template.index];
        let among = template.remaining.allowed(&template.types).ok()?;
        if !shape.levels[level].tolerates(&template.supply.pool.template.taints) {
            return None;
        }
        let Meeting::Joined(mut set) = world.meet(template.set, ask.set, Reading::Claim) else {
            return None;
        };
        let load = Load { total: ask.amounts, ports: ask.ports };
        let types = template.keep(set, load, &among, (index, world));
        if types.is_clear() {
            return None;
        }
        let shortfalls = Template::shortfalls(&types, set, (index, world));
        let min_values_relaxed = !shortfalls.is_empty();
        if min_values_relaxed {
            match self.input.options.min_values_policy {
                MinValuesPolicy::Strict => return None,
                MinValuesPolicy::BestEffort => {
                    set = world.intern(min_values::relaxed(world.get(set), &shortfalls));
                }
            }
        }
        Some(OpenClaim {
            template: at,
            set,
            types,
            total: vec![0; ask.amounts.len()],
            ports: vec![],
            pods: vec![],
            min_values_relaxed,
        })
    }

    /// Puts the pod where a place was found.
    fn commit(&mut self, pod: usize, (class, level): (usize, usize), place: Place) {
        if let Place::NewClaim(claim) = &place {
            let before = explain::refusals(self, (class, level), 0..claim.template);
            self.passed_over.push(before);
        }
        let shape = &self.classes.shapes[self.classes.all[class].shape];
        let ask = self.classes.all[class].ask(shape, level);
        match place {
            Place::Node(at, set) => {
                let node = &mut self.nodes.all[at];
                node.set = set;
                node.pods.push(pod);
                node.ports.extend_from_slice(ask.ports);
                if let Some(left) = &mut node.remaining {
                    subtract(left, ask.amounts);
                }
            }
            Place::Claim(at, delta) => {
                self.claims[at].commit(pod, ask, delta);
                self.order.gain(at);
            }
            Place::NewClaim(mut claim) => {
                claim.first(pod, ask);
                self.templates[claim.template].remaining.debit(&claim.types);
                self.claims.push(claim);
                self.order.push();
            }
        }
        self.classes.all[class].placed();
        self.placed_at[pod] = Some(level);
        self.n_placed += 1;
    }
}

/// How the pods of this solve are read.
fn reader<'a>(input: &'a SchedulingInput, supplies: &[&PoolSupply]) -> Reader<'a> {
    let is_preference = |taint: &Taint| taint.effect == TaintEffect::PreferNoSchedule;
    let by_pool = supplies.iter().any(|s| s.pool.template.taints.iter().any(is_preference));
    let by_node = |node: &StateNode| node.taints().iter().any(is_preference);
    Reader {
        normalization: &input.normalization,
        policy: input.options.preference_policy,
        tolerate_prefer_no_schedule: by_pool || input.nodes.iter().any(by_node),
    }
}

/// Label keys that any pod or DaemonSet speaks of.
fn spoken_keys(
    classes: &Classes<'_>,
    daemons: &[Daemon<'_>],
    world: &World<'_>,
) -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    for level in classes.shapes.iter().flat_map(|shape| &shape.levels) {
        keys.extend(world.get(level.set).keys().map(ToString::to_string));
    }
    keys.extend(daemons.iter().flat_map(Daemon::keys).map(str::to_owned));
    keys
}

/// The first member of `set` from `from` on.
fn next_one(set: &FixedBitSet, from: usize) -> Option<usize> {
    let width = usize::try_from(Block::BITS).expect("invariant: words are short");
    let words = set.as_slice();
    let mut at = from / width;
    let mut word = words.get(at)? & (Block::MAX << (from % width));
    while word == 0 {
        at += 1;
        word = *words.get(at)?;
    }
    Some(at * width + usize::try_from(word.trailing_zeros()).expect("invariant: words are short"))
}
