//! The cores of a plan's refusals, within a bound.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::probe::{Probe, Refused, Tables};
use super::reduced::Supply;
use super::{RefusalCore, search};
use crate::decide::scheduling::base::Base;
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
    /// By index of the solve the same types with everything in stock; `None` where everything is.
    indexes: BTreeMap<usize, Option<TypeIndex>>,
    /// By template of the solve the same over the index with everything in stock.
    templates: BTreeMap<usize, Option<Template<'a>>>,
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
            PoolRefusal { core: core.map(Arc::new), ..refusal }
        };
        refusals.into_iter().map(with_core).collect()
    }

    /// The template with everything in stock; `None` when everything is.
    fn stocked(
        &mut self,
        solver: &mut Solver<'a>,
        template: usize,
    ) -> Option<(&Template<'a>, &mut TypeIndex)> {
        let at = solver.templates[template].index;
        let index = self.indexes.entry(at).or_insert_with(|| stocked_index(solver, at));
        let index = index.as_mut()?;
        let stocked = self.templates.entry(template);
        let stocked = stocked.or_insert_with(|| stocked_template(solver, template, index));
        Some((stocked.as_ref()?, index))
    }
}

/// The index of this number as if every offering could be had; `None` when every one can.
fn stocked_index(solver: &mut Solver<'_>, at: usize) -> Option<TypeIndex> {
    let types = solver.indexes[at].types();
    if types.iter().all(|it| it.offerings.iter().all(|offering| offering.available)) {
        return None;
    }
    let types = types.iter().map(in_stock).collect();
    Some(TypeIndex::new(types, &solver.universe, &mut solver.world))
}

/// The template of this number over `index`; its limits are not looked at.
fn stocked_template<'a>(
    solver: &Solver<'a>,
    template: usize,
    index: &mut TypeIndex,
) -> Option<Template<'a>> {
    let Solver { world, universe, daemons, templates, .. } = solver;
    let template = &templates[template];
    let nowhere = Base::default();
    let rules = Rules { min_values: MinValuesPolicy::BestEffort, base: &nowhere, universe };
    let tables = (template.set, world);
    let stocked = Template::new(template.supply, (template.index, index), tables, rules);
    let mut stocked = stocked.ok()?;
    stocked.count_daemons(daemons, index, world, universe);
    Some(stocked)
}

fn in_stock(it: &Arc<InstanceType>) -> Arc<InstanceType> {
    if it.offerings.iter().all(|offering| offering.available) {
        return it.clone();
    }
    let mut it = (**it).clone();
    it.offerings.iter_mut().for_each(|offering| offering.available = true);
    Arc::new(it)
}
