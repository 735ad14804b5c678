//! Pods that are equal in everything a placement looks at, and what is known about where they cannot go.

use std::rc::Rc;
use std::sync::Arc;

use fixedbitset::FixedBitSet;

use super::node_index::OpenNodes;
use super::open_claim::{Ask, Closed};
use super::report::Relaxation;
use super::reservations::NotReserved;
use super::topology::{Asker, AudienceId, Bonds, GroupId, TrialId};
use super::universe::Amounts;
use super::unschedulable::Unschedulable;
use super::volumes::VolumeLoad;
use super::world::SetId;
use crate::decide::devices::ClaimId;
use crate::model::pod::HostPort;
use crate::model::resources::Resources;
use crate::model::taints::{Taint, Toleration, is_tolerated};

/// Constraints shared by pods, with their relaxation ladder.
#[derive(Debug)]
pub(super) struct Shape<'a> {
    /// Host ports.
    pub(super) ports: &'a [HostPort],
    /// Steps of the ladder, the most demanding first; never empty.
    pub(super) levels: Rc<[Level]>,
    /// Groups that select its pods.
    pub(super) audience: AudienceId,
    /// Inverse groups its pods own.
    pub(super) owned: Rc<[GroupId]>,
    /// Where its volumes can be reached from, in the order of trying; empty when anywhere.
    pub(super) places: Rc<[SetId]>,
    /// Per level the groups its pods have to please.
    pub(super) bonds: Vec<Bonds>,
}

impl Shape<'_> {
    /// Who asks the groups at `level`.
    pub(super) fn asker(&self, level: usize) -> Asker<'_> {
        Asker { bonds: &self.bonds[level], strict: self.levels[level].strict, places: &self.places }
    }
}

/// One step of a shape's ladder.
#[derive(Debug)]
pub(super) struct Level {
    /// What is asked of labels.
    pub(super) set: SetId,
    /// The same without preferences.
    pub(super) strict: SetId,
    /// Topology groups its pods own.
    pub(super) groups: Vec<GroupId>,
    /// Taints put up with.
    pub(super) tolerations: Vec<Toleration>,
    /// Nothing can meet the level: the pod's own constraints, or places of its volumes, exclude each other.
    pub(super) is_impossible: bool,
    /// What was given up on the step to this level.
    pub(super) given_up: Option<Relaxation>,
}

impl Level {
    /// Whether every one of `taints` is put up with.
    pub(super) fn tolerates(&self, taints: &[Taint]) -> bool {
        taints.iter().all(|taint| is_tolerated(&self.tolerations, taint))
    }
}

/// Pods with one shape, equal requests and as many volumes.
#[derive(Debug)]
pub(super) struct Class {
    /// Which shape.
    pub(super) shape: usize,
    /// Requests, without the number of pods.
    pub(super) requests: Arc<Resources>,
    /// Requests, with one pod.
    pub(super) amounts: Amounts,
    /// What its pods add to the volumes of a node; `None` when nothing limits it.
    pub(super) volumes: Option<Rc<VolumeLoad>>,
    /// What its pods claim of devices; `None` when nothing.
    pub(super) device_claims: Option<Rc<[ClaimId]>>,
    /// Its pods may not go to nodes that have not settled.
    pub(super) shuns_unsettled: bool,
    /// Pods of the class that have no place yet.
    pub(super) n_waiting: usize,
    /// What is known at each level of the shape.
    pub(super) memory: Vec<Memory>,
    /// Number of placements at which no level found a place.
    pub(super) failed_at: Option<usize>,
    /// What the last attempt was given up for, although less preferred places were left to try.
    pub(super) deferred: Option<Deferred>,
}

/// A template that could have used reserved capacity if others did not hold it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Deferred {
    /// The level the pods were tried at.
    pub(super) level: usize,
    /// The template.
    pub(super) template: usize,
    /// What was missing.
    pub(super) why: NotReserved,
}

/// Where pods of a class cannot go at one level.
#[derive(Debug, Default)]
pub(super) struct Memory {
    /// Existing nodes that have not refused for good; made on first use.
    pub(super) nodes: Option<OpenNodes>,
    /// Per open claim, until when it is closed; claims beyond the end have not been asked.
    claims: Vec<Closed>,
    /// Open claims closed for good.
    gone: FixedBitSet,
    /// Per template, the version of its limits and the stamp of the groups at which it refused.
    pub(super) templates: Vec<Option<(u64, u64)>>,
}

impl Memory {
    /// Whether `claim`, which now has `set`, is known to refuse.
    pub(super) fn is_closed(&self, claim: usize, set: SetId) -> bool {
        match self.claims.get(claim) {
            None | Some(Closed::No) => false,
            Some(Closed::While(refused)) => *refused == set,
            Some(Closed::Tried(_)) => false,
            Some(Closed::ForGood) => true,
        }
    }

    /// Whether `claim` is known to refuse all sets of a trial.
    pub(super) fn has_tried(&self, claim: usize, trial: TrialId) -> bool {
        match self.claims.get(claim) {
            None | Some(Closed::No | Closed::While(_)) => false,
            Some(Closed::Tried(refused)) => *refused == trial,
            Some(Closed::ForGood) => true,
        }
    }

    /// Open claims that are closed for good.
    pub(super) fn gone(&self) -> &FixedBitSet {
        &self.gone
    }

    /// Notes that `claim` refused.
    pub(super) fn close(&mut self, claim: usize, until: Closed) {
        if self.claims.len() <= claim {
            self.claims.resize(claim + 1, Closed::No);
        }
        self.claims[claim] = until;
        if until == Closed::ForGood {
            self.gone.grow(claim + 1);
            self.gone.insert(claim);
        }
    }
}

impl Class {
    /// What its pods ask of a bin at `level`.
    pub(super) fn ask<'c>(&'c self, shape: &'c Shape<'_>, level: usize) -> Ask<'c> {
        Ask {
            set: shape.levels[level].set,
            amounts: &self.amounts,
            ports: shape.ports,
            volumes: self.volumes.as_deref(),
        }
    }

    /// One of its pods has lost its place again, or may have learned what does not hold any more: nothing is known.
    pub(super) fn forget(&mut self, n_levels: usize, n_templates: usize) {
        let memory = || Memory { templates: vec![None; n_templates], ..Memory::default() };
        self.memory = std::iter::repeat_with(memory).take(n_levels).collect();
        self.failed_at = None;
        self.deferred = None;
    }

    /// One of its pods has found a place; what is known is dropped with the last one.
    pub(super) fn placed(&mut self) {
        self.n_waiting -= 1;
        if self.n_waiting == 0 {
            self.memory = vec![];
        }
    }
}

/// Every pod of the input with its class.
#[derive(Debug, Default)]
pub(super) struct Classes<'a> {
    /// Shapes in order of first appearance.
    pub(super) shapes: Vec<Shape<'a>>,
    /// Classes in order of first appearance.
    pub(super) all: Vec<Class>,
    /// How many templates there are at most.
    pub(super) n_templates: usize,
    /// Per pod its class, or why it is not planned for.
    pub(super) of_pod: Vec<Result<usize, Unschedulable>>,
}
