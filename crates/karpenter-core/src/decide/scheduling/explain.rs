//! Why templates refuse a class of pods; worked out only for pods left over and for pools passed over.

use std::ops::Range;

use super::class::Deferred;
use super::devices;
use super::host_ports;
use super::index::{Passed, TypeIndex};
use super::limits::Exhausted;
use super::no_instance_type::{Nearest, NoInstanceType, Tally};
use super::open_claim::Ask;
use super::solve::Solver;
use super::template::{Load, Template};
use super::topology::{Asker, HostId, NoChoice, Topology};
use super::unschedulable::{PoolRefusal, Refusal};
use super::world::{Meeting, Reading, SetId, World};
use crate::model::resources::Resources;
use crate::model::taints::{self, Toleration};
use crate::options::MinValuesPolicy;
use fixedbitset::FixedBitSet;
use smallvec::SmallVec;

/// Why each of `templates` refuses pods of the class at the level, in order. Templates that would take them are left
/// out.
pub(super) fn refusals(
    solver: &mut Solver<'_>,
    (class, level): (usize, usize),
    templates: Range<usize>,
) -> Vec<PoolRefusal> {
    if solver.classes.all[class].device_claims.is_some() {
        return devices::refusals(solver, (class, level), templates);
    }
    plain_refusals(solver, (class, level), templates)
}

/// The same, devices apart.
pub(super) fn plain_refusals(
    solver: &mut Solver<'_>,
    (class, level): (usize, usize),
    templates: Range<usize>,
) -> Vec<PoolRefusal> {
    let class = &solver.classes.all[class];
    let shape = &solver.classes.shapes[class.shape];
    let question = Question {
        ask: class.ask(shape, level),
        requests: class.requests.with_pods(1),
        tolerations: &shape.levels[level].tolerations,
        asker: shape.asker(level),
        topology: &solver.topology,
        new_host: solver.topology.host_of_claim(solver.claims.len()),
        is_strict: solver.input.options.min_values_policy == MinValuesPolicy::Strict,
    };
    let mut refusals = vec![];
    for template in &mut solver.templates[templates] {
        let pool = template.supply.pool.name.clone();
        let tables = (&mut solver.indexes[template.index], &mut solver.world);
        refusals.extend(question.refusal(template, tables).map(|why| PoolRefusal {
            pool,
            why,
            core: None,
        }));
    }
    refusals
}

/// Why pods of the class are left to a later plan: what the templates before the one with reserved capacity say, and
/// what that one lacks.
pub(super) fn deferral(
    solver: &mut Solver<'_>,
    class: usize,
    Deferred { level, template, why }: Deferred,
) -> Vec<PoolRefusal> {
    let mut refusals = refusals(solver, (class, level), 0..template);
    let pool = solver.templates[template].supply.pool.name.clone();
    refusals.push(PoolRefusal { pool, why: Refusal::Reserved(why), core: None });
    refusals
}

/// What is asked of every template.
struct Question<'q> {
    ask: Ask<'q>,
    requests: Resources,
    tolerations: &'q [Toleration],
    asker: Asker<'q>,
    topology: &'q Topology,
    new_host: HostId,
    is_strict: bool,
}

impl Question<'_> {
    /// The first reason in the order a new claim checks them.
    fn refusal(
        &self,
        template: &mut Template<'_>,
        (index, world): (&mut TypeIndex, &mut World<'_>),
    ) -> Option<Refusal> {
        let among = match template.remaining.allowed(&template.types) {
            Ok(among) => among,
            Err(Exhausted::Nodes) => return Some(Refusal::NodeLimit),
            Err(Exhausted::AllTypes) => return Some(Refusal::Limits),
        };
        if let Err(why) = taints::tolerates(self.tolerations, &template.supply.pool.template.taints)
        {
            return Some(Refusal::Taints(why));
        }
        let Meeting::Joined(base) = world.meet(template.set, self.ask.set, Reading::Claim) else {
            return world.refusal(template.set, self.ask.set).map(Refusal::Requirements);
        };
        let sets = match self.reachable(base, world) {
            Ok(sets) => sets,
            Err(why) => return why,
        };
        let fits = |set: &SetId| self.fits(template, (*set, &among), (index, world));
        if sets.iter().any(fits) {
            return None;
        }
        let set = sets[0];
        let load = Load { total: self.ask.amounts, ports: self.ask.ports };
        let kept = template.keep(set, load, &among, (index, world));
        let shortfalls = Template::shortfalls(&kept, set, (index, world));
        let mut why = self.no_instance_type(template, (set, &among), (index, world));
        why.min_values = shortfalls.into_iter().map(|shortfall| shortfall.key).collect();
        Some(Refusal::InstanceTypes(Box::new(why)))
    }

    /// The sets a new claim may become; never empty.
    fn reachable(
        &self,
        base: SetId,
        world: &mut World<'_>,
    ) -> Result<SmallVec<[SetId; 4]>, Option<Refusal>> {
        if self.asker.places.is_empty() {
            return self.domains(base, world);
        }
        let (mut sets, mut last) = (SmallVec::new(), None);
        for place in self.asker.places {
            match world.meet(base, *place, Reading::Claim) {
                Meeting::Joined(set) => match self.domains(set, world) {
                    Ok(more) => sets.extend(more),
                    Err(why) => last = why,
                },
                Meeting::NotNow | Meeting::Never => {
                    last = world.refusal(base, *place).map(Refusal::Volumes);
                }
            }
        }
        if sets.is_empty() { Err(last) } else { Ok(sets) }
    }

    /// The sets a new claim may become where it is narrowed to `base` already; never empty.
    fn domains(
        &self,
        base: SetId,
        world: &mut World<'_>,
    ) -> Result<SmallVec<[SetId; 4]>, Option<Refusal>> {
        let on_host = self.topology.unmet_on_host(self.asker, (self.new_host, base), world);
        if let Some(unmet) = on_host {
            return Err(Some(Refusal::Topology(Box::new(unmet))));
        }
        let choices = self.topology.choices(self.asker, (base, Reading::Claim), false, world);
        choices.map_err(|why| match why {
            NoChoice::Group(group) => {
                let unmet = self.topology.unmet(group, (self.asker.strict, base), world);
                Some(Refusal::Topology(Box::new(unmet)))
            }
            NoChoice::Conflict(asked) => world.refusal(base, asked).map(Refusal::Domains),
        })
    }

    fn fits(
        &self,
        template: &Template<'_>,
        (set, among): (SetId, &FixedBitSet),
        (index, world): (&mut TypeIndex, &World<'_>),
    ) -> bool {
        let load = Load { total: self.ask.amounts, ports: self.ask.ports };
        let kept = template.keep(set, load, among, (index, world));
        let is_short = !Template::shortfalls(&kept, set, (index, world)).is_empty();
        !(kept.is_clear() || is_short && self.is_strict)
    }

    fn no_instance_type(
        &self,
        template: &Template<'_>,
        (set, among): (SetId, &FixedBitSet),
        (index, world): (&mut TypeIndex, &World<'_>),
    ) -> NoInstanceType {
        let mut passed = Passed::none(among.len());
        let (mut evaluated, mut daemons, mut nearest) = (0, None, None);
        let groups = template.groups.iter();
        for group in groups.filter(|g| !host_ports::conflict(self.ask.ports, &g.ports)) {
            let mut members = group.types.clone();
            members.intersect_with(among);
            evaluated += members.count_ones(..);
            let total = group.with_overhead(self.ask.amounts);
            let mut here = Passed::none(among.len());
            index.test((set, world), &total, &members, &mut here);
            nearest =
                nearest.or_else(|| self.nearest(&here, &total, group.overhead.as_ref(), index));
            passed.absorb(&here);
            if let (Some(more), false) = (&group.overhead, members.is_clear()) {
                daemons = Some(widen(daemons, more));
            }
        }
        NoInstanceType {
            requirements: world.get(set).clone(),
            requests: self.requests.clone(),
            daemons,
            min_values: vec![],
            tally: tally(evaluated, &passed),
            nearest,
        }
    }

    /// The type that lacks least among those that are only too small.
    fn nearest(
        &self,
        passed: &Passed,
        total: &[i128],
        overhead: Option<&Resources>,
        index: &TypeIndex,
    ) -> Option<Nearest> {
        let mut small = passed.met.clone();
        small.intersect_with(&passed.offered);
        small.difference_with(&passed.fit);
        let it = &index.types()[index.nearest(total, &small)?];
        let want = overhead.map_or_else(|| self.requests.clone(), |more| self.requests.add(more));
        let lacks = want.first_unfit(&it.allocatable())?;
        Some(Nearest { instance_type: it.name.clone(), lacks })
    }
}

fn widen(range: Option<(Resources, Resources)>, more: &Resources) -> (Resources, Resources) {
    range.map_or_else(|| (more.clone(), more.clone()), |(min, max)| (min.min(more), max.max(more)))
}

fn tally(evaluated: usize, passed: &Passed) -> Tally {
    let both = |a: &FixedBitSet, b: &FixedBitSet| a.intersection_count(b);
    Tally {
        evaluated,
        met: passed.met.count_ones(..),
        fit: passed.fit.count_ones(..),
        offered: passed.offered.count_ones(..),
        met_and_fit: both(&passed.met, &passed.fit),
        met_and_offered: both(&passed.met, &passed.offered),
    }
}
