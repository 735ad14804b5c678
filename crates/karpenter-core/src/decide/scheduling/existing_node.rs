//! Nodes that are there or under way, as bins.

use std::collections::BTreeSet;

use rustc_hash::FxHashMap;

use super::base::{Base, Slot};
use super::class::{Class, Level};
use super::daemon_overhead::{self, Daemon};
use super::host_ports;
use super::label_sets::LabelSets;
use super::node_index::NodeIndex;
use super::open_claim::Ask;
use super::universe::{Amounts, Universe, covers, has_negative};
use super::unsettled::Unsettled;
use super::volumes::{self, Attachments, NodeVolumes};
use super::world::{SetId, World};
use crate::model::pod::HostPort;
use crate::model::quantity::Quantity;
use crate::model::resources::Resources;
use crate::model::taints::Taint;
use crate::state::StateNode;

/// A node with room left.
#[derive(Debug)]
pub(super) struct ExistingNode<'a> {
    /// The node.
    pub(super) state: &'a StateNode,
    /// Its labels, as far as any pod or DaemonSet speaks of them, and what its new pods added.
    pub(super) set: SetId,
    /// Which of [`Nodes::taints`] it has.
    pub(super) taints: usize,
    /// What is left besides bound pods, DaemonSets to come and new pods; `None` if nothing can ever fit, also when it has more
    /// volumes than it may.
    pub(super) remaining: Option<Amounts>,
    /// Ports taken.
    pub(super) ports: Vec<HostPort>,
    /// Volumes it has; `None` when nothing limits them.
    pub(super) volumes: Option<Box<NodeVolumes>>,
    /// New pods, as indices into the input.
    pub(super) pods: Vec<usize>,
}

/// All nodes in the order they are tried: initialized ones first, then by name.
#[derive(Debug)]
pub(super) struct Nodes<'a> {
    /// The nodes.
    pub(super) all: Vec<ExistingNode<'a>>,
    /// Distinct lists of taints.
    pub(super) taints: Vec<Vec<Taint>>,
    /// Per list of taints, whether it is that of nodes that have not settled; those that have repeat it.
    unsettled: Vec<bool>,
    /// Rows over the nodes.
    pub(super) index: NodeIndex,
}

/// What reading nodes depends on.
pub(super) struct NodeReader<'r, 'a> {
    /// The nodes, as far as they are the same for whoever asks.
    pub(super) base: &'r Base,
    /// Label keys that pods and DaemonSets speak of; others cannot decide anything.
    pub(super) keys: &'r BTreeSet<String>,
    /// DaemonSets.
    pub(super) daemons: &'r [Daemon<'a>],
    /// Resources of the solve.
    pub(super) universe: &'r Universe,
    /// Whether any pod asks for a host port.
    pub(super) needs_ports: bool,
    /// Volumes of nodes.
    pub(super) attachments: &'r Attachments,
    /// Nodes that are closed to pods that have a place.
    pub(super) unsettled: &'r Unsettled<'a>,
}

impl ExistingNode<'_> {
    /// Whether resources, ports and volumes of `ask` can be had besides those of the pods it has; once they cannot,
    /// they never can.
    pub(super) fn has_room(&self, ask: Ask<'_>) -> bool {
        self.remaining.as_ref().is_some_and(|left| covers(left, ask.amounts))
            && !host_ports::conflict(ask.ports, &self.ports)
            && volumes::has_room(self.volumes.as_deref(), ask.volumes)
    }
}

impl<'a> Nodes<'a> {
    /// Reads `nodes`, which are those of the base. Linear in nodes; DaemonSets are matched once per distinct labels and
    /// taints.
    pub(super) fn read(
        nodes: &'a [StateNode],
        reader: &NodeReader<'_, '_>,
        world: &mut World<'_>,
    ) -> Self {
        let base = reader.base;
        let mut sets = LabelSets::new(base, reader.keys);
        let mut taints: Vec<Vec<Taint>> = vec![];
        let mut unsettled: Vec<bool> = vec![];
        let mut taint_ids: FxHashMap<(usize, bool), usize> = FxHashMap::default();
        let mut overheads: FxHashMap<(SetId, usize), Option<Resources>> = FxHashMap::default();
        let mut all = Vec::with_capacity(nodes.len());
        for position in base.order() {
            let (state, facts) = (&nodes[*position], base.node(*position));
            let set = sets.of_node(facts, world);
            let own = (facts.taints, reader.unsettled.contains(state));
            let taint = *taint_ids.entry(own).or_insert_with_key(|(own, is_unsettled)| {
                taints.push(base.taints.get(*own).clone());
                unsettled.push(*is_unsettled);
                taints.len() - 1
            });
            let overhead = overheads.entry((set, taint)).or_insert_with(|| {
                let runs = |d: &&Daemon<'_>| d.runs_on(set, &taints[taint], world);
                daemon_overhead::requests(reader.daemons.iter().filter(runs))
            });
            let volumes = reader.attachments.of_node(state);
            let is_exceeded = volumes.as_ref().is_some_and(|own| own.is_exceeded());
            let remaining = reader.remaining((state, facts), overhead.as_ref());
            let remaining = remaining.filter(|_| !is_exceeded);
            let ports = if reader.needs_ports { bound_ports(state) } else { vec![] };
            let pods = vec![];
            all.push(ExistingNode { state, set, taints: taint, remaining, ports, volumes, pods });
        }
        let index = NodeIndex::new(&all, taints.len());
        Self { all, taints, unsettled, index }
    }

    /// Per list of taints, whether pods of a class at `level` may go to nodes that have it.
    pub(super) fn open_to(&self, class: &Class, level: &Level) -> Vec<bool> {
        let lists = self.taints.iter().zip(&self.unsettled);
        let is_open = |(taints, is_unsettled): (&Vec<Taint>, &bool)| {
            level.tolerates(taints) && !(*is_unsettled && class.shuns_unsettled)
        };
        lists.map(is_open).collect()
    }
}

impl NodeReader<'_, '_> {
    /// Available less what DaemonSets still have to place; `None` if any entry is negative.
    fn remaining(
        &self,
        (node, facts): (&StateNode, &Slot),
        overhead: Option<&Resources>,
    ) -> Option<Amounts> {
        let Some(overhead) = overhead else {
            return (!facts.is_overdrawn).then(|| self.universe.amounts(&facts.available));
        };
        let to_come: Resources = overhead
            .subtract(&node.usage.daemon_requested)
            .iter()
            .map(|(name, quantity)| (name.clone(), quantity.max(Quantity::ZERO)))
            .collect();
        let remaining = facts.available.subtract(&to_come);
        (!has_negative(&remaining)).then(|| self.universe.amounts(&remaining))
    }
}

fn bound_ports(node: &StateNode) -> Vec<HostPort> {
    let pods = node.usage.pods.values();
    pods.flat_map(|pod| pod.shape.host_ports.iter().cloned()).collect()
}
