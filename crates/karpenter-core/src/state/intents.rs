//! Our own intentions, each with an end.

use std::sync::Arc;

use imbl::{OrdMap, OrdSet};
use jiff::Timestamp;

use super::collection::ended;
use super::event::Intent;
use crate::model::capacity_buffer::{Room, Round};
use crate::model::ids::{NodeClaimName, NodeName, ObjectKey, Uid};
use crate::model::pod::Pod;

/// What we have decided but the cluster does not show yet.
#[derive(Debug, Clone, Default)]
pub struct Intents {
    nodes: OrdMap<NodeName, Timestamp>,
    claims: OrdMap<NodeClaimName, Timestamp>,
    marked: OrdSet<NodeClaimName>,
    planned: OrdMap<NodeClaimName, OrdMap<Uid, Arc<Pod>>>,
    room: Arc<Room>,
}

impl Intents {
    /// Until when pods are expected on `node`; `None` when none are.
    pub fn node_nominated_until(&self, node: &NodeName) -> Option<Timestamp> {
        self.nodes.get(node).copied()
    }

    /// Until when pods are expected on the node of `claim`; `None` when none are.
    pub fn claim_nominated_until(&self, claim: &NodeClaimName) -> Option<Timestamp> {
        self.claims.get(claim).copied()
    }

    /// The pods `claim` was created for, as they were then; `None` when this process did not create it.
    pub fn pods_planned_for(&self, claim: &NodeClaimName) -> Option<&OrdMap<Uid, Arc<Pod>>> {
        self.planned.get(claim)
    }

    /// Whether a disruption command is about to delete `claim`.
    pub fn is_marked_for_deletion(&self, claim: &NodeClaimName) -> bool {
        self.marked.contains(claim)
    }

    /// What the last round of planning made of all buffers.
    pub fn room(&self) -> &Arc<Room> {
        &self.room
    }

    /// What the last round of planning made of a buffer; `None` when it has not seen it.
    pub fn round_of(&self, buffer: &ObjectKey) -> Option<Round> {
        self.room.rounds.get(buffer).copied()
    }

    /// Buffers that have room on a node, which may still be known by the name of its claim; in key order.
    pub fn buffers_on<'a>(
        &'a self,
        node: &NodeName,
        claim: &NodeClaimName,
    ) -> impl Iterator<Item = &'a ObjectKey> {
        let by_node = self.room.nodes.get(node).into_iter().flatten();
        by_node.chain(self.room.claims.get(claim).into_iter().flatten())
    }

    pub(super) fn apply(&mut self, intent: Intent) {
        match intent {
            Intent::NominateNode { node, until } => {
                let until = self.nodes.get(&node).map_or(until, |known| (*known).max(until));
                self.nodes.insert(node, until);
            }
            Intent::NominateClaim { claim, until } => {
                let until = self.claims.get(&claim).map_or(until, |known| (*known).max(until));
                self.claims.insert(claim, until);
            }
            Intent::PlanPods { claim, pods } => {
                let pods = pods.into_iter().map(|pod| (pod.uid.clone(), pod));
                self.planned.insert(claim, pods.collect());
            }
            Intent::KeepRoom(room) => self.room = room,
            Intent::ForgetClaim(claim) => self.forget_claim(&claim),
            Intent::MarkForDeletion(claim) => {
                self.marked.insert(claim);
            }
            Intent::UnmarkForDeletion(claim) => {
                self.marked.remove(&claim);
            }
        }
    }

    pub(super) fn forget_claim(&mut self, claim: &NodeClaimName) {
        self.marked.remove(claim);
        self.claims.remove(claim);
        self.planned.remove(claim);
    }

    pub(super) fn expire(&mut self, now: Timestamp) {
        for node in ended(&self.nodes, |until| *until <= now) {
            self.nodes.remove(&node);
        }
        for claim in ended(&self.claims, |until| *until <= now) {
            self.claims.remove(&claim);
        }
    }
}
