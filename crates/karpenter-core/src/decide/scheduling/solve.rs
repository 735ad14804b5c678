//! The loop: pods largest first, each to an existing node, an open claim or a new claim; what fails is relaxed, then
//! put back until nothing changes any more.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use fixedbitset::FixedBitSet;
use smallvec::SmallVec;

use super::base::Base;
use super::class::{Classes, Deferred, Shape};
use super::classify::{Bases, Classifier, Sorter};
use super::daemon_overhead::Daemon;
use super::devices::{Desk, Found};
use super::draft::Draft;
use super::effective_zone::{self, EffectiveZone};
use super::existing_node::{NodeReader, Nodes};
use super::finish;
use super::index::TypeIndex;
use super::input::{PoolSupply, SchedulingInput};
use super::journal::Journal;
use super::landing::Watch;
use super::min_values;
use super::open_claim::{Closed, Delta, OpenClaim};
use super::order::CandidateOrder;
use super::packing;
use super::plan::SchedulingPlan;
use super::preferences::Reader;
use super::prepare;
use super::queue::{self, Queue};
use super::report::UnusablePool;
use super::reservations::{Held, Reservations};
use super::stop::Stop;
use super::template::{self, Load, Rules, Template};
use super::topology::{HostVerdict, Registry, Topology, Trials};
use super::universe::Universe;
use super::unschedulable::PoolRefusal;
use super::unsettled::Unsettled;
use super::volumes::{Attachments, Lookup};
use super::world::{Meeting, Reading, SetId, World};
use crate::model::pod::Pod;
use crate::model::taints::{Taint, TaintEffect};
use crate::model::validation::ValidationRules;
use crate::options::MinValuesPolicy;

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
    NewClaim(OpenClaim),
}

impl<'a> Solver<'a> {
    /// The state in which none of `pods` has a place.
    ///
    /// # Errors
    /// All pools, when none is ready to make nodes.
    pub(super) fn of(
        input: &'a SchedulingInput,
        pods: &'a [Arc<Pod>],
    ) -> Result<Self, Vec<UnusablePool>> {
        Self::on(&Base::of(input), input, pods)
    }

    /// As [`of`](Self::of), on a base that has taken note of `input`.
    ///
    /// # Errors
    /// As [`of`](Self::of).
    pub(super) fn on(
        base: &Base,
        input: &'a SchedulingInput,
        pods: &'a [Arc<Pod>],
    ) -> Result<Self, Vec<UnusablePool>> {
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
            Err(unusable)
        } else {
            Ok(Self::new((base, input, pods), &usable, unusable))
        }
    }

    fn new(
        (base, input, pods): (&Base, &'a SchedulingInput, &'a [Arc<Pod>]),
        supplies: &[&'a PoolSupply],
        unusable: Vec<UnusablePool>,
    ) -> Self {
        let reader = reader(base, input, supplies);
        let mut draft = Draft::new(&input.well_known);
        let daemon_sets = input.daemon_sets.iter();
        let daemons: Vec<Daemon<'a>> =
            daemon_sets.filter_map(|model| Daemon::read(model, &reader, &mut draft)).collect();
        let daemon_requests = input.daemon_sets.iter().map(|daemon| &*daemon.requests);
        let universe = Universe::of(pods.iter().map(|pod| &*pod.requests).chain(daemon_requests));
        let asked = |supply: &&'a PoolSupply| {
            (*supply, template::requirements(&supply.pool, &input.normalization))
        };
        let asked: Vec<_> = supplies.iter().map(asked).collect();
        let sets: Vec<SetId> = asked.iter().map(|(_, set)| draft.say(set.clone())).collect();
        let rules = ValidationRules {
            well_known: (*input.well_known).clone(),
            normalization: (*input.normalization).clone(),
            ..ValidationRules::core()
        };
        let pool_taints = supplies.iter().map(|s| &*s.pool.template.taints).collect();
        let mut registry = Registry::new(&input.normalization, &input.namespaces, pool_taints);
        let lookup = Lookup::new(&input.storage, &input.unsupported_storage, &input.normalization);
        let mut devices = Desk::open(input, pods.iter().map(|pod| &**pod)).map(Box::new);
        let classifier = Classifier {
            reader,
            rules: &rules,
            n_pending: input.n_pending(),
            draft: &mut draft,
            registry: &mut registry,
            lookup: &lookup,
            desk: devices.as_deref_mut(),
            input,
            bases: Bases::default(),
        };
        let bases = classifier.read(pods);
        let attachments = Attachments::count(&input.nodes, &bases.volumes, &lookup);
        prepare::add_owners(&mut registry, input);
        for supply in supplies {
            draft.overhear(supply.catalog.types.digest());
        }
        prepare::announce(&registry, base, &asked, &mut draft);
        let reservations = Reservations::of(input, supplies);
        reservations.announce(&mut draft);
        let mut world = draft.close();
        let keys = spoken_keys(&bases, &daemons, &registry, &world);
        let unsettled = Unsettled::of(input, supplies);
        let node_reader = NodeReader {
            unsettled: &unsettled,
            base,
            keys: &keys,
            daemons: &daemons,
            universe: &universe,
            needs_ports: bases.all.iter().any(|base| !base.ports.is_empty()),
            attachments: &attachments,
        };
        let nodes = Nodes::read(&input.nodes, &node_reader, &mut world);
        let mut solver = Self {
            input,
            pods,
            indexes: vec![],
            templates: vec![],
            unusable,
            nodes,
            claims: vec![],
            classes: Classes::default(),
            topology: Topology::default(),
            trials: vec![],
            passed_over: vec![],
            placed_at: vec![None; pods.len()],
            order: CandidateOrder::default(),
            reservations,
            devices,
            n_placed: 0,
            journal: Journal::default(),
            stop: None,
            is_stopped: false,
            unattempted: vec![],
            pending_by_zone: BTreeMap::new(),
            n_volume_lookups: lookup.n_lookups(),
            watch: Watch::default(),
            daemons: vec![],
            universe: Universe::default(),
            world,
        };
        solver.add_templates(base, supplies, &sets, &universe);
        solver.reservations.find(&solver.indexes, &solver.world);
        for template in &mut solver.templates {
            let index = &mut solver.indexes[template.index];
            template.count_daemons(&daemons, index, &solver.world, &universe);
        }
        solver.topology = solver.census(&mut registry, supplies, &node_reader);
        let topology = &mut solver.topology;
        let sorter = Sorter {
            universe: &universe,
            topology,
            attachments: &attachments,
            n_templates: supplies.len(),
            input,
        };
        solver.classes = sorter.sort(pods, bases);
        let trials = |shape: &Shape<'_>| shape.bonds.iter().map(|_| Trials::default()).collect();
        solver.trials = solver.classes.shapes.iter().map(trials).collect();
        solver.pending_by_zone = effective_zone::count(&solver);
        (solver.daemons, solver.universe) = (daemons, universe);
        solver
    }

    /// Adds a template for each of `supplies` that can be used; `sets` are what their claims ask for.
    fn add_templates(
        &mut self,
        base: &Base,
        supplies: &[&'a PoolSupply],
        sets: &[SetId],
        universe: &Universe,
    ) {
        let (indexes, index_of) = template::indexes(supplies, universe, &mut self.world);
        self.indexes = indexes;
        let rules = Rules { min_values: self.input.options.min_values_policy, base, universe };
        for ((supply, set), at) in supplies.iter().copied().zip(sets).zip(index_of) {
            let tables = (*set, &self.world);
            match Template::new(supply, (at, &mut self.indexes[at]), tables, rules) {
                Ok(template) => self.templates.push(template),
                Err(why) => {
                    self.unusable.push(UnusablePool { pool: supply.pool.name.clone(), why });
                }
            }
        }
    }

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

    /// The first existing node that takes a pod of the class.
    fn find_node(&mut self, class: usize, level: usize) -> Option<Place> {
        let Self { nodes, classes, world, .. } = self;
        let shape = &classes.shapes[classes.all[class].shape];
        let at_level = &shape.levels[level];
        if nodes.all.is_empty() {
            return None;
        }
        let known = classes.all[class].memory[level].nodes.take();
        let ask = classes.all[class].ask(shape, level);
        let mut open = known.unwrap_or_else(|| {
            let tolerated = nodes.open_to(&classes.all[class], at_level);
            nodes.index.candidates(ask, tolerated, world)
        });
        nodes.index.catch_up(&mut open, &nodes.all);
        let mut place = None;
        let mut from = 0;
        while let Some(at) = open.next(from) {
            from = at + 1;
            let node = &nodes.all[at];
            if !node.has_room(ask) {
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
        let Self { order, claims, classes, world, indexes, templates, reservations, .. } = self;
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
            let tables = (&mut indexes[template.index], &mut *world, &mut *reservations);
            match claim.try_add(ask, template, tables) {
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
        let bonds = &self.classes.shapes[self.classes.all[class].shape].bonds[level];
        let (stamp, has_spread) = (self.topology.stamp(bonds), bonds.has_spread);
        let now = |at: usize| Some((self.templates[at].remaining.version(), stamp));
        let refused = &self.classes.all[class].memory[level].templates;
        let open: SmallVec<[usize; 8]> =
            (0..self.templates.len()).filter(|at| refused[*at] != now(*at)).collect();
        for is_wide in [false, true].into_iter().take(1 + usize::from(has_spread)) {
            for at in &open {
                let claim = self.open((class, level), *at, is_wide);
                if claim.is_some() || self.classes.all[class].deferred.is_some() {
                    return claim.map(Place::NewClaim);
                }
            }
        }
        for at in open {
            let version = self.templates[at].remaining.version();
            self.classes.all[class].memory[level].templates[at] = Some((version, stamp));
        }
        None
    }

    /// A claim of one template that is ready to take a pod of the class as its first; `is_wide` lets a spread use
    /// any domain within its skew.
    fn open(
        &mut self,
        (class, level): (usize, usize),
        at: usize,
        is_wide: bool,
    ) -> Option<OpenClaim> {
        let sets = self.new_sets((class, level), at, is_wide)?;
        sets.into_iter().find_map(|set| self.open_as((class, level), at, (set, None)))
    }

    /// What a claim of one template may be narrowed to by a pod of the class, in the order of trying.
    fn new_sets(
        &mut self,
        (class, level): (usize, usize),
        at: usize,
        is_wide: bool,
    ) -> Option<SmallVec<[SetId; 4]>> {
        let Self { classes, world, templates, topology, trials, claims, .. } = self;
        let at_shape = classes.all[class].shape;
        let shape = &classes.shapes[at_shape];
        let (asker, asked) = (shape.asker(level), shape.levels[level].set);
        let have = templates[at].set;
        if asker.is_indifferent() {
            return match world.meet(have, asked, Reading::Claim) {
                Meeting::Joined(set) => Some([set].into_iter().collect()),
                Meeting::NotNow | Meeting::Never => None,
            };
        }
        let host = topology.host_of_claim(claims.len());
        if topology.on_host(asker, host, world) != HostVerdict::Yes {
            return None;
        }
        let memory = (&mut trials[at_shape][level], world);
        let trial = topology.trial((asker, asked), (have, Reading::Claim), is_wide, memory);
        Some(trial.sets.clone())
    }

    /// The claim, narrowed to `set` and to types `within` if there are some.
    pub(super) fn open_as(
        &mut self,
        (class, level): (usize, usize),
        at: usize,
        (mut set, within): (SetId, Option<&FixedBitSet>),
    ) -> Option<OpenClaim> {
        let Self { classes, world, indexes, templates, reservations, .. } = self;
        let shape = &classes.shapes[classes.all[class].shape];
        let ask = classes.all[class].ask(shape, level);
        let template = &mut templates[at];
        let index = &mut indexes[template.index];
        let among = template.remaining.allowed(&template.types).ok()?;
        if !shape.levels[level].tolerates(&template.supply.pool.template.taints) {
            return None;
        }
        let load = Load { total: ask.amounts, ports: ask.ports };
        let types = template.keep(set, load, within.unwrap_or(&among), (index, world));
        if types.is_clear() {
            return None;
        }
        let shortfalls = Template::shortfalls(&types, set, (index, world));
        let min_values_relaxed = !shortfalls.is_empty();
        if min_values_relaxed {
            match self.input.options.min_values_policy {
                MinValuesPolicy::Strict => return None,
                MinValuesPolicy::BestEffort => {
                    let relaxed = min_values::relaxed(world.get(set), &shortfalls);
                    set = world.read(&relaxed);
                }
            }
        }
        let tables = (&*index, &*world);
        let held = reservations.hold(&Held::new(), (set, &types), template.index, tables);
        let total = vec![0; ask.amounts.len()];
        let held = held.map_err(|why| {
            classes.all[class].deferred = Some(Deferred { level, template: at, why });
        });
        Some(OpenClaim {
            held: held.ok()?,
            template: at,
            set,
            types,
            total,
            ports: vec![],
            pods: vec![],
            min_values_relaxed,
        })
    }
}

/// How the pods of this solve are read.
fn reader<'a>(base: &Base, input: &'a SchedulingInput, supplies: &[&PoolSupply]) -> Reader<'a> {
    let is_preference = |taint: &Taint| taint.effect == TaintEffect::PreferNoSchedule;
    let by_pool = supplies.iter().any(|s| s.pool.template.taints.iter().any(is_preference));
    let by_node = |taints: &[Taint]| taints.iter().any(is_preference);
    Reader {
        normalization: &input.normalization,
        policy: input.options.preference_policy,
        tolerate_prefer_no_schedule: by_pool || base.taints_of_nodes().any(by_node),
    }
}

/// Label keys that any pod, DaemonSet or topology group speaks of.
fn spoken_keys(
    bases: &Bases<'_>,
    daemons: &[Daemon<'_>],
    registry: &Registry<'_>,
    world: &World<'_>,
) -> BTreeSet<String> {
    let levels = bases.all.iter().flat_map(|base| base.levels.iter()).map(|level| level.set);
    let places = bases.all.iter().flat_map(|base| base.places.iter().copied());
    let reaches = bases.reaches.iter().copied();
    let alternatives = daemons.iter().flat_map(|daemon| daemon.alternatives.iter().copied());
    let sets: BTreeSet<SetId> =
        levels.chain(places).chain(reaches).chain(alternatives).chain(registry.filters()).collect();
    let keys = sets.into_iter().flat_map(|set| world.get(set).keys()).map(ToString::to_string);
    keys.chain(registry.keys().iter().map(ToString::to_string)).collect()
}
