//! What plans have in common: nodes and the pods on them, as far as that does not depend on what is asked.
//!
//! A cluster changes little between two plans. A base that is kept from one plan to the next reads only the nodes
//! whose objects or pods have changed since; the rest it knows by the address of their objects, which never change.
//!
//! # Guarantees
//!
//! A plan on a base that has seen any other inputs before is byte for byte the plan on a new one. Memory is bounded by
//! the inputs: what no node has any more is forgotten when it outweighs the rest.

use std::cell::RefCell;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::input::SchedulingInput;
use super::universe::has_negative;
use crate::api::labels;
use crate::model::ids::{LabelKey, NodeName, NodePoolName};
use crate::model::label_rules::LabelNormalization;
use crate::model::label_selector::Labels;
use crate::model::node::Node;
use crate::model::node_claim::NodeClaim;
use crate::model::requirement::Requirement;
use crate::model::requirements::Requirements;
use crate::model::resources::Resources;
use crate::model::taints::Taint;
use crate::state::{NodeUsage, StateNode};
use label_table::LabelTable;
use numbering::Numbering;
use pod_counts::PodCounts;

pub(super) mod label_table;
pub(super) mod numbering;
pub(super) mod pod_counts;

#[cfg(test)]
mod tests;

/// Numbers beyond this many per node are mostly those of nodes that are gone.
const MOST_PER_NODE: usize = 4;

/// Numbers up to this many are kept whatever the number of nodes.
const FEW: usize = 4096;

/// Nodes of the last input, by slot.
#[derive(Debug, Default)]
pub struct Base {
    normalization: Option<Arc<LabelNormalization>>,
    round: u64,
    slots: Vec<Option<Slot>>,
    free: Vec<usize>,
    by_address: FxHashMap<Address, usize>,
    /// Slots of the nodes of the input that pods may be placed on, then of those that leave; in the order of the input.
    at: Vec<usize>,
    n_nodes: usize,
    /// Positions among the nodes of the input, in the order pods try them.
    order: Vec<usize>,
    pub(super) labels: LabelTable,
    pub(super) taints: Numbering<Vec<Taint>>,
    pub(super) hosts: Numbering<Arc<str>>,
    pub(super) names: Numbering<NodeName>,
    pub(super) counts: RefCell<PodCounts>,
}

/// Where the objects of a node are; zero for one that is not there.
type Address = (usize, usize);

/// A node as far as it is the same for whoever asks.
#[derive(Debug)]
pub(super) struct Slot {
    /// Kept, so that nothing else can come to be at their address.
    node: Option<Arc<Node>>,
    claim: Option<Arc<NodeClaim>>,
    usage: Arc<NodeUsage>,
    round: u64,
    key: (bool, Arc<str>),
    /// NodePool it was made from.
    pub(super) pool: Option<NodePoolName>,
    /// Number of the taints that pods have to tolerate.
    pub(super) taints: usize,
    /// Row of its labels.
    pub(super) row: usize,
    /// Number of its host name.
    pub(super) host: usize,
    /// Full capacity.
    pub(super) capacity: Resources,
    allocatable: Resources,
    /// Allocatable less what bound pods ask for.
    pub(super) available: Resources,
    /// Whether some entry of `available` is negative.
    pub(super) is_overdrawn: bool,
    /// Its Node object, if there is one.
    pub(super) object: Option<ObjectFacts>,
}

/// What topology looks at of a Node object.
#[derive(Debug, Clone, Copy)]
pub(super) struct ObjectFacts {
    /// Number of the object's name.
    pub(super) name: usize,
    /// Number of its taints.
    pub(super) taints: usize,
    /// Row of its labels; that of the slot where the object speaks for the node.
    pub(super) row: usize,
    /// Number of the host name its labels say, else of its name.
    pub(super) host: usize,
}

impl Base {
    /// The base of one input.
    pub(super) fn of(input: &SchedulingInput) -> Self {
        let mut base = Self::default();
        base.refresh(input);
        base
    }

    /// Takes note of the nodes of `input`. Linear in nodes, but only those that have changed are read.
    pub(super) fn refresh(&mut self, input: &SchedulingInput) {
        let is_new = |known: &Arc<_>| !Arc::ptr_eq(known, &input.normalization);
        if self.normalization.as_ref().is_none_or(is_new) || self.is_bloated() {
            let normalization = Some(input.normalization.clone());
            *self = Self { normalization, ..Self::default() };
        }
        self.round += 1;
        self.n_nodes = input.nodes.len();
        let mut has_moved = false;
        for (position, state) in input.nodes.iter().chain(&input.leaving).enumerate() {
            let slot = self.slot_of(position, state, &input.normalization);
            match self.at.get_mut(position) {
                Some(known) => {
                    has_moved |= *known != slot;
                    *known = slot;
                }
                None => {
                    has_moved = true;
                    self.at.push(slot);
                }
            }
        }
        self.at.truncate(input.nodes.len() + input.leaving.len());
        if has_moved || self.order.len() != self.n_nodes {
            self.forget_others();
            self.order = (0..self.n_nodes).collect();
            let (at, slots) = (&self.at, &self.slots);
            let key = |position: &usize| slots[at[*position]].as_ref().map(|slot| &slot.key);
            self.order.sort_by(|a, b| key(a).cmp(&key(b)));
        }
    }

    /// The node of the input at `position`, those that leave after all others.
    pub(super) fn node(&self, position: usize) -> &Slot {
        self.slots[self.at[position]].as_ref().expect("invariant: nodes of the input have slots")
    }

    /// Positions of nodes that pods may be placed on, in the order they are tried: initialized ones first, then by
    /// name.
    pub(super) fn order(&self) -> &[usize] {
        &self.order
    }

    /// All Node objects: those of nodes that pods may be placed on, then those of nodes that leave.
    pub(super) fn objects(&self) -> impl Iterator<Item = ObjectFacts> {
        (0..self.at.len()).filter_map(|position| self.node(position).object)
    }

    /// Distinct lists of taints of nodes that pods may be placed on.
    pub(super) fn taints_of_nodes(&self) -> impl Iterator<Item = &[Taint]> {
        let mut is_used = vec![false; self.taints.len()];
        (0..self.n_nodes).for_each(|position| is_used[self.node(position).taints] = true);
        let used = is_used.into_iter().enumerate().filter(|(_, is_used)| *is_used);
        used.map(|(taints, _)| &**self.taints.get(taints))
    }

    /// Distinct things that nodes and Node objects say of `key`.
    pub(super) fn said_of(&self, key: &LabelKey) -> Vec<&Requirement> {
        let of_nodes = (0..self.n_nodes).map(|position| self.node(position).row);
        self.labels.said_of(key, of_nodes.chain(self.objects().map(|object| object.row)))
    }

    /// Capacity of all nodes of `pool` that pods may be placed on.
    pub(super) fn capacity_of(&self, pool: &NodePoolName) -> Resources {
        let mut sum = Resources::new();
        let own = (0..self.n_nodes).map(|position| self.node(position));
        own.filter(|slot| slot.pool.as_ref() == Some(pool))
            .for_each(|slot| sum.add_in_place(&slot.capacity));
        sum
    }

    fn slot_of(
        &mut self,
        position: usize,
        state: &StateNode,
        normalization: &LabelNormalization,
    ) -> usize {
        let address = (address(state.node.as_ref()), address(state.claim.as_ref()));
        let here = self.at.get(position).copied();
        let is_it = |slot: &usize| {
            let known = self.slots[*slot].as_ref();
            known.is_some_and(|known| known.address() == address)
        };
        let known = here.filter(is_it).or_else(|| self.by_address.get(&address).copied());
        let at = known.unwrap_or_else(|| self.add(state, address, normalization));
        let slot = self.slots[at].as_mut().expect("invariant: known slots are taken");
        slot.round = self.round;
        if !Arc::ptr_eq(&slot.usage, &state.usage) {
            slot.count(&state.usage);
        }
        at
    }

    fn add(
        &mut self,
        state: &StateNode,
        address: Address,
        normalization: &LabelNormalization,
    ) -> usize {
        let row = self.labels.add(&read(state.labels(), normalization));
        let allocatable = state.allocatable();
        let mut slot = Slot {
            node: state.node.clone(),
            claim: state.claim.clone(),
            usage: state.usage.clone(),
            round: self.round,
            key: (!state.is_initialized(), state.name().into()),
            pool: state.pool(),
            taints: self.taints.number(&state.taints()),
            row,
            host: self.hosts.number(&state.hostname().into()),
            capacity: state.capacity(),
            available: allocatable.clone(),
            allocatable,
            is_overdrawn: false,
            object: None,
        };
        slot.object = state.node.as_ref().map(|node| {
            let is_it = std::ptr::eq(&node.labels, state.labels());
            let host = node.label(labels::HOSTNAME).unwrap_or(node.name.as_str());
            ObjectFacts {
                name: self.names.number(&node.name),
                taints: self.taints.number(&node.taints),
                row: if is_it { row } else { self.labels.add(&read(&node.labels, normalization)) },
                host: self.hosts.number(&host.into()),
            }
        });
        slot.count(&state.usage);
        let at = match self.free.pop() {
            Some(free) => {
                self.slots[free] = Some(slot);
                free
            }
            None => {
                self.slots.push(Some(slot));
                self.slots.len() - 1
            }
        };
        self.by_address.insert(address, at);
        at
    }

    /// Frees the slots of nodes that the input does not have.
    fn forget_others(&mut self) {
        for (at, own) in self.slots.iter_mut().enumerate() {
            if let Some(slot) = own.take_if(|slot| slot.round != self.round) {
                self.by_address.remove(&slot.address());
                self.labels.remove(slot.row);
                if let Some(object) = slot.object.filter(|object| object.row != slot.row) {
                    self.labels.remove(object.row);
                }
                self.free.push(at);
            }
        }
    }

    fn is_bloated(&self) -> bool {
        let most = FEW.max(MOST_PER_NODE * self.at.len());
        let n_numbers =
            [self.hosts.len(), self.names.len(), self.taints.len(), self.labels.most_values()];
        n_numbers.into_iter().any(|n| n > most)
    }
}

impl Slot {
    fn address(&self) -> Address {
        (address(self.node.as_ref()), address(self.claim.as_ref()))
    }

    fn count(&mut self, usage: &Arc<NodeUsage>) {
        self.usage = usage.clone();
        self.available = self.allocatable.subtract(&usage.requested);
        self.is_overdrawn = has_negative(&self.available);
    }
}

fn address<T>(object: Option<&Arc<T>>) -> usize {
    object.map_or(0, |object| Arc::as_ptr(object).addr())
}

fn read(labels: &Labels, normalization: &LabelNormalization) -> Requirements {
    Requirements::from_labels(labels.iter().map(|(key, value)| (&**key, &**value)), normalization)
}
