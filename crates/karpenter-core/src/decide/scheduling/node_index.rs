//! Existing nodes as rows of bits, so that a class of pods looks only at nodes that can take it.
//!
//! Rows hold what was true when the solve began. Room only shrinks, so a node that had too little never has enough; a
//! node whose labels were changed by a new pod is a candidate for everybody from then on.

use std::rc::Rc;

use fixedbitset::{Block, FixedBitSet};
use rustc_hash::FxHashMap;

use super::existing_node::ExistingNode;
use super::label_rows::{LabelRows, Members, Silence};
use super::open_claim::Ask;
use super::universe::Amounts;
use super::world::World;

/// Rows over the nodes of a solve.
#[derive(Debug)]
pub(super) struct NodeIndex {
    labels: LabelRows,
    /// Nodes with some room, by taints.
    usable: Vec<FixedBitSet>,
    /// Per node what it had left.
    room: Vec<Option<Amounts>>,
    /// By resource and amount: nodes that had as much.
    rooms: FxHashMap<(usize, i128), Rc<FixedBitSet>>,
    /// Nodes whose labels are not those they started with.
    changed: FixedBitSet,
    /// The same in the order they changed, maybe repeated.
    changes: Vec<usize>,
}

/// Nodes that have not refused pods of a class for good.
#[derive(Debug)]
pub(super) struct OpenNodes {
    open: FixedBitSet,
    /// Per list of taints whether it is put up with.
    tolerated: Vec<bool>,
    /// How many changes of labels are taken into account.
    n_seen: usize,
}

impl OpenNodes {
    /// The first node from `from` on.
    pub(super) fn next(&self, from: usize) -> Option<usize> {
        next_one(&self.open, from)
    }

    /// The node number `at` has refused for good.
    pub(super) fn remove(&mut self, at: usize) {
        self.open.remove(at);
    }
}

impl NodeIndex {
    /// Indexes `nodes`, which have one of `n_taints` lists of taints each.
    pub(super) fn new(nodes: &[ExistingNode<'_>], n_taints: usize) -> Self {
        let none = FixedBitSet::with_capacity(nodes.len());
        let mut usable = vec![none.clone(); n_taints];
        for (at, node) in nodes.iter().enumerate().filter(|(_, node)| node.remaining.is_some()) {
            usable[node.taints].insert(at);
        }
        let sets = nodes.iter().map(|node| node.set).collect();
        Self {
            labels: LabelRows::new(Members::Sets(sets, Silence::IsAbsence)),
            usable,
            room: nodes.iter().map(|node| node.remaining.clone()).collect(),
            rooms: FxHashMap::default(),
            changed: none,
            changes: vec![],
        }
    }

    /// The labels of the node number `at` have changed.
    pub(super) fn note_change(&mut self, at: usize) {
        self.changed.insert(at);
        self.changes.push(at);
    }

    /// Nodes that may take `ask`, `tolerated` telling for each list of taints whether it is put up with. Every node
    /// left out refuses for good, unless its labels change.
    pub(super) fn candidates(
        &mut self,
        ask: Ask<'_>,
        tolerated: Vec<bool>,
        world: &World<'_>,
    ) -> OpenNodes {
        let mut open = self.labels.matching(ask.set, world);
        open.union_with(&self.changed);
        let mut usable = FixedBitSet::with_capacity(self.room.len());
        for (members, _) in self.usable.iter().zip(&tolerated).filter(|(_, is)| **is) {
            usable.union_with(members);
        }
        open.intersect_with(&usable);
        for (resource, amount) in ask.amounts.iter().enumerate() {
            open.intersect_with(&self.with_room(resource, *amount));
        }
        OpenNodes { open, tolerated, n_seen: self.changes.len() }
    }

    /// Adds nodes whose labels have changed since `known` was last looked at.
    pub(super) fn catch_up(&self, known: &mut OpenNodes, nodes: &[ExistingNode<'_>]) {
        for at in &self.changes[known.n_seen..] {
            if known.tolerated[nodes[*at].taints] && nodes[*at].remaining.is_some() {
                known.open.insert(*at);
            }
        }
        known.n_seen = self.changes.len();
    }

    fn with_room(&mut self, resource: usize, amount: i128) -> Rc<FixedBitSet> {
        let Self { room, rooms, .. } = self;
        let row = rooms.entry((resource, amount)).or_insert_with(|| {
            let has_room =
                |left: &Option<Amounts>| left.as_ref().is_some_and(|left| left[resource] >= amount);
            let mut row = FixedBitSet::with_capacity(room.len());
            row.extend((0..room.len()).filter(|at| has_room(&room[*at])));
            Rc::new(row)
        });
        row.clone()
    }
}

/// The first member of `set` from `from` on.
fn next_one(set: &FixedBitSet, from: usize) -> Option<usize> {
    let width = usize::try_from(Block::BITS).expect("invariant: words are short");
    let words = set.as_slice();
    let mut at = from / width;
    let mut word = words.get(at)? & (Block::MAX << (from % width));
    while word == 0 {
        at += 1;
        word = *words.get(at)?;
    }
    Some(at * width + usize::try_from(word.trailing_zeros()).expect("invariant: words are short"))
}
