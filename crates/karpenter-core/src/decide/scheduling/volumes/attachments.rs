//! How many volumes a node has and may have, by driver.
//!
//! Claims of one pod only are counted, claims that several pods use are told apart.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::lookup::{Attached, Lookup, PodVolumes};
use crate::model::ids::ObjectKey;
use crate::state::StateNode;

/// A driver that some CSINode limits.
type DriverId = usize;

/// A claim that several pods use.
type SharedId = usize;

/// What a pod adds to the volumes of its node, as far as drivers are limited; never empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(in super::super) struct VolumeLoad {
    /// Claims that nobody else uses, by driver.
    own: BTreeMap<DriverId, usize>,
    /// Claims that others use too.
    shared: BTreeSet<(DriverId, SharedId)>,
}

/// Volumes of a node with limits.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in super::super) struct NodeVolumes {
    limits: BTreeMap<DriverId, usize>,
    used: BTreeMap<DriverId, usize>,
    shared: BTreeSet<(DriverId, SharedId)>,
}

/// Limits of the nodes and loads of the pods of one solve.
#[derive(Debug, Default)]
pub(in super::super) struct Attachments {
    by_node: FxHashMap<Arc<str>, NodeVolumes>,
    loads: FxHashMap<usize, Rc<VolumeLoad>>,
}

/// Whether a node with `have` can have the volumes of `load` too.
pub(in super::super) fn has_room(have: Option<&NodeVolumes>, load: Option<&VolumeLoad>) -> bool {
    match (have, load) {
        (Some(have), Some(load)) => have.has_room(load),
        (None, _) | (_, None) => true,
    }
}

impl NodeVolumes {
    /// Whether some driver has more than it may: then nothing is put there any more.
    pub(in super::super) fn is_exceeded(&self) -> bool {
        self.limits.iter().any(|(driver, limit)| self.n_used(*driver) > *limit)
    }

    /// The pod of `load` comes.
    pub(in super::super) fn add(&mut self, load: &VolumeLoad) {
        for (driver, count) in &load.own {
            *self.used.entry(*driver).or_default() += count;
        }
        for shared in &load.shared {
            if self.shared.insert(*shared) {
                *self.used.entry(shared.0).or_default() += 1;
            }
        }
    }

    fn has_room(&self, load: &VolumeLoad) -> bool {
        self.limits.iter().all(|(driver, limit)| {
            let of_driver = |shared: &&(DriverId, SharedId)| shared.0 == *driver;
            let shared = load.shared.difference(&self.shared).filter(of_driver).count();
            let more = load.own.get(driver).copied().unwrap_or_default() + shared;
            more == 0 || self.n_used(*driver) + more <= *limit
        })
    }

    fn n_used(&self, driver: DriverId) -> usize {
        self.used.get(&driver).copied().unwrap_or_default()
    }
}

impl Attachments {
    /// Counts what pods bound to `nodes` have, and what `planned` pods, by their number, will add. Linear in the claims
    /// of all of them.
    pub(in super::super) fn count(
        nodes: &[StateNode],
        planned: &[(usize, PodVolumes)],
        lookup: &Lookup<'_>,
    ) -> Self {
        let mut counter = Counter::default();
        let limited: Vec<(&StateNode, BTreeMap<DriverId, usize>)> = nodes
            .iter()
            .filter_map(|state| {
                let node = state.node.as_ref()?;
                let limits = &lookup.storage.csi_nodes.get(&node.name)?.limits;
                let limits = limits.iter().map(|(driver, max)| (counter.driver(driver), *max));
                Some((state, limits.collect::<BTreeMap<_, _>>()))
            })
            .filter(|(_, limits)| !limits.is_empty())
            .collect();
        let bound: Vec<Vec<Vec<Attached>>> = limited
            .iter()
            .map(|(state, _)| {
                state.usage.claiming.values().map(|p| lookup.attached_of(p)).collect()
            })
            .collect();
        let of_planned = planned.iter().map(|(_, volumes)| &volumes.attached);
        bound.iter().flatten().chain(of_planned).for_each(|claims| counter.note_users(claims));
        let mut all = Self::default();
        for ((state, limits), pods) in limited.into_iter().zip(&bound) {
            let mut node = NodeVolumes { limits, ..NodeVolumes::default() };
            pods.iter().filter_map(|claims| counter.load(claims)).for_each(|load| node.add(&load));
            all.by_node.insert(state.name().into(), node);
        }
        for (pod, volumes) in planned {
            if let Some(load) = counter.load(&volumes.attached) {
                all.loads.insert(*pod, Rc::new(load));
            }
        }
        all
    }

    /// Volumes of a node; `None` when nothing limits them.
    pub(in super::super) fn of_node(&self, node: &StateNode) -> Option<Box<NodeVolumes>> {
        // Spares the search for its name in clusters that limit no volumes.
        if self.by_node.is_empty() {
            return None;
        }
        self.by_node.get(node.name()).cloned().map(Box::new)
    }

    /// What the pod with this number adds; `None` when nothing limits it.
    pub(in super::super) fn load(&self, pod: usize) -> Option<&Rc<VolumeLoad>> {
        self.loads.get(&pod)
    }
}

/// Gives numbers to drivers and to claims that several pods use.
#[derive(Debug, Default)]
struct Counter {
    drivers: BTreeMap<Arc<str>, DriverId>,
    n_users: FxHashMap<ObjectKey, usize>,
    shared: FxHashMap<ObjectKey, SharedId>,
}

impl Counter {
    fn driver(&mut self, name: &Arc<str>) -> DriverId {
        let next = self.drivers.len();
        *self.drivers.entry(name.clone()).or_insert(next)
    }

    fn note_users(&mut self, claims: &[Attached]) {
        for claim in claims.iter().filter(|claim| self.drivers.contains_key(&claim.driver)) {
            *self.n_users.entry(claim.claim.clone()).or_default() += 1;
        }
    }

    fn load(&mut self, claims: &[Attached]) -> Option<VolumeLoad> {
        let mut load = VolumeLoad::default();
        for Attached { driver, claim } in claims {
            let Some(driver) = self.drivers.get(driver).copied() else { continue };
            if self.n_users.get(claim).is_some_and(|n| *n > 1) {
                let next = self.shared.len();
                let id = *self.shared.entry(claim.clone()).or_insert(next);
                load.shared.insert((driver, id));
            } else {
                *load.own.entry(driver).or_default() += 1;
            }
        }
        (load != VolumeLoad::default()).then_some(load)
    }
}
