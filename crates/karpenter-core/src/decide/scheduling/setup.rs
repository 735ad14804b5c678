//! A solve before the first pod is tried: everything that will be asked is heard first, then the world is closed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::base::Base;
use super::class::{Classes, Shape};
use super::classify::{Bases, Classifier};
use super::daemon_overhead::Daemon;
use super::devices::Desk;
use super::draft::Draft;
use super::effective_zone;
use super::existing_node::{NodeReader, Nodes};
use super::input::{PoolSupply, SchedulingInput};
use super::journal::Journal;
use super::landing::Watch;
use super::order::CandidateOrder;
use super::preferences::Reader;
use super::prepare;
use super::report::UnusablePool;
use super::reservations::Reservations;
use super::solve::Solver;
use super::sorter::Sorter;
use super::template::{self, Rules, Template};
use super::topology::{Registry, Topology, Trials};
use super::universe::Universe;
use super::unsettled::Unsettled;
use super::volumes::{Attachments, Lookup};
use super::world::{SetId, World};
use crate::model::pod::Pod;
use crate::model::taints::{Taint, TaintEffect};
use crate::model::validation::ValidationRules;

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
