//! What was changed since a mark, so that it can be taken back: a simulation edits the one working state and rolls back.
//!
//! [`Solver::find`](super::solve) tries without changing anything; [`Solver::commit`] changes and notes what was there;
//! [`Solver::rollback`] restores it, last change first. Rows, requirement sets and other memos are true of any state
//! and stay. What classes have learned about bins since the mark is forgotten.
//!
//! Nothing is noted before the first mark, so that a plain solve pays nothing.

use fixedbitset::FixedBitSet;

use super::devices::Found;
use super::explain;
use super::open_claim::Delta;
use super::order;
use super::reservations::Held;
use super::solve::{Place, Solver};
use super::topology::{Increment, Spot};
use super::universe::{add, subtract};
use super::volumes::NodeVolumes;
use super::world::SetId;
use crate::decide::devices::{Allocation, Ledger};
use crate::model::quantity::Quantity;

/// Changes in the order they were made.
#[derive(Debug, Default)]
pub(super) struct Journal {
    entries: Vec<Entry>,
    is_recording: bool,
}

/// A state to go back to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mark(usize);

/// One change.
#[derive(Debug)]
enum Entry {
    /// A class may have learned where it cannot go.
    Tried { class: usize },
    /// A pod got a place.
    Placed {
        pod: usize,
        class: usize,
        level: usize,
        before: Before,
        counted: Vec<Increment>,
        /// Who was promised which devices, if anybody claims some.
        ledger: Option<Box<Ledger>>,
    },
}

/// What the bin was before it took a pod.
#[derive(Debug)]
enum Before {
    /// A node with these labels, and these volumes if the pod has added some.
    Node { at: usize, set: SetId, volumes: Option<Box<NodeVolumes>> },
    /// A claim like this, which stood there in the order of trying.
    Claim { at: usize, delta: Delta, stood: order::Moved },
    /// There was no claim, and the template had this left of its limits.
    Nothing { template: usize, left: Vec<Quantity> },
}

impl Journal {
    /// Notes that a place for pods of `class` is being looked for.
    pub(super) fn tried(&mut self, class: usize) {
        let is_noted =
            matches!(self.entries.last(), Some(Entry::Tried { class: last }) if *last == class);
        if self.is_recording && !is_noted {
            self.entries.push(Entry::Tried { class });
        }
    }
}

impl Solver<'_> {
    /// The state as it is now; from here on changes are noted.
    #[cfg_attr(not(test), expect(dead_code, reason = "disruption will simulate on it"))]
    pub(super) fn mark(&mut self) -> Mark {
        self.journal.is_recording = true;
        Mark(self.journal.entries.len())
    }

    /// Puts the pod where a place was found.
    pub(super) fn commit(
        &mut self,
        pod: usize,
        (class, level): (usize, usize),
        (place, devices): Found,
    ) {
        if let Place::NewClaim(claim) = &place {
            let before = explain::refusals(self, (class, level), 0..claim.template);
            self.passed_over.push(before);
        }
        let ledger = self.promise(&place, devices.as_deref());
        let shape = &self.classes.shapes[self.classes.all[class].shape];
        let ask = self.classes.all[class].ask(shape, level);
        let (audience, owned) = (shape.audience, &shape.owned);
        let (spot, before) = match place {
            Place::Node(at, set) => {
                let node = &mut self.nodes.all[at];
                if node.set != set {
                    self.nodes.index.note_change(at);
                }
                node.pods.push(pod);
                node.ports.extend_from_slice(ask.ports);
                if let Some(left) = &mut node.remaining {
                    subtract(left, ask.amounts);
                }
                let volumes = ask.volumes.and_then(|load| {
                    let own = node.volumes.as_mut()?;
                    let before = own.clone();
                    own.add(load);
                    Some(before)
                });
                let set_before = std::mem::replace(&mut node.set, set);
                let before = Before::Node { at, set: set_before, volumes };
                let taints = &*self.nodes.taints[node.taints];
                (Spot { host: self.topology.host_of_node(at), set, taints }, before)
            }
            Place::Claim(at, delta) => {
                let set = delta.set;
                let taints = &*self.templates[self.claims[at].template].supply.pool.template.taints;
                let delta = self.claims[at].commit(pod, ask, delta);
                self.reservations.exchange(&delta.held, &self.claims[at].held);
                if self.input.options.refund_limits {
                    let claim = &self.claims[at];
                    let remaining = &mut self.templates[claim.template].remaining;
                    remaining.recharge(&delta.types, &claim.types);
                }
                let before = Before::Claim { at, delta, stood: self.order.gain(at, set) };
                (Spot { host: self.topology.host_of_claim(at), set, taints }, before)
            }
            Place::NewClaim(mut claim) => {
                claim.first(pod, ask);
                self.reservations.exchange(&Held::new(), &claim.held);
                let remaining = &mut self.templates[claim.template].remaining;
                let before =
                    Before::Nothing { template: claim.template, left: remaining.amounts() };
                remaining.debit(&claim.types);
                let taints = &*self.templates[claim.template].supply.pool.template.taints;
                let host = self.topology.host_of_claim(self.claims.len());
                let spot = Spot { host, set: claim.set, taints };
                self.order.push(claim.set);
                self.claims.push(*claim);
                (spot, before)
            }
        };
        let counted = self.topology.record((audience, owned), spot, &self.world);
        if self.journal.is_recording {
            let entry = Entry::Placed { pod, class, level, before, counted, ledger };
            self.journal.entries.push(entry);
        }
        self.classes.all[class].placed();
        self.placed_at[pod] = Some(level);
        self.n_placed += 1;
    }

    /// Notes devices that a pod gets in its place; what was promised before, if that is recorded.
    fn promise(&mut self, place: &Place, devices: Option<&Allocation>) -> Option<Box<Ledger>> {
        let desk = self.devices.as_mut()?;
        let before = self.journal.is_recording.then(|| Box::new(desk.ledger().clone()));
        desk.promise(place, self.claims.len(), devices);
        before
    }

    /// Restores the state at `mark`; marks made later are no longer valid.
    #[cfg_attr(not(test), expect(dead_code, reason = "disruption will simulate on it"))]
    pub(super) fn rollback(&mut self, mark: Mark) {
        let mut touched = FixedBitSet::with_capacity(self.classes.all.len());
        while self.journal.entries.len() > mark.0 {
            match self.journal.entries.pop() {
                Some(Entry::Tried { class }) => touched.insert(class),
                Some(Entry::Placed { pod, class, level, before, counted, ledger }) => {
                    if let Some((desk, ledger)) = self.devices.as_mut().zip(ledger) {
                        desk.restore(*ledger);
                    }
                    self.topology.take_back(&counted);
                    self.take_back((class, level), before);
                    self.classes.all[class].n_waiting += 1;
                    self.placed_at[pod] = None;
                    self.n_placed -= 1;
                    touched.insert(class);
                }
                None => break,
            }
        }
        for class in touched.ones() {
            let n_levels = self.classes.shapes[self.classes.all[class].shape].levels.len();
            self.classes.all[class].forget(n_levels, self.classes.n_templates);
        }
    }

    fn take_back(&mut self, (class, level): (usize, usize), before: Before) {
        let shape = &self.classes.shapes[self.classes.all[class].shape];
        let ask = self.classes.all[class].ask(shape, level);
        match before {
            Before::Node { at, set, volumes } => {
                let node = &mut self.nodes.all[at];
                if node.set != set {
                    self.nodes.index.note_change(at);
                }
                node.set = set;
                if volumes.is_some() {
                    node.volumes = volumes;
                }
                node.pods.pop();
                node.ports.truncate(node.ports.len() - ask.ports.len());
                if let Some(left) = &mut node.remaining {
                    add(left, ask.amounts);
                }
            }
            Before::Claim { at, delta, stood } => {
                self.reservations.exchange(&self.claims[at].held, &delta.held);
                if self.input.options.refund_limits {
                    let claim = &self.claims[at];
                    let remaining = &mut self.templates[claim.template].remaining;
                    remaining.recharge(&claim.types, &delta.types);
                }
                self.claims[at].revert(ask, delta);
                self.order.lose(stood);
            }
            Before::Nothing { template, left } => {
                let claim = self.claims.pop();
                claim.inspect(|claim| self.reservations.exchange(&claim.held, &Held::new()));
                self.order.pop();
                self.passed_over.pop();
                self.templates[template].remaining.restore(&left);
            }
        }
    }
}
