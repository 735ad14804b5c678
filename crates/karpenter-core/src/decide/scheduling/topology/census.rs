//! The first count: domains of nodes and pools, and the pods that run already.

use std::collections::BTreeMap;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::group::{Domains, Group, Kind};
use super::host_counts::HostCounts;
use super::label_counts::LabelCounts;
use super::{HostId, Registry, Topology};
use crate::api::labels;
use crate::decide::scheduling::existing_node::Nodes;
use crate::decide::scheduling::input::SchedulingInput;
use crate::decide::scheduling::world::{KeyId, SetId, World};
use crate::model::ids::{LabelKey, NodeName};
use crate::model::node::Node;
use crate::state::BoundPods;

/// What a census looks at besides the groups.
#[derive(Debug)]
pub(in super::super) struct CountedNodes<'a> {
    /// Everything a decision depends on.
    pub(in super::super) input: &'a SchedulingInput,
    /// Labels of every Node object that exists, in the order of [`objects`].
    pub(in super::super) sets: Vec<SetId>,
    /// Per label key and pool the domains new nodes can have.
    pub(in super::super) offered: BTreeMap<LabelKey, Vec<std::collections::BTreeSet<Arc<str>>>>,
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
    /// Cost: groups × (nodes + distinct labels of pods + nodes that have pods with selected labels).
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
        let hosts = Hosts::of(counted.input, nodes);
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
            let Some(at) = census.by_name.get(&node) else { continue };
            census.add(&mut topology.groups[group], *at, 1);
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
    fn of(input: &SchedulingInput, nodes: &Nodes<'_>) -> Self {
        let mut ids: FxHashMap<Arc<str>, HostId> = FxHashMap::default();
        let mut names = vec![];
        let mut id = |name: &str| {
            *ids.entry(Arc::from(name)).or_insert_with_key(|name| {
                names.push(name.clone());
                names.len() - 1
            })
        };
        let of_nodes = nodes.all.iter().map(|node| id(node.state.hostname())).collect();
        let of_objects = CountedNodes::objects(input);
        let of_objects = of_objects
            .map(|node| id(node.label(labels::HOSTNAME).unwrap_or(node.name.as_str())))
            .collect();
        Self { names, of_nodes, of_objects }
    }
}

struct Census<'c> {
    counted: &'c CountedNodes<'c>,
    objects: Vec<&'c Node>,
    by_name: FxHashMap<&'c NodeName, usize>,
    hosts: &'c Hosts,
    bound: BoundPods,
    world: &'c World<'c>,
}

impl<'c> Census<'c> {
    fn new(counted: &'c CountedNodes<'c>, hosts: &'c Hosts, world: &'c World<'c>) -> Self {
        let objects: Vec<_> = CountedNodes::objects(counted.input).collect();
        let by_name = objects.iter().enumerate().map(|(at, node)| (&node.name, at)).collect();
        let mut bound = counted.input.bound.clone();
        counted.input.all_pods().iter().for_each(|pod| bound.remove(pod));
        Self { counted, objects, by_name, hosts, bound, world }
    }

    /// Domains of pools within reach and of nodes that count.
    fn know_domains(&self, group: &mut Group, nodes: &Nodes<'_>) {
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
            for node in &nodes.all {
                known_values(self.world, node.set, key).for_each(|bit| counts.known.insert(bit));
            }
            return;
        }
        let n_supplied = self.counted.input.nodes.iter().filter(|n| n.node.is_some()).count();
        let supplied = self.objects.iter().zip(&self.counted.sets).take(n_supplied);
        for (node, set) in supplied {
            if group.identity.filter.matches(&node.taints, *set, self.world) {
                known_values(self.world, *set, key).for_each(|bit| counts.known.insert(bit));
            }
        }
    }

    /// Pods of the group that run and stay.
    fn count_pods(&self, group: &mut Group) {
        let Some(selector) = group.identity.selector.clone() else { return };
        for namespace in &group.identity.namespaces.clone() {
            for (labels, nodes) in self.bound.of_namespace(namespace) {
                if !selector.matches(labels) {
                    continue;
                }
                for (node, n) in nodes {
                    let Some(at) = self.by_name.get(node) else { continue };
                    let (set, taints) = (self.counted.sets[*at], &self.objects[*at].taints);
                    if group.identity.filter.matches(taints, set, self.world) {
                        self.add(group, *at, *n);
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
