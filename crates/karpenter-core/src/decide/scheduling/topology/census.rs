//! The first count: domains of nodes and pools, and the pods that run already.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::group::{Domains, Group, Kind};
use super::host_counts::HostCounts;
use super::label_counts::LabelCounts;
use super::{HostId, Registry, Topology};
use crate::api::labels;
use crate::decide::scheduling::base::Base;
use crate::decide::scheduling::existing_node::Nodes;
use crate::decide::scheduling::input::SchedulingInput;
use crate::decide::scheduling::world::{KeyId, SetId, World};
use crate::model::ids::LabelKey;
use crate::model::node::Node;
use crate::state::BoundPods;

/// What a census looks at besides the groups.
#[derive(Debug)]
pub(in super::super) struct CountedNodes<'a> {
    /// All nodes.
    pub(in super::super) base: &'a Base,
    /// Everything a decision depends on.
    pub(in super::super) input: &'a SchedulingInput,
    /// Labels of every Node object that exists, in the order of the base.
    pub(in super::super) sets: Vec<SetId>,
    /// Per label key and pool the domains new nodes can have.
    pub(in super::super) offered: BTreeMap<LabelKey, Vec<BTreeSet<Arc<str>>>>,
}

impl<'a> CountedNodes<'a> {
    /// Nodes whose object exists: those pods may be placed on first, then those that go away.
    pub(in super::super) fn objects(input: &'a SchedulingInput) -> impl Iterator<Item = &'a Node> {
        let all = input.nodes.iter().chain(&input.leaving);
        all.filter_map(|state| Some(&**state.node.as_ref()?))
    }
}

impl Topology {
    /// Groups of `registry` with the domains of nodes and pools, and with the pods that run and stay.
    ///
    /// Cost: groups × (distinct labels of pods + nodes that have pods with selected labels).
    pub(in super::super) fn count(
        registry: &mut Registry<'_>,
        counted: &CountedNodes<'_>,
        nodes: &Nodes<'_>,
        world: &World<'_>,
    ) -> Self {
        let mut topology = Self::default();
        if registry.is_empty() {
            return topology;
        }
        let hosts = Hosts::of(counted.base);
        let census = Census::new(counted, &hosts, world);
        for identity in std::mem::take(&mut registry.found) {
            let domains = if identity.key.as_str() == labels::HOSTNAME {
                Domains::Hosts(HostCounts::new(identity.kind.host_limit(), hosts.names.len()))
            } else {
                let key = world.key(&identity.key).expect("invariant: groups announce their keys");
                Domains::Labels(LabelCounts::new(key, world.words(key), world.words(key).nothing()))
            };
            let mut group = Group { identity, domains, epoch: 0 };
            census.know_domains(&mut group, nodes);
            if group.identity.kind != Kind::Inverse {
                census.count_pods(&mut group);
            }
            topology.groups.push(group);
        }
        for (group, node) in std::mem::take(&mut registry.owners) {
            let name = counted.base.names.find(&node);
            let Some(at) = name.and_then(|name| census.object_of(name)) else { continue };
            census.add(&mut topology.groups[group], at, 1);
        }
        topology.hosts = hosts.names;
        topology.host_of = hosts.of_nodes;
        topology
    }
}

impl Kind {
    /// How many pods of the group a host may have.
    fn host_limit(self) -> Option<i64> {
        match self {
            Self::Spread { max_skew, .. } => Some(i64::from(max_skew)),
            Self::AntiAffinity | Self::Inverse => Some(0),
            Self::Affinity => None,
        }
    }
}

/// Names of hosts and who has them.
struct Hosts {
    names: Vec<Arc<str>>,
    of_nodes: Vec<HostId>,
    of_objects: Vec<HostId>,
}

impl Hosts {
    fn of(base: &Base) -> Self {
        let mut ids: Vec<Option<HostId>> = vec![None; base.hosts.len()];
        let mut names = vec![];
        let mut id = |host: usize| {
            *ids[host].get_or_insert_with(|| {
                names.push(base.hosts.get(host).clone());
                names.len() - 1
            })
        };
        let of_nodes = base.order().iter().map(|position| id(base.node(*position).host)).collect();
        let of_objects = base.objects().map(|object| id(object.host)).collect();
        Self { names, of_nodes, of_objects }
    }
}

/// Node objects with the same labels, as far as anybody speaks of them, and the same taints.
struct Kin {
    set: SetId,
    taints: usize,
    /// Pods may be placed on one of them.
    is_supplied: bool,
}

struct Census<'c> {
    counted: &'c CountedNodes<'c>,
    kin: Vec<Kin>,
    /// Per object its kin.
    kin_of: Vec<usize>,
    /// Per name of a node its object.
    by_name: Vec<Option<usize>>,
    hosts: &'c Hosts,
    bound: BoundPods,
    world: &'c World<'c>,
}

impl<'c> Census<'c> {
    fn new(counted: &'c CountedNodes<'c>, hosts: &'c Hosts, world: &'c World<'c>) -> Self {
        let base = counted.base;
        let mut ids: FxHashMap<(SetId, usize), usize> = FxHashMap::default();
        let (mut kin, mut kin_of): (Vec<Kin>, Vec<usize>) = (vec![], vec![]);
        let mut by_name = vec![None; base.names.len()];
        let n_supplied = counted.input.nodes.iter().filter(|n| n.node.is_some()).count();
        for (at, (object, set)) in base.objects().zip(&counted.sets).enumerate() {
            by_name[object.name] = Some(at);
            let own = *ids.entry((*set, object.taints)).or_insert_with(|| {
                kin.push(Kin { set: *set, taints: object.taints, is_supplied: false });
                kin.len() - 1
            });
            kin[own].is_supplied |= at < n_supplied;
            kin_of.push(own);
        }
        let mut bound = counted.input.bound.clone();
        counted.input.every_pod().for_each(|pod| bound.remove(pod));
        Self { counted, kin, kin_of, by_name, hosts, bound, world }
    }

    fn object_of(&self, name: usize) -> Option<usize> {
        self.by_name.get(name).copied().flatten()
    }

    /// Domains of pools within reach and of nodes that count.
    fn know_domains(&self, group: &mut Group, nodes: &Nodes<'_>) {
        let admitted = self.admitted(group);
        let Domains::Labels(counts) = &mut group.domains else { return };
        let words = self.world.words(counts.key);
        let pools = self.counted.offered.get(&group.identity.key).into_iter().flatten();
        let reached = pools.zip(&group.identity.reach).filter(|(_, is_reached)| **is_reached);
        for value in reached.flat_map(|(values, _)| values) {
            counts.known.insert(words.bit_of(value).expect("invariant: values were told apart"));
        }
        let key = counts.key;
        let sees_all = group.identity.kind == Kind::Inverse;
        if sees_all {
            let sets: BTreeSet<SetId> = nodes.all.iter().map(|node| node.set).collect();
            for set in sets {
                known_values(self.world, set, key).for_each(|bit| counts.known.insert(bit));
            }
            return;
        }
        for (kin, _) in self.kin.iter().zip(admitted).filter(|(kin, is)| *is && kin.is_supplied) {
            known_values(self.world, kin.set, key).for_each(|bit| counts.known.insert(bit));
        }
    }

    /// Per kin whether its nodes count.
    fn admitted(&self, group: &Group) -> Vec<bool> {
        let taints = &self.counted.base.taints;
        let counts =
            |kin: &Kin| group.identity.filter.matches(taints.get(kin.taints), kin.set, self.world);
        self.kin.iter().map(counts).collect()
    }

    /// Pods of the group that run and stay.
    fn count_pods(&self, group: &mut Group) {
        let Some(selector) = group.identity.selector.clone() else { return };
        let admitted = self.admitted(group);
        let base = self.counted.base;
        let mut counts = base.counts.borrow_mut();
        for namespace in &group.identity.namespaces.clone() {
            for (labels, nodes) in self.bound.of_namespace(namespace) {
                if selector.matches(labels) {
                    let pods = counts.of((namespace, labels), nodes, &base.names);
                    self.count(group, &admitted, &pods);
                }
            }
        }
    }

    /// Counts pods on nodes that are admitted.
    fn count(&self, group: &mut Group, admitted: &[bool], pods: &[(usize, u32)]) {
        let objects = pods.iter().filter_map(|(name, n)| Some((self.object_of(*name)?, *n)));
        let objects = objects.filter(|(at, _)| admitted[self.kin_of[*at]]);
        match &mut group.domains {
            Domains::Hosts(counts) => {
                objects.for_each(|(at, n)| counts.add(self.hosts.of_objects[at], n));
            }
            Domains::Labels(counts) => {
                let mut by_kin = vec![0; self.kin.len()];
                objects.for_each(|(at, n)| by_kin[self.kin_of[at]] += n);
                for (kin, n) in self.kin.iter().zip(by_kin).filter(|(_, n)| *n > 0) {
                    let values: Vec<usize> =
                        known_values(self.world, kin.set, counts.key).collect();
                    for bit in values {
                        counts.add(bit, n);
                    }
                }
            }
        }
    }

    /// Counts `n` pods on a node; one without the label does not count.
    fn add(&self, group: &mut Group, at: usize, n: u32) {
        match &mut group.domains {
            Domains::Hosts(counts) => counts.add(self.hosts.of_objects[at], n),
            Domains::Labels(counts) => {
                let values = known_values(self.world, self.counted.sets[at], counts.key);
                for bit in values.collect::<Vec<_>>() {
                    counts.add(bit, n);
                }
            }
        }
    }
}

/// The values a node has for a label: one, or none.
fn known_values<'w>(
    world: &'w World<'_>,
    set: SetId,
    key: KeyId,
) -> impl Iterator<Item = usize> + 'w {
    let said = world.part(set, key).map(|part| &part.said).filter(|said| !said.is_open);
    said.into_iter().flat_map(|said| said.mask.ones())
}
