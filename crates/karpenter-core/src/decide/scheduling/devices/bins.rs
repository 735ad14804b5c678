//! The first bin that takes a pod and has devices for it.

use fixedbitset::FixedBitSet;
use smallvec::SmallVec;

use super::Found;
use crate::decide::devices::{Allocation, BinId, View};
use crate::decide::scheduling::open_claim::OpenClaim;
use crate::decide::scheduling::solve::{Place, Solver};
use crate::decide::scheduling::template::Load;
use crate::decide::scheduling::topology::{Asker, HostVerdict, Trials};
use crate::decide::scheduling::world::{Meeting, Reading, SetId};

/// What a planned node may become with a pod and its devices.
struct Reach {
    /// What it has to be, in the order of trying.
    sets: SmallVec<[SetId; 4]>,
    /// Instance types that have the devices.
    types: FixedBitSet,
    /// The devices.
    allocation: Allocation,
}

/// A planned node, before it takes the pod.
struct Bin<'b> {
    /// Its number.
    at: usize,
    /// Which template it is of.
    template: usize,
    /// What it is.
    set: SetId,
    /// What it may become.
    types: &'b FixedBitSet,
    /// What all its pods ask for, with the newcomer.
    total: &'b [i128],
    /// A spread may use any domain within its skew.
    is_wide: bool,
}

impl Solver<'_> {
    /// The first bin that takes a pod of the class, and has devices for it.
    pub(in super::super) fn find_with_devices(
        &mut self,
        class: usize,
        level: usize,
    ) -> Option<Found> {
        if self.devices.as_ref()?.given_up(class).is_some() {
            return None;
        }
        let asked = (class, level);
        let found = self.node_with_devices(asked);
        let found = found.or_else(|| self.claim_with_devices(asked));
        let found = found.or_else(|| self.template_with_devices(asked));
        found.map(|(place, allocation)| (place, Some(Box::new(allocation))))
    }

    fn node_with_devices(&mut self, (class, level): (usize, usize)) -> Option<(Place, Allocation)> {
        let Self { nodes, classes, world, topology, devices, .. } = self;
        let (own, desk) = (&classes.all[class], devices.as_mut()?);
        let (shape, claims) = (&classes.shapes[own.shape], own.device_claims.as_deref()?);
        let (ask, asker) = (own.ask(shape, level), shape.asker(level));
        let tolerated = nodes.open_to(own, &shape.levels[level]);
        let mut open = nodes.index.candidates(ask, tolerated, world);
        nodes.index.catch_up(&mut open, &nodes.all);
        let (mut trials, mut from) = (Trials::default(), 0);
        while let Some(at) = open.next(from) {
            from = at + 1;
            let node = &nodes.all[at];
            let host = topology.host_of_node(at);
            if !node.has_room(ask) || topology.on_host(asker, host, world) != HostVerdict::Yes {
                continue;
            }
            let bin = (node.set, Reading::Node);
            let trial = topology.trial((asker, ask.set), bin, false, (&mut trials, world));
            let types = [(0, desk.kind_of_node(at, node.state))];
            for set in &trial.sets {
                let name = node.state.node.as_ref().map(|node| &node.name);
                let requirements = &**world.get(*set);
                let view = View { bin: BinId::Node(at), node: name, requirements, types: &types };
                if let Ok(allocation) = desk.look((class, claims), view) {
                    return Some((Place::Node(at, *set), allocation));
                }
            }
        }
        None
    }

    fn claim_with_devices(&mut self, asked: (usize, usize)) -> Option<(Place, Allocation)> {
        let (mut found, mut next) = (None, self.order.first());
        while let Some(at) = next.filter(|_| found.is_none()) {
            next = self.order.after(at);
            found = self.ask_claim_for_devices(asked, at);
        }
        found
    }

    /// The open claim number `at` with a pod of the class, if it takes one and has devices.
    fn ask_claim_for_devices(
        &mut self,
        (class, level): (usize, usize),
        at: usize,
    ) -> Option<(Place, Allocation)> {
        let (claim, amounts) = (self.claims[at].clone(), self.classes.all[class].amounts.iter());
        let total: Vec<i128> = claim.total.iter().zip(amounts).map(|(a, b)| a + b).collect();
        let OpenClaim { template, set, types, .. } = &claim;
        let (template, set) = (*template, *set);
        let bin = Bin { at, template, set, types, total: &total, is_wide: false };
        self.places((class, level), &bin).into_iter().find_map(|place| {
            let Reach { sets, types, allocation } = self.reach((class, level), &bin, place)?;
            let narrowed = OpenClaim { types, ..claim.clone() };
            let Self { classes, world, indexes, templates, reservations, .. } = self;
            let class = &classes.all[class];
            let ask = class.ask(&classes.shapes[class.shape], level);
            let template = &templates[template];
            let tables = (&mut indexes[template.index], &*world, reservations);
            let delta = narrowed.try_become(&sets, ask, template, tables).ok()?;
            Some((Place::Claim(at, delta), allocation))
        })
    }

    fn template_with_devices(&mut self, asked: (usize, usize)) -> Option<(Place, Allocation)> {
        let shape = &self.classes.shapes[self.classes.all[asked.0].shape];
        let has_spread = shape.bonds[asked.1].has_spread;
        for is_wide in [false, true].into_iter().take(1 + usize::from(has_spread)) {
            for at in 0..self.templates.len() {
                let opened = self.open_with_devices(asked, at, is_wide);
                if opened.is_some() || self.classes.all[asked.0].deferred.is_some() {
                    return opened
                        .map(|(claim, devices)| (Place::NewClaim(Box::new(claim)), devices));
                }
            }
        }
        None
    }

    /// A claim of one template that is ready to take a pod of the class as its first, and has devices for it.
    pub(super) fn open_with_devices(
        &mut self,
        asked: (usize, usize),
        at: usize,
        is_wide: bool,
    ) -> Option<(OpenClaim, Allocation)> {
        let template = &mut self.templates[at];
        let types = template.remaining.allowed(&template.types).ok()?;
        let (set, total) = (template.set, self.classes.all[asked.0].amounts.clone());
        let new = self.claims.len();
        let bin = Bin { at: new, template: at, set, types: &types, total: &total, is_wide };
        self.places(asked, &bin).into_iter().find_map(|place| {
            let Reach { sets, types, allocation } = self.reach(asked, &bin, place)?;
            let within = Some(&types);
            let claim = sets.into_iter().find_map(|set| self.open_as(asked, at, (set, within)))?;
            Some((claim, allocation))
        })
    }

    /// What a planned node becomes with a pod of the class, for every place of the pod's volumes, in the order of trying.
    fn places(&mut self, (class, level): (usize, usize), bin: &Bin<'_>) -> SmallVec<[SetId; 4]> {
        let Self { classes, world, templates, topology, .. } = self;
        let shape = &classes.shapes[classes.all[class].shape];
        let (asker, at_level) = (shape.asker(level), &shape.levels[level]);
        let taints = &templates[bin.template].supply.pool.template.taints;
        let host = topology.host_of_claim(bin.at);
        if !at_level.tolerates(taints) || topology.on_host(asker, host, world) != HostVerdict::Yes {
            return SmallVec::new();
        }
        let Meeting::Joined(base) = world.meet(bin.set, at_level.set, Reading::Claim) else {
            return SmallVec::new();
        };
        if asker.places.is_empty() {
            return [base].into_iter().collect();
        }
        let joined = asker.places.iter().filter_map(|place| {
            match world.meet(base, *place, Reading::Claim) {
                Meeting::Joined(set) => Some(set),
                Meeting::NotNow | Meeting::Never => None,
            }
        });
        joined.collect()
    }

    /// Devices for a pod of the class on a planned node that becomes `place` with it, and what that leaves of it.
    fn reach(
        &mut self,
        (class, level): (usize, usize),
        bin: &Bin<'_>,
        place: SetId,
    ) -> Option<Reach> {
        let Self { classes, world, indexes, templates, topology, devices, .. } = self;
        let (own, desk) = (&classes.all[class], devices.as_mut()?);
        let (shape, claims) = (&classes.shapes[own.shape], own.device_claims.as_deref()?);
        let (ask, asker) = (own.ask(shape, level), shape.asker(level));
        let template = &templates[bin.template];
        let load = Load { total: bin.total, ports: ask.ports };
        let fit = template.keep(place, load, bin.types, (&mut indexes[template.index], &*world));
        if fit.is_clear() {
            return None;
        }
        let types = desk.kinds(template, &fit);
        let (at, requirements) = (BinId::Claim(bin.at), &**world.get(place));
        let view = View { bin: at, node: None, requirements, types: &types };
        let allocation = desk.look((class, claims), view).ok()?;
        let bound = world.read(&allocation.requirements);
        let asker = Asker { places: &[bound], ..asker };
        let have = (place, Reading::Claim);
        let tables = (&mut Trials::default(), world);
        let trial = topology.trial((asker, ask.set), have, bin.is_wide, tables);
        let mut types = FixedBitSet::with_capacity(fit.len());
        types.extend(allocation.types.iter().copied());
        Some(Reach { sets: trial.sets.clone(), types, allocation })
    }
}
