//! The cores of a plan's refusals, within a bound.

use std::sync::Arc;

use super::probe::{Probe, Refused, Tables};
use super::reduced::Supply;
use super::{RefusalCore, search};
use crate::decide::scheduling::index::TypeIndex;
use crate::decide::scheduling::solve::Solver;
use crate::decide::scheduling::template::{Rules, Template};
use crate::decide::scheduling::unschedulable::PoolRefusal;
use crate::model::instance_type::InstanceType;
use crate::options::MinValuesPolicy;

/// Questions asked for the cores of one plan, at most; a core that was begun is finished.
pub(in super::super) const PROBES_PER_PLAN: usize = 4096;

/// Finds cores, until the bound is reached.
#[derive(Debug, Default)]
pub(in super::super) struct Cores<'a> {
    n_probes: usize,
    /// Per template of the solve what it were with everything in stock; made when first needed.
    stocked: Vec<Stock<'a>>,
}

/// A template with everything in stock.
#[derive(Debug, Default)]
enum Stock<'a> {
    /// Nobody has asked yet.
    #[default]
    Unknown,
    /// Everything is.
    Full,
    /// Something is not: the template with its own index.
    Short(Box<(Template<'a>, TypeIndex)>),
}

impl<'a> Cores<'a> {
    /// Why the template of this number refuses pods of the class at the level; `None` when it does not, or the bound is
    /// reached.
    fn find(
        &mut self,
        solver: &mut Solver<'a>,
        (class, level): (usize, usize),
        template: usize,
    ) -> Option<RefusalCore> {
        if self.n_probes >= PROBES_PER_PLAN {
            return None;
        }
        let is_strict = solver.input.options.min_values_policy == MinValuesPolicy::Strict;
        let stocked = self.stocked(solver, template);
        let new_host = solver.topology.host_of_claim(solver.claims.len());
        let Solver { classes, world, topology, indexes, templates, universe, .. } = solver;
        let class = &classes.all[class];
        let refused = Refused { class, shape: &classes.shapes[class.shape], level };
        let template = &templates[template];
        let index = &mut indexes[template.index];
        let supply = Supply { template, index, stocked, is_strict };
        let mut probe = Probe::new(refused, supply, Tables { world, topology, universe, new_host });
        let mut n_probes = 0;
        let found = search::core(probe.n_constraints(), probe.is_monotone(), |kept| {
            n_probes += 1;
            probe.left(kept)
        });
        let named = |numbers: &[usize]| numbers.iter().map(|at| probe.constraint(*at)).collect();
        let core = found.map(|found| RefusalCore {
            constraints: named(&found.members),
            left_without: found.left_without,
            as_well: named(&found.as_well),
            n_types: found.n_free,
            is_smallest: found.is_smallest,
        });
        self.n_probes += n_probes;
        core
    }

    /// `refusals` with their cores.
    pub(in super::super) fn explain(
        &mut self,
        solver: &mut Solver<'a>,
        of: (usize, usize),
        refusals: Vec<PoolRefusal>,
    ) -> Vec<PoolRefusal> {
        let with_core = |refusal: PoolRefusal| {
            let mut templates = solver.templates.iter();
            let template = templates.position(|t| t.supply.pool.name == refusal.pool);
            let core = template.and_then(|at| self.find(solver, of, at));
            PoolRefusal { core: core.map(Box::new), ..refusal }
        };
        refusals.into_iter().map(with_core).collect()
    }

    /// The template with everything in stock; `None` when everything is.
    fn stocked(
        &mut self,
        solver: &mut Solver<'a>,
        template: usize,
    ) -> Option<(&Template<'a>, &mut TypeIndex)> {
        if self.stocked.len() <= template {
            self.stocked.resize_with(template + 1, Stock::default);
        }
        let known = &mut self.stocked[template];
        if matches!(known, Stock::Unknown) {
            *known = stock(solver, template);
        }
        match known {
            Stock::Short(all) => Some((&all.0, &mut all.1)),
            Stock::Full | Stock::Unknown => None,
        }
    }
}

/// As if every offering of the template's catalogue could be had.
fn stock<'a>(solver: &mut Solver<'a>, template: usize) -> Stock<'a> {
    let template = &solver.templates[template];
    let types = solver.indexes[template.index].types();
    if types.iter().all(|it| it.offerings.iter().all(|offering| offering.available)) {
        return Stock::Full;
    }
    let types = types.iter().map(in_stock).collect();
    let (universe, world) = (&solver.universe, &mut solver.world);
    let mut index = TypeIndex::new(types, universe, world);
    let rules = Rules { min_values: MinValuesPolicy::BestEffort, nodes: &[], universe };
    let tables = (template.set, &*world);
    match Template::new(template.supply, (template.index, &mut index), tables, rules) {
        Ok(mut stocked) => {
            stocked.count_daemons(&solver.daemons, &mut index, world, universe);
            Stock::Short(Box::new((stocked, index)))
        }
        Err(_) => Stock::Full,
    }
}

fn in_stock(it: &Arc<InstanceType>) -> Arc<InstanceType> {
    if it.offerings.iter().all(|offering| offering.available) {
        return it.clone();
    }
    let mut it = (**it).clone();
    it.offerings.iter_mut().for_each(|offering| offering.available = true);
    Arc::new(it)
}
