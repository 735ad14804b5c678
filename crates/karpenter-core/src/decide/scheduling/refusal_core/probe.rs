//! The constraints between pods and a pool, taken apart, and what the pool has left under some of them.

use fixedbitset::FixedBitSet;

use super::Constraint;
use super::reduced::{Reduced, Supply};
use crate::decide::scheduling::class::{Class, Level, Shape};
use crate::decide::scheduling::topology::{Bond, HostId, Topology};
use crate::decide::scheduling::universe::Universe;
use crate::decide::scheduling::world::{SetId, World};
use crate::model::ids::LabelKey;
use crate::model::quantity::Quantity;
use crate::model::requirement::Requirement;
use crate::model::resources::ResourceName;
use crate::model::taints::{Taint, is_tolerated};

/// A constraint as the filter knows it.
#[derive(Debug, Clone)]
pub(super) enum Atom {
    /// See [`Constraint::Limit`].
    Limit(ResourceName),
    /// See [`Constraint::Taint`].
    Taint(Taint),
    /// See [`Constraint::Label`].
    Label(Requirement),
    /// See [`Constraint::Volumes`].
    Volumes,
    /// See [`Constraint::Topology`].
    Topology(Bond),
    /// See [`Constraint::HostPorts`].
    HostPorts,
    /// See [`Constraint::Request`].
    Request(ResourceName, Quantity),
    /// See [`Constraint::DaemonSets`].
    DaemonSets,
    /// See [`Constraint::MinValues`].
    MinValues(LabelKey),
    /// See [`Constraint::OutOfStock`].
    OutOfStock,
}

/// The pods that are refused.
#[derive(Debug, Clone, Copy)]
pub(super) struct Refused<'p> {
    /// What they have in common.
    pub(super) class: &'p Class,
    /// Their shape.
    pub(super) shape: &'p Shape<'p>,
    /// The step of its ladder they were refused at.
    pub(super) level: usize,
}

/// Where sets, groups and resources are looked up.
pub(super) struct Tables<'p, 'w> {
    /// Sets.
    pub(super) world: &'p mut World<'w>,
    /// Groups.
    pub(super) topology: &'p Topology,
    /// Resources.
    pub(super) universe: &'p Universe,
    /// The host a new node would be.
    pub(super) new_host: HostId,
}

/// The constraints between some pods and a pool.
pub(super) struct Probe<'p, 'a, 'w> {
    refused: Refused<'p>,
    supply: Supply<'p, 'a>,
    tables: Tables<'p, 'w>,
    atoms: Vec<Atom>,
}

impl Refused<'_> {
    /// The step of the ladder.
    pub(super) fn level(&self) -> &Level {
        &self.shape.levels[self.level]
    }
}

impl<'p, 'a, 'w> Probe<'p, 'a, 'w> {
    /// Takes the constraints apart.
    pub(super) fn new(
        refused: Refused<'p>,
        supply: Supply<'p, 'a>,
        tables: Tables<'p, 'w>,
    ) -> Self {
        let mut atoms = barriers(refused, &supply);
        atoms.extend(wishes(refused, tables.world));
        atoms.extend(shortages(&supply, tables.world));
        Self { refused, supply, tables, atoms }
    }

    /// How many constraints there are.
    pub(super) fn n_constraints(&self) -> usize {
        self.atoms.len()
    }

    /// Whether more constraints never leave more. A spread and an affinity look at other domains when the pod may go to
    /// more of them, so that they can refuse what they took before.
    pub(super) fn is_monotone(&self) -> bool {
        let bonds = &self.refused.shape.bonds[self.refused.level];
        bonds.labels.is_empty()
            || self.tables.world.parts_of(self.refused.level().strict).is_empty()
    }

    /// The constraint of this number, for people.
    pub(super) fn constraint(&self, at: usize) -> Constraint {
        match &self.atoms[at] {
            Atom::Limit(resource) => Constraint::Limit(resource.clone()),
            Atom::Taint(taint) => Constraint::Taint(taint.clone()),
            Atom::Label(requirement) => Constraint::Label(requirement.clone()),
            Atom::Volumes => {
                let text = |place: &SetId| self.tables.world.get(*place).to_string();
                Constraint::Volumes(self.refused.shape.places.iter().map(text).collect())
            }
            Atom::Topology(bond) => {
                let (kind, key) = self.tables.topology.term(bond.group);
                Constraint::Topology { kind, key: key.clone() }
            }
            Atom::HostPorts => Constraint::HostPorts(self.refused.shape.ports.to_vec()),
            Atom::Request(resource, amount) => {
                Constraint::Request { resource: resource.clone(), amount: *amount }
            }
            Atom::DaemonSets => Constraint::DaemonSets,
            Atom::MinValues(key) => Constraint::MinValues(key.clone()),
            Atom::OutOfStock => Constraint::OutOfStock,
        }
    }

    /// How many instance types the pool has left for pods with the constraints in `kept` and no others.
    pub(super) fn left(&mut self, kept: &FixedBitSet) -> usize {
        let atoms = kept.ones().map(|at| &self.atoms[at]);
        let reduced = Reduced::new(atoms, self.refused, &mut self.tables);
        reduced.left(self.refused, &mut self.supply, &mut self.tables)
    }
}

/// What the pool holds against the pods, whatever instance type it is.
fn barriers(refused: Refused<'_>, supply: &Supply<'_, '_>) -> Vec<Atom> {
    let limits = supply.template.remaining.resources().cloned().map(Atom::Limit);
    let tolerations = &refused.level().tolerations;
    let taints = supply.template.supply.pool.template.taints.iter();
    let taints = taints.filter(|taint| !is_tolerated(tolerations, taint)).cloned();
    limits.chain(taints.map(Atom::Taint)).collect()
}

/// What the pods ask for.
fn wishes(refused: Refused<'_>, world: &World<'_>) -> Vec<Atom> {
    let shape = refused.shape;
    let labels = world.get(refused.level().set).iter().cloned().map(Atom::Label);
    let volumes = (!shape.places.is_empty()).then_some(Atom::Volumes);
    let topology = shape.bonds[refused.level].iter().map(Atom::Topology);
    let ports = (!shape.ports.is_empty()).then_some(Atom::HostPorts);
    let is_asked = |(name, amount): &(&ResourceName, Quantity)| {
        **name != ResourceName::pods() && !amount.is_zero()
    };
    let requests = refused.class.requests.iter().filter(is_asked);
    let requests = requests.map(|(resource, amount)| Atom::Request(resource.clone(), amount));
    labels.chain(volumes).chain(topology).chain(ports).chain(requests).collect()
}

/// What takes away from instance types, or asks for more of them.
fn shortages(supply: &Supply<'_, '_>, world: &World<'_>) -> Vec<Atom> {
    let mut groups = supply.template.groups.iter();
    let daemons = groups.any(|group| group.overhead.is_some()).then_some(Atom::DaemonSets);
    let asked = world.get(supply.template.set).iter();
    let asked = asked.filter(|one| supply.is_strict && one.min_values().is_some());
    let min_values = asked.map(|one| Atom::MinValues(one.key().clone()));
    let stock = supply.stocked.is_some().then_some(Atom::OutOfStock);
    daemons.into_iter().chain(min_values).chain(stock).collect()
}
