//! Nodes that are there or under way, as bins.

use std::collections::BTreeSet;

use rustc_hash::FxHashMap;

use super::class::{Class, Level};
use super::daemon_overhead::{self, Daemon};
use super::host_ports;
use super::node_index::NodeIndex;
use super::open_claim::Ask;
use super::universe::{Amounts, Universe, covers, has_negative};
use super::unsettled::Unsettled;
use super::volumes::{self, Attachments, NodeVolumes};
use super::world::{SetId, World};
use crate::api::labels;
use crate::model::label_rules::LabelNormalization;
use crate::model::label_selector::Labels;
use crate::model::node::Node;
use crate::model::pod::HostPort;
use crate::model::quantity::Quantity;
use crate::model::requirement::Requirement;
use crate::model::requirements::Requirements;
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
    /// Spellings of labels.
    pub(super) normalization: &'r LabelNormalization,
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
    /// Reads `nodes`. Linear in nodes and labels; DaemonSets are matched once per distinct labels and taints.
    pub(super) fn read(
        nodes: &'a [StateNode],
        reader: &NodeReader<'_, '_>,
        world: &mut World<'_>,
    ) -> Self {
        let mut sorted: Vec<&StateNode> = nodes.iter().collect();
        sorted.sort_by_key(|node| (!node.is_initialized(), node.name()));
        let mut taints: Vec<Vec<Taint>> = vec![];
        let mut unsettled: Vec<bool> = vec![];
        let mut taint_ids: FxHashMap<(Vec<Taint>, bool), usize> = FxHashMap::default();
        let mut overheads: FxHashMap<(SetId, usize), Option<Resources>> = FxHashMap::default();
        let all: Vec<ExistingNode<'_>> = sorted
            .into_iter()
            .map(|state| {
                let set = world.read(&reader.labels(state));
                let own = (state.taints(), reader.unsettled.contains(state));
                let taint = *taint_ids.entry(own).or_insert_with_key(|(own, is_unsettled)| {
                    taints.push(own.clone());
                    unsettled.push(*is_unsettled);
                    taints.len() - 1
                });
                let overhead = overheads.entry((set, taint)).or_insert_with(|| {
                    let runs = |d: &&Daemon<'_>| d.runs_on(set, &taints[taint], world);
                    daemon_overhead::requests(reader.daemons.iter().filter(runs))
                });
                let volumes = reader.attachments.of_node(state);
                let is_exceeded = volumes.as_ref().is_some_and(|own| own.is_exceeded());
                let remaining = reader.remaining(state, overhead.as_ref());
                let remaining = remaining.filter(|_| !is_exceeded);
                let ports = if reader.needs_ports { bound_ports(state) } else { vec![] };
                ExistingNode { state, set, taints: taint, remaining, ports, volumes, pods: vec![] }
            })
            .collect();
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
    /// The labels of a Node object that anybody speaks of.
    pub(super) fn labels_of(&self, node: &Node) -> Requirements {
        self.spoken(&node.labels)
    }

    fn spoken(&self, labels: &Labels) -> Requirements {
        let spoken = |key: &str| self.keys.contains(self.normalization.key(key).as_str());
        let own = labels.iter().map(|(key, value)| (&**key, &**value));
        Requirements::from_labels(own.filter(|(key, _)| spoken(key)), self.normalization)
    }

    /// The labels anybody speaks of; the host name is that of the label, else the name.
    fn labels(&self, node: &StateNode) -> Requirements {
        if self.keys.is_empty() {
            return Requirements::new();
        }
        let mut labels = self.spoken(node.labels());
        if self.keys.contains(labels::HOSTNAME) {
            labels.add(Requirement::in_values(labels::HOSTNAME, [node.hostname()]));
        }
        labels
    }

    /// Available less what DaemonSets still have to place; `None` if any entry is negative.
    fn remaining(&self, node: &StateNode, overhead: Option<&Resources>) -> Option<Amounts> {
        let to_come: Resources = overhead
            .map(|overhead| overhead.subtract(&node.usage.daemon_requested))
            .unwrap_or_default()
            .iter()
            .map(|(name, quantity)| (name.clone(), quantity.max(Quantity::ZERO)))
            .collect();
        let remaining = node.available().subtract(&to_come);
        (!has_negative(&remaining)).then(|| self.universe.amounts(&remaining))
    }
}

fn bound_ports(node: &StateNode) -> Vec<HostPort> {
    let pods = node.usage.pods.values();
    pods.flat_map(|pod| pod.shape.host_ports.iter().cloned()).collect()
}
