//! A claim that is being filled.

use fixedbitset::FixedBitSet;

use super::host_ports;
use super::index::TypeIndex;
use super::reservations::{Held, Reservations};
use super::template::{Load, Template};
use super::topology::TrialId;
use super::universe::{Amounts, add, subtract};
use super::volumes::VolumeLoad;
use super::world::{Meeting, Reading, SetId, World};
use crate::model::pod::HostPort;

/// A node to be made, while pods are still added to it.
#[derive(Debug, Clone)]
pub(super) struct OpenClaim {
    /// Which template it comes from.
    pub(super) template: usize,
    /// What it has to be.
    pub(super) set: SetId,
    /// Instance types it can still be.
    pub(super) types: FixedBitSet,
    /// What its pods ask for together.
    pub(super) total: Amounts,
    /// Ports its pods take.
    pub(super) ports: Vec<HostPort>,
    /// Its pods, as indices into the input.
    pub(super) pods: Vec<usize>,
    /// Some `minValues` was lowered when it was opened.
    pub(super) min_values_relaxed: bool,
    /// Reservations it may come to use.
    pub(super) held: Held,
}

/// What a pod asks of a bin.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ask<'p> {
    /// Labels.
    pub(super) set: SetId,
    /// Resources, with itself as one pod.
    pub(super) amounts: &'p [i128],
    /// Host ports.
    pub(super) ports: &'p [HostPort],
    /// Volumes, as far as something limits them.
    pub(super) volumes: Option<&'p VolumeLoad>,
}

/// What a claim becomes with one pod more.
#[derive(Debug)]
pub(super) struct Delta {
    /// What it has to be.
    pub(super) set: SetId,
    /// Instance types it can be.
    pub(super) types: FixedBitSet,
    /// Reservations it may come to use.
    pub(super) held: Held,
}

/// What a claim is looked up in while it is asked to take a pod.
pub(super) type Tables<'t, 'w> = (&'t mut TypeIndex, &'t World<'w>, &'t mut Reservations);

/// Until when a bin need not be asked again by pods that are equal in everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Closed {
    /// It has not refused.
    No,
    /// As long as its requirements stay what they are: its room and its types only shrink.
    While(SetId),
    /// As long as topology lets it become the same sets only.
    Tried(TrialId),
    /// For the rest of the solve.
    ForGood,
}

/// How long a refusal holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refused {
    /// As long as others hold the reservations they hold.
    Deferred,
    /// As long as it is asked to become the same.
    ForNow,
    /// For the rest of the solve.
    ForGood,
}

impl OpenClaim {
    /// What the claim becomes when it takes the pod; the claim itself does not change.
    ///
    /// # Errors
    /// How long the refusal holds.
    pub(super) fn try_add(
        &self,
        ask: Ask<'_>,
        template: &Template<'_>,
        (index, world, reservations): (&mut TypeIndex, &mut World<'_>, &mut Reservations),
    ) -> Result<Delta, Closed> {
        match world.meet(self.set, ask.set, Reading::Claim) {
            Meeting::Joined(set) => {
                let added = self.try_become(&[set], ask, template, (index, world, reservations));
                added.map_err(|refused| match refused {
                    Refused::Deferred => Closed::No,
                    Refused::ForNow => Closed::While(self.set),
                    Refused::ForGood => Closed::ForGood,
                })
            }
            Meeting::NotNow => Err(Closed::While(self.set)),
            Meeting::Never => Err(Closed::ForGood),
        }
    }

    /// What the claim becomes when it takes the pod and is narrowed to the first of `sets` for which that is possible.
    ///
    /// # Errors
    /// Whether another set might do.
    pub(super) fn try_become(
        &self,
        sets: &[SetId],
        ask: Ask<'_>,
        template: &Template<'_>,
        (index, world, reservations): Tables<'_, '_>,
    ) -> Result<Delta, Refused> {
        if host_ports::conflict(ask.ports, &self.ports) {
            return Err(Refused::ForGood);
        }
        let mut total = self.total.clone();
        add(&mut total, ask.amounts);
        let load = Load { total: &total, ports: ask.ports };
        let mut is_short_of_reservations = false;
        for set in sets.iter().copied() {
            let types = template.keep(set, load, &self.types, (index, world));
            let is_enough = !types.is_clear()
                && template.lets_grow(&self.types, &types)
                && Template::shortfalls(&types, set, (index, world)).is_empty();
            if !is_enough {
                continue;
            }
            let tables = (&*index, world);
            match reservations.hold(&self.held, (set, &types), template.index, tables) {
                Ok(held) => return Ok(Delta { set, types, held }),
                Err(_) => is_short_of_reservations = true,
            }
        }
        if is_short_of_reservations {
            return Err(Refused::Deferred);
        }
        let has_room = template.has_room(load, &self.types, index);
        Err(if has_room { Refused::ForNow } else { Refused::ForGood })
    }

    /// Takes the pod number `pod`, as [`try_add`](Self::try_add) found possible; returns what the claim was.
    pub(super) fn commit(&mut self, pod: usize, ask: Ask<'_>, delta: Delta) -> Delta {
        let before = self.turn_into(delta);
        self.first(pod, ask);
        before
    }

    /// Loses its last pod and turn_intos what it was before.
    pub(super) fn revert(&mut self, ask: Ask<'_>, before: Delta) {
        self.turn_into(before);
        self.pods.pop();
        self.ports.truncate(self.ports.len() - ask.ports.len());
        subtract(&mut self.total, ask.amounts);
    }

    fn turn_into(&mut self, delta: Delta) -> Delta {
        Delta {
            set: std::mem::replace(&mut self.set, delta.set),
            types: std::mem::replace(&mut self.types, delta.types),
            held: std::mem::replace(&mut self.held, delta.held),
        }
    }

    /// Takes the pod a new claim was opened for.
    pub(super) fn first(&mut self, pod: usize, ask: Ask<'_>) {
        self.pods.push(pod);
        self.ports.extend_from_slice(ask.ports);
        add(&mut self.total, ask.amounts);
    }
}
