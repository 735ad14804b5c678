//! A claim that is opened for a pod that no node and no open claim takes.

use fixedbitset::FixedBitSet;
use smallvec::SmallVec;

use super::class::Deferred;
use super::min_values;
use super::open_claim::OpenClaim;
use super::reservations::Held;
use super::solve::{Place, Solver};
use super::template::{Load, Template};
use super::topology::HostVerdict;
use super::world::{Meeting, Reading, SetId};
use crate::options::MinValuesPolicy;

impl Solver<'_> {
    /// A new claim of the first template that takes a pod of the class.
    pub(super) fn find_template(&mut self, class: usize, level: usize) -> Option<Place> {
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
                    return claim.map(|claim| Place::NewClaim(Box::new(claim)));
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
