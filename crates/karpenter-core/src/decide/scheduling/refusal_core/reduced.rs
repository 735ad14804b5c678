//! The filter of a new claim with some of the constraints left out.
//!
//! Every step is the one of the engine: `allowed` of limits, `meet` of sets, what groups say, `keep` of the template. What
//! is left out is left out of the question, never out of the answer.

use fixedbitset::FixedBitSet;
use smallvec::SmallVec;

use super::probe::{Atom, Refused, Tables};
use crate::decide::scheduling::index::TypeIndex;
use crate::decide::scheduling::template::{Load, Template};
use crate::decide::scheduling::topology::{Asker, Bonds, HostVerdict};
use crate::decide::scheduling::universe::Amounts;
use crate::decide::scheduling::world::{Meeting, Reading, SetId};
use crate::model::ids::LabelKey;
use crate::model::requirements::Requirements;
use crate::model::resources::{ResourceName, Resources};

/// What a pool can make.
pub(super) struct Supply<'p, 'a> {
    /// The pool as it was asked.
    pub(super) template: &'p Template<'a>,
    /// Its instance types.
    pub(super) index: &'p mut TypeIndex,
    /// Both as they were if everything were in stock; `None` when everything is.
    pub(super) stocked: Option<(&'p Template<'a>, &'p mut TypeIndex)>,
    /// Too few values for `minValues` refuse a pod.
    pub(super) is_strict: bool,
}

/// The constraints that are kept.
#[derive(Debug)]
pub(super) struct Reduced<'r> {
    limits: SmallVec<[&'r ResourceName; 4]>,
    has_taint: bool,
    set: SetId,
    strict: SetId,
    has_volumes: bool,
    bonds: Bonds,
    has_ports: bool,
    amounts: Amounts,
    has_daemons: bool,
    min_values: SmallVec<[&'r LabelKey; 4]>,
    is_short_of_stock: bool,
}

impl<'r> Reduced<'r> {
    /// Keeps `atoms` of the constraints of `refused`.
    pub(super) fn new(
        atoms: impl Iterator<Item = &'r Atom>,
        refused: Refused<'_>,
        tables: &mut Tables<'_, '_>,
    ) -> Self {
        let (mut labels, mut requests) = (Requirements::new(), Resources::new());
        let mut bonds: SmallVec<[_; 4]> = SmallVec::new();
        let mut reduced = Self {
            limits: SmallVec::new(),
            has_taint: false,
            set: refused.level().set,
            strict: refused.level().strict,
            has_volumes: false,
            bonds: Bonds::default(),
            has_ports: false,
            amounts: vec![],
            has_daemons: false,
            min_values: SmallVec::new(),
            is_short_of_stock: false,
        };
        for atom in atoms {
            match atom {
                Atom::Limit(resource) => reduced.limits.push(resource),
                Atom::Taint(_) => reduced.has_taint = true,
                Atom::Label(requirement) => labels.add(requirement.clone()),
                Atom::Volumes => reduced.has_volumes = true,
                Atom::Topology(bond) => bonds.push(*bond),
                Atom::HostPorts => reduced.has_ports = true,
                Atom::Request(resource, amount) => {
                    requests.insert(resource.clone(), *amount);
                }
                Atom::DaemonSets => reduced.has_daemons = true,
                Atom::MinValues(key) => reduced.min_values.push(key),
                Atom::OutOfStock => reduced.is_short_of_stock = true,
            }
        }
        let strict = tables.world.get(reduced.strict).iter();
        let strict = strict.filter(|one| labels.has(one.key().as_str())).cloned().collect();
        reduced.strict = tables.world.read(&strict);
        reduced.set = tables.world.read(&labels);
        reduced.bonds = tables.topology.among(&bonds);
        reduced.amounts = tables.universe.amounts(&requests.with_pods(1));
        reduced
    }

    /// How many instance types are left.
    pub(super) fn left(
        &self,
        refused: Refused<'_>,
        supply: &mut Supply<'_, '_>,
        tables: &mut Tables<'_, '_>,
    ) -> usize {
        let (limits, is_strict) = (&supply.template.remaining, supply.is_strict);
        let (template, index) = match &mut supply.stocked {
            Some((template, index)) if !self.is_short_of_stock => (*template, &mut **index),
            Some(_) | None => (supply.template, &mut *supply.index),
        };
        let among = limits.within(&template.types, |resource| self.limits.contains(&resource));
        if among.is_clear() || self.has_taint {
            return 0;
        }
        let mut left = FixedBitSet::with_capacity(among.len());
        for set in self.sets(template.set, refused, tables) {
            let kept = self.kept(set, (refused, template), &among, (index, tables));
            let short = Template::shortfalls(&kept, set, (index, tables.world));
            let is_short = short.iter().any(|one| self.min_values.contains(&&one.key));
            if !(is_short && is_strict) {
                left.union_with(&kept);
            }
        }
        left.count_ones(..)
    }

    /// What a new claim with `have` may become; any domain within the skew of a spread will do.
    fn sets(
        &self,
        have: SetId,
        refused: Refused<'_>,
        Tables { world, topology, new_host, .. }: &mut Tables<'_, '_>,
    ) -> SmallVec<[SetId; 4]> {
        let Meeting::Joined(base) = world.meet(have, self.set, Reading::Claim) else {
            return SmallVec::new();
        };
        let places = if self.has_volumes { &*refused.shape.places } else { &[] };
        let asker = Asker { bonds: &self.bonds, strict: self.strict, places };
        if topology.on_host(asker, *new_host, world) != HostVerdict::Yes {
            return SmallVec::new();
        }
        topology.reachable(asker, (base, Reading::Claim), true, world).0
    }

    fn kept(
        &self,
        set: SetId,
        (refused, template): (Refused<'_>, &Template<'_>),
        among: &FixedBitSet,
        (index, tables): (&mut TypeIndex, &Tables<'_, '_>),
    ) -> FixedBitSet {
        let ports = if self.has_ports { refused.shape.ports } else { &[] };
        let load = Load { total: &self.amounts, ports };
        if self.has_daemons {
            return template.keep(set, load, among, (index, tables.world));
        }
        let row = index.row(set, tables.world);
        let mut kept = FixedBitSet::with_capacity(among.len());
        index.keep(&row, load.total, [among, &template.types], &mut kept);
        kept
    }
}
